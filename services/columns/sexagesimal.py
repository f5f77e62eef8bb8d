"""Coordinates written as text: which conversion they need."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ANGLE = re.compile(r"^\s*[+-]?\d{1,3}\s*[:hHdD° ]\s*\d{1,2}\s*[:mM'′ ]\s*\d{1,2}(\.\d*)?\s*[sS\"″]?\s*$")


def angle_format(examples: Sequence[str]) -> str | None:
    """ "sexagesimal" when all examples look like ``10:42:33.1`` or ``10h42m33.1s``, else None."""
    return "sexagesimal" if examples and all(_ANGLE.match(text) for text in examples) else None


def first_numbers(examples: Sequence[str]) -> tuple[int, ...]:
    """Leading numbers of sexagesimal texts, sign dropped: hours or degrees."""
    found = (re.match(r"^\s*[+-]?(\d{1,3})", text) for text in examples)
    return tuple(int(match[1]) for match in found if match)
