"""A value object as plain lists and dictionaries, as JSON takes them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np


def plain_value(value: Any) -> Any:
    """The same numbers without classes: an object becomes a dictionary of its fields, with its class under ``kind``.

    Arrays become lists, those of two dimensions lists of rows. NaN stays NaN: JSON writers turn it into null.
    """
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain_value(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, dict):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain_value(item) for item in value]
    return value
