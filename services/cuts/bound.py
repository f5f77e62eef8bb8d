"""A cut bound to the columns of one table: the form that both engines evaluate.

Logic has three values, as in SQL: a condition on a missing value is neither true nor false, and neither is its
opposite, so the row passes neither ``x > 1`` nor ``not (x > 1)``. Here every ``not`` has been moved inward to the
conditions, where it turns ``<`` into ``>=`` and so on; what is left knows only "passes" and "does not pass".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.cuts.domains import FINITE, Domain, Number, Span
from services.cuts.tree import (
    DZ,
    AllOf,
    AnyOf,
    Between,
    Comparison,
    Cut,
    CutError,
    Difference,
    Leaf,
    Missing,
    Not,
    OneOf,
    Outside,
    TextTest,
    leaves,
)
from services.cuts.writing import written_column

OPPOSITES = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "=": "!=", "!=": "="}
TEXT_TRUTH = {"true": 1, "false": 0}
MOST_COMPUTED = 50
"""Conditions on computed numbers in one cut: each reads two columns anew."""


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
class Derived:
    """Rows with both numbers, and what is computed from them in double precision in a span, but for some values.

    ``scaled``: (first - second) / (1 + second), else first - second. ``first`` and ``second`` are the numbers that
    count. ``allowed``: it is one of these, where there are any. ``inverted``: all other rows, those without one of the
    numbers included.
    """

    first: Within
    second: Within
    scaled: bool = False
    span: Span = FINITE.span
    excluded: tuple[Number, ...] = ()
    allowed: tuple[Number, ...] = ()
    inverted: bool = False


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


BoundLeaf = Within | Among | Derived | TextIs | VectorIs
Bound = BoundLeaf | All | Some


def bound_columns(cut: Bound) -> tuple[str, ...]:
    """Names of the columns a bound cut reads, each once."""
    if isinstance(cut, All | Some):
        return tuple(dict.fromkeys(name for part in cut.parts for name in bound_columns(part)))
    return leaf_columns(cut)


def leaf_columns(leaf: BoundLeaf) -> tuple[str, ...]:
    """Names of the columns a condition reads, each once."""
    if isinstance(leaf, Derived):
        return tuple(dict.fromkeys((leaf.first.column, leaf.second.column)))
    return (leaf.column,)


def bind(
    cut: Cut,
    domains: Mapping[str, Domain],
    aliases: Mapping[str, str] | None = None,
    redshifts: tuple[str, str] | None = None,
) -> Bound:
    """The cut on a table.

    Parameters
    ----------
    domains : mapping
        Column name to the values of it that count; text and vector columns need only their type.
    aliases : mapping, optional
        Other words for columns, such as the role they have; a column of that name comes first.
    redshifts : pair of str, optional
        Columns of the photometric and the spectroscopic redshift, from which ``dz`` is computed.

    Raises
    ------
    CutError
        If a column is not in the table, a value does not fit it, or too much is computed; the message names the place.
    """
    binder = _Binder(domains, aliases or {}, redshifts)
    computed = [leaf for leaf in leaves(cut) if binder.is_computed(leaf)]
    if len(computed) > MOST_COMPUTED:
        what = f"A cut has at most {MOST_COMPUTED} conditions on differences of columns and dz"
        raise _refusal(f'{what}; several values are one condition, as in "a - b in (1, 2)"', computed[MOST_COMPUTED].at)
    return binder.bound(cut, negated=False)


@dataclass(frozen=True, slots=True)
class _Binder:
    domains: Mapping[str, Domain]
    aliases: Mapping[str, str]
    redshifts: tuple[str, str] | None

    def bound(self, cut: Cut, *, negated: bool) -> Bound:
        if isinstance(cut, Not):
            return self.bound(cut.part, negated=not negated)
        if isinstance(cut, AllOf | AnyOf):
            parts = tuple(self.bound(part, negated=negated) for part in cut.parts)
            return All(parts) if isinstance(cut, AllOf) is not negated else Some(parts)
        return self._leaf(cut, negated)

    def _known(self, word: str, at: int) -> tuple[str, Domain]:
        """A column by its name or another word for it, and its values that count."""
        name = word if word in self.domains else self.aliases.get(word, "")
        domain = self.domains.get(name)
        if domain is None:
            raise _refusal(f'There is no column "{word[:100]}" in this table', at)
        return name, domain

    def _present(self, word: str, at: int) -> Within:
        """Rows with a number in a column."""
        name, domain = self._known(word, at)
        if domain.dtype == "string" or domain.dtype.startswith("vector"):
            raise _refusal(f'The column "{name[:100]}" does not hold one number a row, so nothing differs from it', at)
        return Within(name, domain.dtype, domain.span, domain.sentinels)

    def _scaled_error(self, at: int) -> Derived:
        if self.redshifts is None:
            what = '"dz" needs columns of a photometric and a spectroscopic redshift (roles z_phot and redshift)'
            raise _refusal(f"{what} that hold redshifts as they are, without a conversion", at)
        estimate, truth = (self._present(name, at) for name in self.redshifts)
        return Derived(estimate, truth, scaled=True)

    def is_computed(self, leaf: Leaf) -> bool:
        """Whether a condition is on numbers computed from two columns."""
        is_dz = leaf.column == DZ and DZ not in self.domains and DZ not in self.aliases
        return is_dz or isinstance(leaf.column, Difference)

    def _derived(self, leaf: Leaf) -> Derived | None:
        """What a condition on computed numbers reads; None for conditions on columns."""
        if isinstance(leaf.column, Difference):
            return Derived(self._present(leaf.column.first, leaf.at), self._present(leaf.column.second, leaf.at))
        return self._scaled_error(leaf.at) if self.is_computed(leaf) else None

    def _leaf(self, leaf: Leaf, negated: bool) -> Bound:
        derived = self._derived(leaf)
        if derived is not None:
            return _on_numbers(leaf, _Numbers(written_column(leaf.column), FINITE, derived), negated)
        assert isinstance(leaf.column, str)
        name, domain = self._known(leaf.column, leaf.at)
        if isinstance(leaf, TextTest):
            return _test(leaf, name, domain, negated)
        if domain.dtype.startswith("vector"):
            return _on_vectors(leaf, name, negated)
        if domain.dtype == "string":
            return _on_texts(leaf, name, negated)
        return _on_numbers(leaf, _Numbers(name, domain), negated)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers that are compared: those of a column, or with ``derived`` computed from two."""

    name: str
    domain: Domain
    derived: Derived | None = None

    def put(self, span: Span, excluded: tuple[Number, ...], *, inverted: bool = False) -> Bound:
        """The condition that they lie in a span."""
        if self.derived is not None:
            return replace(self.derived, span=span, excluded=excluded, inverted=inverted)
        return Within(self.name, self.domain.dtype, span, excluded, inverted)

    def nothing(self) -> Among:
        """The condition that no row passes."""
        name = self.name if self.derived is None else self.derived.first.column
        return Among(name, self.domain.dtype, ())

    def compared(self, operator: str, value: Number) -> Bound:
        """The condition of one comparison."""
        return self.all_but((value,)) if operator == "!=" else self.inside(self.domain.compared(operator, value))

    def inside(self, span: Span) -> Bound:
        """The condition that they count and lie in a span."""
        return _in_span(self, span, self.domain.sentinels)

    def all_but(self, values: tuple[Number, ...]) -> Bound:
        """The condition that they count and are none of some values."""
        return _in_span(self, self.domain.span, self.domain.without(values).sentinels)

    def among(self, values: tuple[Number, ...]) -> Bound:
        """The condition that they are one of some values."""
        found = (exact for value in values if (exact := self.domain.exact(value)) is not None)
        counted = (one for one in found if self.domain.span.holds(one) and one not in self.domain.sentinels)
        distinct = tuple(dict.fromkeys(counted))
        if self.derived is None or not distinct:
            return Among(self.nothing().column, self.domain.dtype, distinct)
        return replace(self.derived, span=Span(min(distinct), max(distinct), (True, True)), allowed=distinct)

    def beyond(self, *, inverted: bool) -> Bound:
        """The condition that there is a number, and none that counts."""
        both = [_in_span(self, span, self.domain.marks) for span in self.domain.beyond]
        if not inverted:
            return Some(tuple(both))
        left = tuple(replace(one, inverted=True) for one in both if isinstance(one, Within))
        return All(left) if left else self.everything()

    def everything(self) -> Bound:
        """The condition that every row passes."""
        nowhere = Span(0, -1, (True, True))
        return self.put(nowhere, (), inverted=True)


def _in_span(numbers: _Numbers, span: Span, marks: tuple[Number, ...]) -> Bound:
    if span.is_empty:
        return numbers.nothing()
    return numbers.put(span, tuple(mark for mark in marks if span.holds(mark)))


def _test(leaf: TextTest, name: str, domain: Domain, negated: bool) -> Bound:
    found = TextIs(name, f"not {leaf.how}" if negated else leaf.how, (leaf.text,))
    return found if domain.dtype == "string" else All((_Numbers(name, domain).inside(domain.span), found))


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
    if isinstance(leaf, Outside):
        raise _refusal(f'The column "{name[:100]}" holds text and has no range to be outside of', leaf.at)
    if isinstance(leaf, OneOf):
        return TextIs(name, "not in" if negated else "in", tuple(map(text, leaf.values)))
    if isinstance(leaf, Between):
        ends = (text(leaf.low), text(leaf.high))
        if negated:
            return Some((TextIs(name, "<", ends[:1]), TextIs(name, ">", ends[1:])))
        return All((TextIs(name, ">=", ends[:1]), TextIs(name, "<=", ends[1:])))
    assert isinstance(leaf, Comparison)
    return TextIs(name, OPPOSITES[leaf.operator] if negated else leaf.operator, (text(leaf.value),))


def _on_numbers(leaf: Leaf, numbers: _Numbers, negated: bool) -> Bound:
    def number_of(value: Any) -> Number:
        return _number(value, numbers, leaf.at)

    if isinstance(leaf, Missing):
        domain = numbers.domain
        return numbers.put(domain.span, domain.sentinels, inverted=leaf.expected is not negated)
    if isinstance(leaf, Outside):
        return _outside(leaf, numbers, negated)
    if isinstance(leaf, OneOf):
        values = tuple(map(number_of, leaf.values))
        return numbers.all_but(values) if negated else numbers.among(values)
    if isinstance(leaf, Between):
        low, high = number_of(leaf.low), number_of(leaf.high)
        if negated:
            return Some((numbers.compared("<", low), numbers.compared(">", high)))
        return numbers.inside(numbers.domain.compared(">=", low).common(numbers.domain.compared("<=", high)))
    assert isinstance(leaf, Comparison)
    return numbers.compared(OPPOSITES[leaf.operator] if negated else leaf.operator, number_of(leaf.value))


def _outside(leaf: Outside, numbers: _Numbers, negated: bool) -> Bound:
    if numbers.derived is not None:
        raise _refusal(f'"{numbers.name[:100]}" is computed and has no range to be outside of', leaf.at)
    return numbers.beyond(inverted=leaf.expected is negated)


def _number(value: Any, numbers: _Numbers, at: int) -> Number:
    if not isinstance(value, str):
        return value
    dtype, name = numbers.domain.dtype, numbers.name[:100]
    if dtype == "bool" and value.strip().casefold() in TEXT_TRUTH:
        return TEXT_TRUTH[value.strip().casefold()]
    subject = f'The column "{name}" holds' if numbers.derived is None else f'"{name}" gives'
    kind = "true or false" if dtype == "bool" else "numbers"
    what = f"{subject} {kind}, so {value[:40]!r} cannot be compared with it"
    raise _refusal(f"{what}; write a number, without quotes", at)


def _refusal(what: str, at: int) -> CutError:
    return CutError(f"{what} (character {at})." if at else f"{what}.", at)
