"""Which values of a column are there to be compared, in the numbers the column itself can hold.

Everything else is missing: NaN, null, and, where the column has a role, its sentinels and what lies outside the valid
range. Bounds and literals are turned into values of the column's own type here, once, so that both engines compare
exactly: float32 columns as float32 (where 0.38 is what the source wrote as 0.38), integers as integers of any size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

Number = int | float

INTEGER_RANGES = {
    f"{sign}int{bits}": (0, 2**bits - 1) if sign else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    for sign in ("", "u")
    for bits in (8, 16, 32, 64)
} | {"bool": (0, 1)}
"""Smallest and largest number of the types without fractions."""

LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
"""A larger literal is no float32: every finite one lies below it."""


@dataclass(frozen=True, slots=True)
class Span:
    """An interval of numbers; ``closed`` says of each end whether it belongs to it. Integers: both ends do."""

    low: Number
    high: Number
    closed: tuple[bool, bool]

    def holds(self, value: Number) -> bool:
        """Whether a number lies in the interval."""
        above = value > self.low or (self.closed[0] and value == self.low)
        return above and (value < self.high or (self.closed[1] and value == self.high))

    def common(self, other: Span) -> Span:
        """The part that two intervals share."""
        low, low_closed = max((self.low, not self.closed[0]), (other.low, not other.closed[0]))
        high, high_closed = min((self.high, self.closed[1]), (other.high, other.closed[1]))
        return Span(low, high, (not low_closed, high_closed))

    @property
    def is_empty(self) -> bool:
        """Whether no number lies in it."""
        return self.low > self.high or (self.low == self.high and self.closed != (True, True))


@dataclass(frozen=True, slots=True)
class Domain:
    """Values of a column that count: those of ``span`` but ``sentinels``; ``dtype`` is a word of ``TableColumn``.

    ``marks`` are the sentinels that lie beyond the span.
    """

    dtype: str
    span: Span
    sentinels: tuple[Number, ...] = ()
    marks: tuple[Number, ...] = ()

    @property
    def is_integer(self) -> bool:
        """Whether the column holds no fractions."""
        return self.dtype in INTEGER_RANGES

    def exact(self, value: Number) -> Number | None:
        """The value of the column's type that stands for a literal; None where the column cannot hold one."""
        if self.is_integer:
            return int(value) if value == math.floor(value) else None
        if self.dtype == "float32":
            return float(np.float32(value)) if abs(value) <= LARGEST_FLOAT32 else None
        return float(value)

    def compared(self, operator: str, value: Number) -> Span:
        """Values of the domain's span with ``value`` on the other side of an operator other than "!="."""
        if self.is_integer:
            return self.span.common(self._whole(operator, value))
        bound = self.exact(value)
        return self.span.common(_beyond(operator, value) if bound is None else _half_line(operator, float(bound)))

    def _whole(self, operator: str, value: Number) -> Span:
        down, up = math.floor(value), math.ceil(value)
        low, high = self.span.low, self.span.high
        ends = {"<": (low, up - 1), "<=": (low, down), ">": (down + 1, high), ">=": (up, high), "=": (up, down)}
        return Span(ends[operator][0], ends[operator][1], (True, True))

    @property
    def beyond(self) -> tuple[Span, Span]:
        """Numbers below and above the span, infinities left out."""
        low, high, closed = self.span.low, self.span.high, self.span.closed
        if self.is_integer:
            least, most = INTEGER_RANGES[self.dtype]
            return Span(least, low - 1, (True, True)), Span(high + 1, most, (True, True))
        return Span(-math.inf, low, (False, not closed[0])), Span(high, math.inf, (not closed[1], False))

    def without(self, values: Iterable[Number]) -> Domain:
        """The same domain with more values left out."""
        found = (exact for value in values if (exact := self.exact(value)) is not None)
        return replace(self, sentinels=tuple(dict.fromkeys((*self.sentinels, *found))))


def _half_line(operator: str, bound: float) -> Span:
    if operator in ("<", "<="):
        return Span(-math.inf, bound, (True, operator == "<="))
    if operator in (">", ">="):
        return Span(bound, math.inf, (operator == ">=", True))
    return Span(bound, bound, (True, True))


def _beyond(operator: str, value: Number) -> Span:
    """As ``_half_line`` for a literal that only an infinite value reaches."""
    if operator == "=":
        return Span(math.inf, -math.inf, (False, False))
    if (operator in ("<", "<=")) is (value > 0):
        return Span(-math.inf, math.inf, (value > 0, value < 0))
    end = math.copysign(math.inf, value)
    return Span(end, end, (True, True))


FINITE = Domain("float64", Span(-math.inf, math.inf, (False, False)))
"""Finite numbers in double precision: what is computed from columns."""


def every_number(dtype: str) -> Domain:
    """All values of a column but NaN and null, as tables of rows show them: infinities and sentinels too."""
    if dtype in INTEGER_RANGES:
        least, most = INTEGER_RANGES[dtype]
        return Domain(dtype, Span(least, most, (True, True)))
    return Domain(dtype, Span(-math.inf, math.inf, (True, True)))


def valid_numbers(dtype: str, low: float, high: float, sentinels: Iterable[float]) -> Domain:
    """Values with ``low < x < high`` (compared in double precision) that are none of the sentinels."""
    if dtype in INTEGER_RANGES:
        return _valid_integers(dtype, low, high, sentinels)
    if dtype == "float32":
        span = Span(_next_float32(low, down=True), _next_float32(high, down=False), (False, False))
        marks = [float(np.float32(mark)) for mark in sentinels]
    else:
        span, marks = Span(low, high, (False, False)), list(sentinels)
    return _with_marks(dtype, span, marks)


def _with_marks(dtype: str, span: Span, marks: Iterable[Number]) -> Domain:
    known = tuple(marks)
    inside = tuple(mark for mark in known if span.holds(mark))
    return Domain(dtype, span, inside, tuple(mark for mark in known if mark not in inside))


def _valid_integers(dtype: str, low: float, high: float, sentinels: Iterable[float]) -> Domain:
    least, most = INTEGER_RANGES[dtype]
    start = least if low < least else math.floor(low) + 1
    stop = most if high > most else math.ceil(high) - 1
    span = Span(max(start, least), min(stop, most), (True, True))
    marks = (int(mark) for mark in sentinels if mark == math.floor(mark))
    return _with_marks(dtype, span, marks)


def _next_float32(bound: float, *, down: bool) -> float:
    """The float32 at or just outside an open bound: a float32 lies beyond one exactly if beyond the other."""
    near = np.float32(bound)
    if down and float(near) > bound:
        near = np.nextafter(near, np.float32(-np.inf))
    if not down and float(near) < bound:
        near = np.nextafter(near, np.float32(np.inf))
    return float(near)
