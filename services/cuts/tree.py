"""A cut as a tree: what the parser makes of a text, and what is bound to the columns of a table.

``at`` is the place of a condition in the text, counted from 1, for messages; it does not count when trees are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.errors import InvalidInput

Value = int | float | str
"""A number (integers exact) or a text."""

DZ = "dz"
"""Word for (z_phot - z_spec) / (1 + z_spec) of a row, in tables whose roles name both and have no column called so."""

COMPARISONS = ("<=", ">=", "!=", "<", ">", "=")
MOST_CHARACTERS = 4000
"""Longest text of a cut: it travels in an address."""
DEEPEST = 40
"""Parentheses and ``not`` inside one another."""


class CutError(InvalidInput):
    """A cut that cannot be understood, or does not fit the table; ``at`` is the place, counted from 1."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message, field="cut")
        self.at = at


@dataclass(frozen=True, slots=True)
class Difference:
    """``first - second``: what two columns of numbers differ by, such as a colour."""

    first: str
    second: str


Column = str | Difference
"""What a condition looks at: the name of a column, or a word that stands for one, or a difference of two."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``column operator value``, the operator one of COMPARISONS."""

    column: Column
    operator: str
    value: Value
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """``column between low and high``, both ends included."""

    column: Column
    low: Value
    high: Value
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class OneOf:
    """``column in (value, ...)``."""

    column: Column
    values: tuple[Value, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """``column is missing``, or ``is not missing``; a missing value passes only this and ``Outside``."""

    column: Column
    expected: bool = True
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Outside:
    """``column is outside``, or ``is not outside``: a number is there, yet none that its role can have."""

    column: Column
    expected: bool = True
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TextTest:
    """Whether a text contains, starts_with or ends_with another, in any case. For tables on pages; never written."""

    column: Column
    how: str
    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """``not part``."""

    part: Cut


@dataclass(frozen=True, slots=True)
class AllOf:
    """``part and part ...``, at least two."""

    parts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """``part or part ...``, at least two."""

    parts: tuple[Cut, ...]


Leaf = Comparison | Between | OneOf | Missing | Outside | TextTest
Cut = Leaf | Not | AllOf | AnyOf


def leaves(cut: Cut) -> Iterator[Leaf]:
    """Conditions, in the order of the text."""
    if isinstance(cut, Not):
        yield from leaves(cut.part)
    elif isinstance(cut, AllOf | AnyOf):
        for part in cut.parts:
            yield from leaves(part)
    else:
        yield cut


def columns_of(cut: Cut) -> tuple[str, ...]:
    """Names of the columns a cut looks at, each once."""
    return tuple(dict.fromkeys(name for leaf in leaves(cut) for name in names_in(leaf.column)))


def names_in(column: Column) -> tuple[str, ...]:
    """The names that a condition is about: one, or both of a difference."""
    return (column.first, column.second) if isinstance(column, Difference) else (column,)


def joined(cuts: tuple[Cut, ...]) -> Cut | None:
    """Rows that pass all of several cuts; None when there is none."""
    parts = tuple(part for cut in cuts for part in (cut.parts if isinstance(cut, AllOf) else (cut,)))
    return None if not parts else parts[0] if len(parts) == 1 else AllOf(parts)
