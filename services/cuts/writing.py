"""Tree to text: what ``parse_cut`` reads back as the same tree."""

from __future__ import annotations

from services.cuts.tree import (
    AllOf,
    AnyOf,
    Between,
    Column,
    Comparison,
    Cut,
    Missing,
    Not,
    OneOf,
    Outside,
    Value,
    names_in,
)
from services.cuts.words import KEYWORDS, NAME


def written(cut: Cut) -> str:
    """The cut as a person would write it.

    Raises
    ------
    ValueError
        If it holds a test of text, which the language does not have.
    """
    if isinstance(cut, AnyOf):
        return " or ".join(_inside(part, AnyOf) for part in cut.parts)
    if isinstance(cut, AllOf):
        return " and ".join(_inside(part, AnyOf | AllOf) for part in cut.parts)
    if isinstance(cut, Not):
        return f"not {_inside(cut.part, AnyOf | AllOf)}"
    return _condition(cut)


def _inside(part: Cut, loose: type | object) -> str:
    """A part, in parentheses where it would fall apart without them."""
    text = written(part)
    return f"({text})" if isinstance(part, loose) else text  # type: ignore[arg-type]


def _condition(cut: Cut) -> str:
    match cut:
        case Comparison(column, operator, value):
            return f"{written_column(column)} {operator} {_value(value)}"
        case Between(column, low, high):
            return f"{written_column(column)} between {_value(low)} and {_value(high)}"
        case OneOf(column, values):
            return f"{written_column(column)} in ({', '.join(map(_value, values))})"
        case Missing(column, expected):
            return f"{written_column(column)} is {'' if expected else 'not '}missing"
        case Outside(column, expected):
            return f"{written_column(column)} is {'' if expected else 'not '}outside"
    raise ValueError("a test of text has no written form")


def written_column(column: Column) -> str:
    """What a condition is about: a name, or two with a minus between."""
    return " - ".join(map(name, names_in(column)))


def name(column: str) -> str:
    """A column name, in double quotes where it needs them."""
    if NAME.fullmatch(column) and column.lower() not in KEYWORDS:
        return column
    doubled = column.replace('"', '""')
    return f'"{doubled}"'


def _value(value: Value) -> str:
    if isinstance(value, str):
        doubled = value.replace("'", "''")
        return f"'{doubled}'"
    return repr(value)
