"""A cut as a list of conditions joined by "and", as pages show it: take one out, set the range of a column."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.cuts.tree import AllOf, AnyOf, Between, Column, Comparison, Cut, OneOf, Value, joined
from services.cuts.writing import written_column

Range = tuple[int | float | None, int | float | None]
"""Smallest and largest value, both included; None where an end is open."""

OPEN: Range = (None, None)
TURN_DEG = 360.0


@dataclass(frozen=True, slots=True)
class RangeWord:
    """A column whose range can be set: ``word`` stands for it in a cut, ``statistic`` is the plot along it, if any.

    It may be a difference of two columns. ``names`` are all words that mean the same; ``turns`` says that its values
    are angles that begin again at 360.
    """

    statistic: str
    title: str
    word: Column
    names: tuple[Column, ...]
    turns: bool = False

    @property
    def text(self) -> str:
        """The word outside a cut, in fields and in attributes of a page: names stand as they are."""
        return self.word if isinstance(self.word, str) else written_column(self.word)


def parts_of(cut: Cut | None) -> tuple[Cut, ...]:
    """Conditions that must all hold; none when there is no cut."""
    if cut is None:
        return ()
    return cut.parts if isinstance(cut, AllOf) else (cut,)


def without_part(cut: Cut | None, place: int) -> Cut | None:
    """The cut without one of its parts, counted from 0; unchanged where there is no such part."""
    return joined(tuple(part for at, part in enumerate(parts_of(cut)) if at != place))


def range_of(cut: Cut | None, names: Collection[Column]) -> Range:
    """Range that the parts of a cut set to a column, in any of its names; of ends given several times the tightest."""
    found = [ends for part in parts_of(cut) if (ends := _ends(part, names)) is not None]
    lows = [low for low, _ in found if low is not None]
    highs = [high for _, high in found if high is not None]
    return max(lows, default=None), min(highs, default=None)


def with_range(cut: Cut | None, column: RangeWord, wanted: Range) -> Cut | None:
    """The cut with this range of a column in the place of those it had; an open range takes them away."""
    new = _condition(column, wanted)
    return with_limits(cut, column, () if new is None else (new,))


def with_limits(cut: Cut | None, column: RangeWord, new: tuple[Cut, ...]) -> Cut | None:
    """The cut with these conditions in the place of those that set a range of the column."""
    return _replaced(cut, [sets_range(part, column.names) for part in parts_of(cut)], new)


def values_of(cut: Cut | None, names: Collection[Column]) -> tuple[Value, ...]:
    """Values that a cut lets a column have, in the order of the cut; none when it names none."""
    return next((found for part in parts_of(cut) if (found := _listed(part, names))), ())


def with_values(cut: Cut | None, column: RangeWord, values: tuple[Value, ...]) -> Cut | None:
    """The cut with these values of a column in the place of those it named; no value takes them away."""
    new: tuple[Cut, ...] = (OneOf(column.word, values),) if values else ()
    if len(values) == 1:
        new = (Comparison(column.word, "=", values[0]),)
    return _replaced(cut, [bool(_listed(part, column.names)) for part in parts_of(cut)], new)


def with_value_changed(cut: Cut | None, column: RangeWord, value: Value) -> Cut | None:
    """The cut with one value more among those of the column, or without it when it was one of them."""
    before = values_of(cut, column.names)
    others = tuple(one for one in before if one != value)
    return with_values(cut, column, others if len(others) < len(before) else (*before, value))


def sets_range(part: Cut, names: Collection[Column]) -> bool:
    """Whether a part limits a column to one range, which may be a range of angles across 0."""
    if isinstance(part, AnyOf):
        return len(part.parts) == 2 and all(_ends(one, names) is not None for one in part.parts)
    return _ends(part, names) is not None


def _replaced(cut: Cut | None, is_old: list[bool], new: tuple[Cut, ...]) -> Cut | None:
    """New parts where the first old one stood, or at the end."""
    parts = parts_of(cut)
    at = is_old.index(True) if True in is_old else len(parts)
    kept = [part for part, old in zip(parts, is_old, strict=True) if not old]
    return joined((*kept[:at], *new, *kept[at:]))


def _condition(column: RangeWord, wanted: Range) -> Cut | None:
    low, high = wanted
    if low is not None and high is not None:
        return _between(column, min(low, high), max(low, high))
    if low is not None:
        return Comparison(column.word, ">=", low)
    return None if high is None else Comparison(column.word, "<=", high)


def _between(column: RangeWord, low: int | float, high: int | float) -> Cut | None:
    """A range; angles that run on past a full turn begin again at 0, and a whole turn is no limit."""
    if not column.turns or (low >= 0 and high <= TURN_DEG):
        return Between(column.word, low, high)
    if high - low >= TURN_DEG:
        return None
    low, high = (round(end % TURN_DEG, 10) for end in (low, high))
    if low <= high:
        return Between(column.word, low, high)
    return AnyOf((Comparison(column.word, ">=", low), Comparison(column.word, "<=", high)))


def _listed(part: Cut, names: Collection[Column]) -> tuple[Value, ...]:
    """Values that a part names for a column."""
    match part:
        case OneOf(column, values) if column in names:
            return values
        case Comparison(column, "=", value) if column in names:
            return (value,)
    return ()


def _ends(part: Cut, names: Collection[Column]) -> Range | None:
    """Ends that a part sets to a column; None for conditions of other kinds and on other columns."""
    match part:
        case Between(column, int() | float() as low, int() | float() as high) if column in names:
            return low, high
        case Comparison(column, ">=" | ">", int() | float() as low) if column in names:
            return low, None
        case Comparison(column, "<=" | "<", int() | float() as high) if column in names:
            return None, high
    return None
