"""Answers of the server with arrays in place of lists of numbers."""

from __future__ import annotations

from typing import Any


def arrays(value: Any) -> Any:
    """The same with arrays in place of lists of numbers, NaN where there is none."""
    if isinstance(value, dict):
        return {name: arrays(item) for name, item in value.items()}
    if not isinstance(value, list):
        return value
    if value and all(_is_numeric(item) for item in value):
        import numpy as np

        return np.array([np.nan if item is None else item for item in value])
    items = [arrays(item) for item in value]
    return _stacked(items) if items and all(isinstance(item, list) for item in value) else items


def _is_numeric(item: Any) -> bool:
    return item is None or (isinstance(item, int | float) and not isinstance(item, bool))


def _stacked(rows: list[Any]) -> Any:
    """Rows of one length as an array of two dimensions; others as they are."""
    import numpy as np

    is_regular = all(isinstance(row, np.ndarray) for row in rows) and len({row.shape for row in rows}) == 1
    return np.stack(rows) if is_regular else rows
