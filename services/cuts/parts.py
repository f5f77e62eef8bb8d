"""A cut as a list of conditions joined by "and", as pages show it: take one out, set the range of a column."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.cuts.tree import AllOf, Between, Comparison, Cut, joined

Range = tuple[int | float | None, int | float | None]
"""Smallest and largest value, both included; None where an end is open."""

OPEN: Range = (None, None)


@dataclass(frozen=True, slots=True)
class RangeWord:
    """A column whose range can be set: ``word`` stands for it in a cut, ``statistic`` is the plot along it.

    ``names`` are all words that mean this column.
    """

    statistic: str
    title: str
    word: str
    names: tuple[str, ...]


def parts_of(cut: Cut | None) -> tuple[Cut, ...]:
    """Conditions that must all hold; none when there is no cut."""
    if cut is None:
        return ()
    return cut.parts if isinstance(cut, AllOf) else (cut,)


def without_part(cut: Cut | None, place: int) -> Cut | None:
    """The cut without one of its parts, counted from 0; unchanged where there is no such part."""
    return joined(tuple(part for at, part in enumerate(parts_of(cut)) if at != place))


def range_of(cut: Cut | None, names: Collection[str]) -> Range:
    """Range that the parts of a cut set to a column, in any of its names."""
    found = [ends for part in parts_of(cut) if (ends := _ends(part, names)) is not None]
    lows = [low for low, _ in found if low is not None]
    highs = [high for _, high in found if high is not None]
    return max(lows, default=None), min(highs, default=None)


def with_range(cut: Cut | None, column: RangeWord, wanted: Range) -> Cut | None:
    """The cut with this range of a column in the place of those it had; an open range takes them away."""
    parts = parts_of(cut)
    places = [place for place, part in enumerate(parts) if _ends(part, column.names) is not None]
    at = places[0] if places else len(parts)
    before = [part for place, part in enumerate(parts) if place not in places and place < at]
    after = [part for place, part in enumerate(parts) if place not in places and place >= at]
    new = _condition(column.word, wanted)
    return joined((*before, *([] if new is None else [new]), *after))


def _condition(word: str, wanted: Range) -> Cut | None:
    low, high = wanted
    if low is not None and high is not None:
        return Between(word, min(low, high), max(low, high))
    if low is not None:
        return Comparison(word, ">=", low)
    return None if high is None else Comparison(word, "<=", high)


def _ends(part: Cut, names: Collection[str]) -> Range | None:
    """Ends that a part sets to a column; None for conditions of other kinds and on other columns."""
    match part:
        case Between(column, int() | float() as low, int() | float() as high) if column in names:
            return low, high
        case Comparison(column, ">=", int() | float() as low) if column in names:
            return low, None
        case Comparison(column, "<=", int() | float() as high) if column in names:
            return None, high
    return None
