"""What checks are made of: rows that meet a condition, limits on their share, a sentence about them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.models.quality import Level, QualityCheck
from services.models.roles import RoleMap
from services.statistics.canonical import CanonicalTable, Wanted
from services.statistics.measured import Measured
from services.statistics.transforms import transformed

N_EXAMPLES = 5

Numbers = NDArray[np.floating[Any]]
Condition = Callable[..., NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Subject:
    """The table under check and what its columns mean."""

    table: CanonicalTable
    roles: RoleMap
    product_type: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares of rows above which a finding warns, and above which it is serious; None: never."""

    warn: float | None
    serious: float | None = None

    def level(self, fraction: float) -> Level:
        """Level of a share of rows."""
        if self.serious is not None and fraction > self.serious:
            return Level.SERIOUS
        return Level.WARN if self.warn is not None and fraction > self.warn else Level.OK


@dataclass(slots=True)
class Flagged:
    """Rows that meet a condition: how many, and the numbers of the first, from 1."""

    count: int = 0
    rows: list[int] = field(default_factory=list)

    def add(self, first_row: int, meets: NDArray[np.bool_]) -> None:
        """Take in the rows from ``first_row`` (from 0) on."""
        self.count += int(np.count_nonzero(meets))
        found = np.flatnonzero(meets)[:N_EXAMPLES] + first_row + 1
        self.rows = heapq.nsmallest(N_EXAMPLES, [*self.rows, *found.tolist()])


def flagged(table: CanonicalTable, wanted: Sequence[Wanted], condition: Condition) -> Flagged:
    """Rows of a table that meet a condition on the numbers of some columns, over all rows."""

    def step(state: Flagged, first_row: int, arrays: list[pa.Array]) -> None:
        numbers = [transformed(values, transform) for values, (_, transform) in zip(arrays, wanted, strict=True)]
        state.add(first_row, condition(*numbers))

    parts = table.walked([name for name, _ in wanted], Flagged, step)
    rows = heapq.nsmallest(N_EXAMPLES, [row for part in parts for row in part.rows])
    return Flagged(sum(part.count for part in parts), rows)


def flagged_in(table: CanonicalTable, measured: Measured, condition: Condition) -> Flagged:
    """The same for one quantity."""
    return flagged(table, ((measured.column, measured.transform),), condition)


def finding(
    name: str, column: str, found: Flagged, n_looked_at: int, limits: Limits, words: str, advice: str
) -> QualityCheck:
    """Check result from flagged rows; ``words`` say what the rows are, as in "have no redshift"."""
    fraction = found.count / n_looked_at if n_looked_at else 0.0
    level = limits.level(fraction)
    share = f" ({fraction:.2%})" if found.count else ""
    message = f"{found.count:,} of {n_looked_at:,} rows {words}{share}."
    return QualityCheck(name, column, level, found.count, fraction, tuple(found.rows), message, _when(level, advice))


def note(name: str, column: str, level: Level, message: str, advice: str = "", count: int = 0) -> QualityCheck:
    """Check result about a table as a whole."""
    return QualityCheck(name, column, level, count, 0.0, (), message, _when(level, advice))


def _when(level: Level, advice: str) -> str:
    return "" if level is Level.OK else advice


def is_marked(values: Numbers, measured: Measured) -> NDArray[np.bool_]:
    """Missing values and sentinels of a quantity."""
    wide = values.astype(np.float64)
    marks: NDArray[np.bool_] = ~np.isfinite(wide) | np.isin(wide, measured.quantity.sentinels_as(values.dtype))
    return marks


def is_outside(values: Numbers, measured: Measured) -> NDArray[np.bool_]:
    """Values that are there, and beyond the valid range of the quantity."""
    wide = values.astype(np.float64)
    outside: NDArray[np.bool_] = ~((wide > measured.quantity.low) & (wide < measured.quantity.high))
    return outside & ~is_marked(values, measured)
