"""A cut bound to the columns of one table: the form that both engines evaluate.

Logic has three values, as in SQL: a condition on a missing value is neither true nor false, and neither is its
opposite, so the row passes neither ``x > 1`` nor ``not (x > 1)``. Here every ``not`` has been moved inward to the
conditions, where it turns ``<`` into ``>=`` and so on; what is left knows only "passes" and "does not pass".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.cuts.domains import Domain, Number, Span
from services.cuts.tree import AllOf, AnyOf, Between, Comparison, Cut, CutError, Leaf, Missing, Not, OneOf, TextTest

OPPOSITES = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "=": "!=", "!=": "="}
TEXT_TRUTH = {"true": 1, "false": 0}


@dataclass(frozen=True, slots=True)
class Within:
    """Numbers of a column in a span, but for some; ``inverted``: all other rows, those without a value included."""

    column: str
    dtype: str
    span: Span
    excluded: tuple[Number, ...] = ()
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Among:
    """Numbers of a column that are one of ``values``; none passes when there are no values."""

    column: str
    dtype: str
    values: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class TextIs:
    """Texts of a column. ``how``: a comparison, "in", "not in", "missing", "present", a test with or without "not"."""

    column: str
    how: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VectorIs:
    """Rows of a vector column all of whose numbers are NaN (``missing``), or the others."""

    column: str
    missing: bool


@dataclass(frozen=True, slots=True)
class All:
    """Rows that pass every part."""

    parts: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Rows that pass at least one part."""

    parts: tuple[Bound, ...]


BoundLeaf = Within | Among | TextIs | VectorIs
Bound = BoundLeaf | All | Some


def bound_columns(cut: Bound) -> tuple[str, ...]:
    """Names of the columns a bound cut reads, each once."""
    if isinstance(cut, All | Some):
        return tuple(dict.fromkeys(name for part in cut.parts for name in bound_columns(part)))
    return (cut.column,)


def bind(cut: Cut, domains: Mapping[str, Domain], aliases: Mapping[str, str] | None = None) -> Bound:
    """The cut on a table.

    Parameters
    ----------
    domains : mapping
        Column name to the values of it that count; text and vector columns need only their type.
    aliases : mapping, optional
        Other words for columns, such as the role they have; a column of that name comes first.

    Raises
    ------
    CutError
        If a column is not in the table, or a value does not fit it; the message names the place.
    """
    return _Binder(domains, aliases or {}).bound(cut, negated=False)


@dataclass(frozen=True, slots=True)
class _Binder:
    domains: Mapping[str, Domain]
    aliases: Mapping[str, str]

    def bound(self, cut: Cut, *, negated: bool) -> Bound:
        if isinstance(cut, Not):
            return self.bound(cut.part, negated=not negated)
        if isinstance(cut, AllOf | AnyOf):
            parts = tuple(self.bound(part, negated=negated) for part in cut.parts)
            return All(parts) if isinstance(cut, AllOf) is not negated else Some(parts)
        return self._leaf(cut, negated)

    def _leaf(self, leaf: Leaf, negated: bool) -> Bound:
        name = leaf.column if leaf.column in self.domains else self.aliases.get(leaf.column, "")
        domain = self.domains.get(name)
        if domain is None:
            raise _refusal(f'There is no column "{leaf.column[:100]}" in this table', leaf.at)
        if isinstance(leaf, TextTest):
            return _test(leaf, name, domain, negated)
        if domain.dtype.startswith("vector"):
            return _on_vectors(leaf, name, negated)
        if domain.dtype == "string":
            return _on_texts(leaf, name, negated)
        return _on_numbers(leaf, name, domain, negated)


def _test(leaf: TextTest, name: str, domain: Domain, negated: bool) -> Bound:
    found = TextIs(name, f"not {leaf.how}" if negated else leaf.how, (leaf.text,))
    return found if domain.dtype == "string" else All((_in_span(name, domain, domain.span), found))


def _on_vectors(leaf: Leaf, name: str, negated: bool) -> Bound:
    if isinstance(leaf, Missing):
        return VectorIs(name, leaf.expected is not negated)
    raise _refusal(f'The column "{name[:100]}" holds several numbers a row and cannot be compared', leaf.at)


def _on_texts(leaf: Leaf, name: str, negated: bool) -> Bound:
    def text(value: Any) -> str:
        if isinstance(value, str):
            return value
        what = f'The column "{name[:100]}" holds text, so its values are written in quotes'
        raise _refusal(f"{what}, as in '{value}'", leaf.at)

    if isinstance(leaf, Missing):
        return TextIs(name, "missing" if leaf.expected is not negated else "present")
    if isinstance(leaf, OneOf):
        return TextIs(name, "not in" if negated else "in", tuple(map(text, leaf.values)))
    if isinstance(leaf, Between):
        ends = (text(leaf.low), text(leaf.high))
        if negated:
            return Some((TextIs(name, "<", ends[:1]), TextIs(name, ">", ends[1:])))
        return All((TextIs(name, ">=", ends[:1]), TextIs(name, "<=", ends[1:])))
    assert isinstance(leaf, Comparison)
    return TextIs(name, OPPOSITES[leaf.operator] if negated else leaf.operator, (text(leaf.value),))


def _on_numbers(leaf: Leaf, name: str, domain: Domain, negated: bool) -> Bound:
    def number_of(value: Any) -> Number:
        return _number(value, name, domain, leaf.at)

    if isinstance(leaf, Missing):
        return Within(name, domain.dtype, domain.span, domain.sentinels, inverted=leaf.expected is not negated)
    if isinstance(leaf, OneOf):
        values = tuple(map(number_of, leaf.values))
        return _all_but(name, domain, values) if negated else _among(name, domain, values)
    if isinstance(leaf, Between):
        low, high = number_of(leaf.low), number_of(leaf.high)
        if negated:
            return Some((_within(name, domain, "<", low), _within(name, domain, ">", high)))
        return _in_span(name, domain, domain.compared(">=", low).common(domain.compared("<=", high)))
    assert isinstance(leaf, Comparison)
    operator = OPPOSITES[leaf.operator] if negated else leaf.operator
    value = number_of(leaf.value)
    if operator == "!=":
        return _all_but(name, domain, (value,))
    return _within(name, domain, operator, value)


def _number(value: Any, name: str, domain: Domain, at: int) -> Number:
    if not isinstance(value, str):
        return value
    if domain.dtype == "bool" and value.strip().casefold() in TEXT_TRUTH:
        return TEXT_TRUTH[value.strip().casefold()]
    kind = "true or false" if domain.dtype == "bool" else "numbers"
    what = f'The column "{name[:100]}" holds {kind}, so {value[:40]!r} cannot be compared with it'
    raise _refusal(f"{what}; write a number, without quotes", at)


def _refusal(what: str, at: int) -> CutError:
    return CutError(f"{what} (character {at})." if at else f"{what}.", at)


def _within(name: str, domain: Domain, operator: str, value: Number) -> Bound:
    return _in_span(name, domain, domain.compared(operator, value))


def _in_span(name: str, domain: Domain, span: Span) -> Bound:
    if span.is_empty:
        return Among(name, domain.dtype, ())
    excluded = tuple(mark for mark in domain.sentinels if span.holds(mark))
    return Within(name, domain.dtype, span, excluded)


def _all_but(name: str, domain: Domain, values: tuple[Number, ...]) -> Bound:
    return _in_span(name, domain.without(values), domain.span)


def _among(name: str, domain: Domain, values: tuple[Number, ...]) -> Bound:
    found = (exact for value in values if (exact := domain.exact(value)) is not None)
    counted = (value for value in found if domain.span.holds(value) and value not in domain.sentinels)
    return Among(name, domain.dtype, tuple(dict.fromkeys(counted)))
