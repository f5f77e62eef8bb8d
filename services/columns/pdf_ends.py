"""Redshifts between which the numbers of PDFs are spread evenly, by the word of the owner.

They are the conversion of the column that has the role ``pdf``, written ``grid:first:last``.
"""

from __future__ import annotations

import math

from services.errors import InvalidInput

WIDEST = (-1.0, 100.0)
"""What the first and the last redshift may be."""
_PREFIX = "grid"


def grid_transform(first: float | None, last: float | None) -> str:
    """Conversion of a column of PDFs whose numbers begin and end at these redshifts.

    Raises
    ------
    InvalidInput
        If they do not rise, or can be no redshifts.
    """
    low, high = WIDEST
    if first is None or last is None or not (math.isfinite(first) and math.isfinite(last)):
        raise InvalidInput("Give the redshift of the first and of the last number of a PDF.", field="transform")
    if not (low <= first < last <= high):
        words = f"The redshifts of a PDF rise, and lie between {low:g} and {high:g}."
        raise InvalidInput(words, field="transform")
    return f"{_PREFIX}:{first:.7g}:{last:.7g}"


def grid_ends(transform: str) -> tuple[float, float] | None:
    """First and last redshift that a conversion states; None when it states none."""
    prefix, *words = transform.split(":")
    if prefix != _PREFIX or len(words) != 2:
        return None
    try:
        first, last = (float(word) for word in words)
    except ValueError:
        return None
    return (first, last) if WIDEST[0] <= first < last <= WIDEST[1] else None
