"""A bound cut as a condition for DuckDB: values are bound to ``?``, never pasted; columns come as safe identifiers.

NaN is no number to us but one to DuckDB, where it is larger than everything: every span has an upper end, which NaN
fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.cuts.bound import All, Among, Bound, Derived, Some, TextIs, VectorIs, Within
from services.cuts.domains import Number, Span

_TESTS = {"contains": "contains", "starts_with": "starts_with", "ends_with": "ends_with"}
_COMPARED = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "=", "!=": "<>"}

Identifier = Callable[[str], str]
"""Gives the SQL identifier of a column by its name."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL with its bound values; true for the rows that pass, false or null for the others."""

    sql: str
    values: tuple[Any, ...] = ()


def condition(cut: Bound, identifier: Identifier) -> Condition:
    """SQL of a bound cut."""
    match cut:
        case All(parts):
            return _joined(" AND ", parts, identifier)
        case Some(parts):
            return _joined(" OR ", parts, identifier)
        case Within():
            return _within(cut, identifier(cut.column))
        case Among():
            return _listed(identifier(cut.column), "IN", cut.dtype, cut.values)
        case Derived():
            return _derived(cut, identifier)
        case TextIs():
            return _text(cut, identifier(cut.column))
        case VectorIs(column, missing):
            numbers = f"len(list_filter({identifier(column)}, lambda x: NOT isnan(x)))"
            return Condition(f"{numbers} {'=' if missing else '>'} 0")


def _joined(word: str, parts: Sequence[Bound], identifier: Identifier) -> Condition:
    found = [condition(part, identifier) for part in parts]
    return Condition(f"({word.join(one.sql for one in found)})", tuple(value for one in found for value in one.values))


def _within(cut: Within, column: str) -> Condition:
    inside = _inside(_own(column, cut.dtype), cut.span, _slot(cut.dtype))
    if cut.excluded:
        inside = _both(inside, _listed(column, "NOT IN", cut.dtype, cut.excluded))
    return _finished(inside, inverted=cut.inverted)


def _derived(cut: Derived, identifier: Identifier) -> Condition:
    """Both numbers are there, and what is computed from them lies in the span."""
    first, second = (f"CAST({identifier(one.column)} AS DOUBLE)" for one in (cut.first, cut.second))
    value = f"({first} - {second})" + (f" / (1 + {second})" if cut.scaled else "")
    present = _joined(" AND ", (cut.first, cut.second), identifier)
    inside = _both(present, _inside(value, cut.span, "?"))
    for word, values in (("NOT IN", cut.excluded), ("IN", cut.allowed)):
        if values:
            slots = ", ".join("?" * len(values))
            inside = _both(inside, Condition(f"{value} {word} ({slots})", values))
    return _finished(inside, inverted=cut.inverted)


def _inside(value: str, span: Span, slot: str) -> Condition:
    above, under = (">=" if span.closed[0] else ">"), ("<=" if span.closed[1] else "<")
    return Condition(f"{value} {above} {slot} AND {value} {under} {slot}", (span.low, span.high))


def _both(one: Condition, other: Condition) -> Condition:
    return Condition(f"{one.sql} AND {other.sql}", (*one.values, *other.values))


def _finished(inside: Condition, *, inverted: bool) -> Condition:
    return Condition(f"NOT coalesce({inside.sql}, FALSE)" if inverted else f"({inside.sql})", inside.values)


def _listed(column: str, word: str, dtype: str, values: Sequence[Number]) -> Condition:
    if not values:
        return Condition("FALSE")
    slots = ", ".join([_slot(dtype)] * len(values))
    return Condition(f"{_own(column, dtype)} {word} ({slots})", tuple(values))


def _own(column: str, dtype: str) -> str:
    return f"CAST({column} AS TINYINT)" if dtype == "bool" else column


def _slot(dtype: str) -> str:
    """Place of a bound number. Those of a float32 column are float32: said so, statistics of the file can help."""
    return "CAST(? AS FLOAT)" if dtype == "float32" else "?"


def _text(cut: TextIs, column: str) -> Condition:
    if cut.how in ("missing", "present"):
        return Condition(f"{column} IS {'NOT ' if cut.how == 'present' else ''}NULL")
    if cut.how in ("in", "not in"):
        return Condition(f"{column} {cut.how.upper()} ({', '.join('?' * len(cut.values))})", cut.values)
    if cut.how in _COMPARED:
        return Condition(f"{column} {_COMPARED[cut.how]} ?", cut.values)
    test = cut.how.removeprefix("not ")
    inside = f"{_TESTS[test]}(lower(CAST({column} AS VARCHAR)), lower(?))"
    return Condition(f"NOT {inside}" if test != cut.how else inside, cut.values)
