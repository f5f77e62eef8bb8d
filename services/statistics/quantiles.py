"""Summaries and exact quantiles of a column in bounded memory.

A quantile of n values needs values by rank. Pass one finds minimum and maximum, pass two counts values in fine equal
cells, pass three copies only the values of the cells that hold the wanted ranks, which are then sorted. A cell that
holds too many values is divided again. Memory is that of one chunk plus ``SELECT_AT_MOST`` values, for any number of
rows, and the result is exact: numpy's "linear" definition on the values as doubles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.statistics.canonical import CanonicalTable
from services.statistics.kernels import cell_extents, collect_cells, fine_histogram
from services.statistics.moment_kernel import summarise
from services.statistics.validity import ANY, Quantity

Numbers = NDArray[np.floating[Any]]
MakeChunks = Callable[[], Iterator[Numbers]]
"""Starts a new walk over the chunks of one column."""

SPARK_BINS = 20
CELLS = SPARK_BINS * 512
SELECT_AT_MOST = 2**20
"""Values copied at once while selecting by rank (8 MiB)."""

QUARTILES = (0.25, 0.5, 0.75)
BULK = (0.0005, 0.9995)
"""Range of a density map: one row in a thousand may lie outside, so that a single outlier does not empty the map."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One column in numbers: over the values that count for its quantity. NaN where there is none.

    ``n_finite`` counts finite values, ``n_sentinel`` sentinels among them, ``n_used`` those that count. ``std`` is
    about the mean with ddof 0. ``sparkline`` counts in 20 equal bins between min and max.
    """

    n_rows: int
    n_finite: int
    n_sentinel: int
    n_used: int
    min: float = math.nan
    max: float = math.nan
    mean: float = math.nan
    std: float = math.nan
    q25: float = math.nan
    median: float = math.nan
    q75: float = math.nan
    bulk: tuple[float, float] = (math.nan, math.nan)
    sparkline: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    """A column to walk over and the rule for its values."""

    chunks: MakeChunks
    quantity: Quantity

    def walk(self) -> Iterator[tuple[Numbers, NDArray[Any]]]:
        for values in self.chunks():
            yield values, self.quantity.sentinels_as(values.dtype)

    @property
    def limits(self) -> tuple[float, float]:
        return self.quantity.low, self.quantity.high


def column_summary(table: CanonicalTable, name: str, quantity: Quantity = ANY, transform: str = "") -> Summary:
    """Summary of one column of a table, computed once per open table."""
    key = ("summary", name, transform, quantity.name)
    if key not in table.memo:
        table.memo[key] = summary_of(lambda: table.chunks(name, transform), quantity)
    found: Summary = table.memo[key]
    return found


def summary_of(chunks: MakeChunks, quantity: Quantity = ANY) -> Summary:
    """Summary of any column that can be walked over several times."""
    column = _Column(chunks, quantity)
    bare = _moments(column)
    if bare.n_used == 0:
        return bare
    cells = _Cells.over(column, bare.min, bare.max)
    middle = {(bare.n_used - 1) // 2, bare.n_used // 2}
    by_rank = _by_rank(cells, sorted(middle | _ranks(bare.n_used, (*QUARTILES, *BULK))))
    values = _quantiles(by_rank, bare.n_used, (*QUARTILES, *BULK))
    return Summary(
        n_rows=bare.n_rows,
        n_finite=bare.n_finite,
        n_sentinel=bare.n_sentinel,
        n_used=bare.n_used,
        min=bare.min,
        max=bare.max,
        mean=bare.mean,
        std=bare.std,
        q25=values[0],
        median=sum(by_rank[rank] for rank in middle) / len(middle),
        q75=values[2],
        bulk=(values[3], values[4]),
        sparkline=cells.sparkline(),
    )


def quantiles_of(chunks: MakeChunks, fractions: Sequence[float], quantity: Quantity = ANY) -> tuple[float, ...]:
    """Exact quantiles of a column (numpy "linear"); NaN when no value counts."""
    column = _Column(chunks, quantity)
    bare = _moments(column)
    if bare.n_used == 0:
        return (math.nan,) * len(fractions)
    cells = _Cells.over(column, bare.min, bare.max)
    return _quantiles(_by_rank(cells, sorted(_ranks(bare.n_used, fractions))), bare.n_used, fractions)


def _moments(column: _Column) -> Summary:
    """Counts, extremes, mean and deviation; chunks merged as Chan, Golub & LeVeque (1983) do."""
    n_rows = n_finite = n_sentinel = n_used = 0
    least, most, mean, squares = math.inf, -math.inf, 0.0, 0.0
    for values, sentinels in column.walk():
        finite, marked, used, low, high, chunk_mean, chunk_squares = summarise(values, *column.limits, sentinels)
        n_rows, n_finite, n_sentinel = n_rows + values.size, n_finite + finite, n_sentinel + marked
        if used:
            shift = chunk_mean - mean
            squares += chunk_squares + shift * shift * n_used * used / (n_used + used)
            n_used += used
            mean += shift * used / n_used
            least, most = min(least, low), max(most, high)
    if not n_used:
        return Summary(n_rows, n_finite, n_sentinel, 0)
    std = math.sqrt(squares / n_used)
    return Summary(n_rows, n_finite, n_sentinel, n_used, float(least), float(most), float(mean), std)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Fine counts between two values of a column: ``n_under`` values lie below ``start``."""

    column: _Column
    start: float
    stop: float
    scale: float
    counts: NDArray[np.int64]
    n_under: int

    @classmethod
    def over(cls, column: _Column, start: float, stop: float) -> _Cells:
        scale = CELLS / (stop - start) if stop > start and math.isfinite(CELLS / (stop - start)) else 0.0
        counts = np.zeros(CELLS, np.int64)
        n_under = 0
        for values, sentinels in column.walk():
            n_under += fine_histogram(values, start, stop, scale, *column.limits, sentinels, counts)
        return cls(column, start, stop, scale, counts, n_under)

    def sparkline(self) -> tuple[int, ...]:
        if self.stop == self.start:
            return (int(self.counts.sum()), *(0,) * (SPARK_BINS - 1))
        return tuple(int(n) for n in self.counts.reshape(SPARK_BINS, -1).sum(axis=1))

    def extents(self, cells: Sequence[int]) -> list[tuple[float, float]]:
        """Smallest and largest value in each of some cells."""
        if not cells:
            return []
        places = np.full(CELLS, -1, np.int64)
        places[list(cells)] = np.arange(len(cells))
        least, most = np.full(len(cells), math.inf), np.full(len(cells), -math.inf)
        rule = self.start, self.stop, self.scale
        for values, sentinels in self.column.walk():
            cell_extents(values, *rule, places, *self.column.limits, sentinels, least, most)
        return list(zip(least.tolist(), most.tolist(), strict=True))

    def collect(self, cells: Sequence[int]) -> NDArray[np.float64]:
        """All values of some cells, sorted."""
        if not cells:
            return np.empty(0)
        wanted = np.zeros(CELLS, np.bool_)
        wanted[list(cells)] = True
        out = np.empty(int(self.counts[wanted].sum()))
        n = 0
        for values, sentinels in self.column.walk():
            n += collect_cells(
                values, self.start, self.stop, self.scale, wanted, *self.column.limits, sentinels, out[n:]
            )
        out.sort()
        return out


def _ranks(n_used: int, fractions: Sequence[float]) -> set[int]:
    """Ranks of the values on either side of every quantile."""
    positions = [fraction * (n_used - 1) for fraction in fractions]
    return {rank for position in positions for rank in (math.floor(position), math.ceil(position))}


def _quantiles(by_rank: Mapping[int, float], n_used: int, fractions: Sequence[float]) -> tuple[float, ...]:
    positions = [fraction * (n_used - 1) for fraction in fractions]
    return tuple(_between(by_rank[math.floor(p)], by_rank[math.ceil(p)], p - math.floor(p)) for p in positions)


def _between(low: float, high: float, fraction: float) -> float:
    """Interpolation as numpy does it: from the nearer end, so that it is exact at both."""
    span = high - low
    return high - span * (1 - fraction) if fraction >= 0.5 else low + span * fraction


def _by_rank(cells: _Cells, ranks: Sequence[int]) -> dict[int, float]:
    """Values by rank (0 is the smallest) for ranks inside these cells."""
    if cells.start == cells.stop:
        return dict.fromkeys(ranks, cells.start)
    ends = cells.n_under + np.cumsum(cells.counts)
    cell_of = {rank: int(np.searchsorted(ends, rank, side="right")) for rank in ranks}
    found: dict[int, float] = {}
    small = [cell for cell in sorted(set(cell_of.values())) if cells.counts[cell] <= SELECT_AT_MOST // 8]
    values, before = cells.collect(small), 0
    for cell in small:
        first_rank = int(ends[cell] - cells.counts[cell])
        found |= {rank: float(values[before + rank - first_rank]) for rank in ranks if cell_of[rank] == cell}
        before += int(cells.counts[cell])
    crowded = sorted(set(cell_of.values()) - set(small))
    for cell, (least, most) in zip(crowded, cells.extents(crowded), strict=True):
        inside = [rank for rank in ranks if cell_of[rank] == cell]
        if least == most:
            found |= dict.fromkeys(inside, least)
        else:
            found |= _by_rank(_Cells.over(cells.column, least, most), inside)
    return found
