"""Metrics of dz in groups of pairs, with errors: exact, for many groups of several kinds at once, in two walks.

The first walk counts the pairs of each group in fine cells, which tells between which values every quantile lies. The
second copies the values of these few cells. The median deviation from the median is found the same way: as the median
is known to within a cell, so is the distance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.models.statistics import PointMetrics
from services.statistics.bootstrap import bootstrap_errors, errors_of_counts, is_coarse
from services.statistics.canonical import CanonicalTable, Numbers
from services.statistics.error_cells import N_CELLS, cells_of, collect_values, count_cells
from services.statistics.error_search import ErrorSearch
from services.statistics.measured import Measured
from services.statistics.metrics import OUTLIER_LIMIT, metrics_of_errors, valid_or_nan
from services.statistics.transforms import transformed

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Counts = NDArray[np.uint32]
Key = tuple[int, int]
"""Number of a grouping and of a group in it."""
Piece = tuple[FloatArray, NDArray[np.int16]]
"""Values and their groups."""
Item = TypeVar("Item")

AT_ONCE = 256
"""Groups that are counted in one walk: each takes 24 kilobytes in every thread."""
COPIED_AT_ONCE = 2**21
"""Values that are copied in one walk (16 MiB). A group that wants more, as when most errors are equal, is walked over
in another way, which takes longer."""


@dataclass(frozen=True, eq=False, slots=True)
class Grouping:
    """Groups by the number ``axis`` of the quantities: group k has ``edges[k] <= x < edges[k + 1]``.

    ``is_nested``: it has all ``x >= edges[k]``.
    """

    axis: int
    edges: FloatArray
    is_nested: bool = False
    fewest: int = 1
    """Groups with fewer pairs are left out."""

    @property
    def n_groups(self) -> int:
        """Groups, filled or not."""
        return self.edges.size - 1

    @property
    def guess(self) -> tuple[float, float]:
        """Start and width of equal groups that are about these."""
        ends = self.edges[np.isfinite(self.edges)]
        return (float(ends[0]), float(np.ptp(ends)) / (ends.size - 1)) if ends.size > 1 else (0.0, 1.0)

    def parts(self) -> Iterator[Grouping]:
        """The same a few groups at a time."""
        for at in range(0, self.edges.size - 1, AT_ONCE):
            yield replace(self, edges=self.edges[at : at + AT_ONCE + 1])


@dataclass(frozen=True, slots=True)
class Group:
    """Metrics of the pairs of one group, and their errors."""

    metrics: PointMetrics
    errors: Mapping[str, float]


@dataclass(frozen=True, eq=False, slots=True)
class Grouped:
    """Groups of a grouping by number, those with enough pairs; ``n_known`` pairs have a number to be grouped by."""

    groups: Mapping[int, Group]
    n_known: int


@dataclass(eq=False, slots=True)
class _Counted:
    """Pairs of each group of a grouping by cell, their squares (by the first row of a chunk), and their outliers."""

    counts: Counts
    beyond: IntArray
    squares: dict[int, FloatArray] = field(default_factory=dict)
    n_known: int = 0

    @classmethod
    def of(cls, grouping: Grouping) -> _Counted:
        n = grouping.n_groups
        return cls(np.zeros((n, N_CELLS), np.uint32), np.zeros(n, np.int64))

    def add(self, other: _Counted) -> None:
        self.counts += other.counts
        self.beyond += other.beyond
        self.squares |= other.squares
        self.n_known += other.n_known

    def nested(self) -> _Counted:
        """The same where each group has all pairs of those that follow, too."""
        squares = {row: _summed_up(some) for row, some in self.squares.items()}
        return _Counted(_summed_up(self.counts), _summed_up(self.beyond), squares, self.n_known)

    def sizes(self) -> IntArray:
        """Pairs of each group."""
        return self.counts.sum(axis=1, dtype=np.int64)

    def total_squares(self) -> FloatArray:
        """Sums in the order of the rows, whichever thread was first."""
        return np.asarray(np.sum([self.squares[row] for row in sorted(self.squares)], axis=0))


def _summed_up(numbers: NDArray[Any]) -> NDArray[Any]:
    """Sums of each row and all that follow."""
    return np.cumsum(numbers[::-1], axis=0, dtype=numbers.dtype)[::-1]


@dataclass(frozen=True, eq=False, slots=True)
class _Pairs:
    """dz of a table, and what its pairs are grouped by."""

    table: CanonicalTable
    quantities: Sequence[Measured]
    """Truth, estimate, and what else pairs are grouped by."""

    @property
    def names(self) -> list[str]:
        return [one.column for one in self.quantities]

    def read(self, arrays: Sequence[pa.Array]) -> tuple[FloatArray, list[FloatArray]]:
        """dz of some rows, NaN where there is no pair, and all quantities."""
        numbers: list[Numbers] = [transformed(a, one.transform) for a, one in zip(arrays, self.quantities, strict=True)]
        valid = [valid_or_nan(values, one) for values, one in zip(numbers, self.quantities, strict=True)]
        return (valid[1] - valid[0]) / (1 + valid[0]), valid

    def members(self, grouping: Grouping, group: int) -> Iterator[FloatArray]:
        """dz of the pairs of one group."""
        low, high = grouping.edges[group], grouping.edges[-1 if grouping.is_nested else group + 1]
        for arrays in self.table.arrow_chunks(self.names):
            dz, valid = self.read(arrays)
            by = valid[grouping.axis]
            yield dz[(by >= low) & (by < high) & ~np.isnan(dz)]


def grouped_metrics(
    table: CanonicalTable, quantities: Sequence[Measured], groupings: Sequence[Grouping]
) -> list[Grouped]:
    """Metrics of the groups that hold enough pairs, for each grouping. Quantities: truth, estimate, others."""
    pairs = _Pairs(table, quantities)
    parts = [[one] if one.is_nested else list(one.parts()) for one in groupings]
    found: list[Grouped] = []
    for some in _batches([part for of_one in parts for part in of_one], lambda part: part.n_groups, AT_ONCE):
        found += _in_two_walks(pairs, some)
    return [_joined([found.pop(0) for _ in of_one]) for of_one in parts]


def _joined(parts: Sequence[Grouped]) -> Grouped:
    groups = {at * AT_ONCE + k: group for at, part in enumerate(parts) for k, group in part.groups.items()}
    return Grouped(groups, parts[0].n_known)


def _batches(items: Sequence[Item], size: Callable[[Item], int], most: int) -> Iterator[list[Item]]:
    """Items in their order, as many together as are not too large."""
    batch, total = list[Item](), 0
    for item in items:
        if batch and total + size(item) > most:
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += size(item)
    if batch:
        yield batch


def _in_two_walks(pairs: _Pairs, groupings: Sequence[Grouping]) -> list[Grouped]:
    counted = _counted(pairs, groupings)
    searches = {
        (place, int(group)): _search(one.counts[group])
        for place, one in enumerate(counted)
        for group in np.flatnonzero(one.sizes() >= groupings[place].fewest)
    }
    found: list[dict[int, Group]] = [{} for _ in groupings]
    for keys in _batches(list(searches), lambda key: searches[key].n_wanted, COPIED_AT_ONCE):
        for (place, group), one in _metrics(pairs, groupings, counted, {key: searches[key] for key in keys}):
            found[place][group] = one
    return [Grouped(groups, one.n_known) for groups, one in zip(found, counted, strict=True)]


def _search(counts: Counts) -> ErrorSearch:
    """What must be known of a group: all its values where counts are too coarse for errors."""
    found = ErrorSearch.of(counts)
    if counts.sum(dtype=np.int64) > COPIED_AT_ONCE or not is_coarse(counts):
        return found
    return replace(found, wanted=np.union1d(found.wanted, np.flatnonzero(counts)))


def _counted(pairs: _Pairs, groupings: Sequence[Grouping]) -> list[_Counted]:
    """The first walk."""

    def step(state: list[_Counted], first_row: int, arrays: list[pa.Array]) -> None:
        dz, valid = pairs.read(arrays)
        cells = _cells(dz)
        for grouping, one in zip(groupings, state, strict=True):
            squares = one.squares[first_row] = np.zeros(grouping.n_groups)
            by = valid[grouping.axis]
            one.n_known += count_cells(
                dz, cells, by, grouping.edges, grouping.guess, OUTLIER_LIMIT, one.counts, squares, one.beyond
            )

    first, *others = pairs.table.walked(pairs.names, lambda: [_Counted.of(one) for one in groupings], step)
    for other in others:
        for total, more in zip(first, other, strict=True):
            total.add(more)
    return [one.nested() if grouping.is_nested else one for grouping, one in zip(groupings, first, strict=True)]


def _metrics(
    pairs: _Pairs, groupings: Sequence[Grouping], counted: Sequence[_Counted], searches: Mapping[Key, ErrorSearch]
) -> Iterator[tuple[Key, Group]]:
    """Metrics and errors of some groups, by values that are copied in a second walk."""
    if len(searches) == 1 and next(iter(searches.values())).n_wanted > COPIED_AT_ONCE:
        ((place, group),) = searches
        metrics = metrics_of_errors(partial(pairs.members, groupings[place], group))
        assert metrics is not None
        counts = counted[place].counts[group].astype(np.int64)
        yield (place, group), Group(metrics, errors_of_counts(counts, int(counted[place].beyond[group])))
        return
    squares = [one.total_squares() for one in counted]
    values = _copied(pairs, groupings, searches)
    for place, group in searches:
        search, copied, beyond = searches[place, group], values[place, group], int(counted[place].beyond[group])
        counts = counted[place].counts[group].astype(np.int64)
        errors = bootstrap_errors(copied) if copied.size == search.n else errors_of_counts(counts, beyond)
        yield (place, group), Group(search.metrics(copied, squares[place][group], beyond), errors)


def _copied(
    pairs: _Pairs, groupings: Sequence[Grouping], searches: Mapping[Key, ErrorSearch]
) -> Mapping[Key, FloatArray]:
    """Sorted values of the wanted cells of each group."""
    wanted = [np.zeros((one.n_groups, N_CELLS), np.bool_) for one in groupings]
    for (place, group), search in searches.items():
        wanted[place][group, search.wanted] = True
    n_wanted = sum(search.n_wanted for search in searches.values())

    def step(state: list[list[Piece]], _first_row: int, arrays: list[pa.Array]) -> None:
        dz, valid = pairs.read(arrays)
        cells = _cells(dz)
        for grouping, marks, pieces in zip(groupings, wanted, state, strict=True):
            most = min(n_wanted, dz.size * (grouping.n_groups if grouping.is_nested else 1))
            values, groups = np.empty(most), np.empty(most, np.int16)
            rule = grouping.edges, grouping.guess, grouping.is_nested
            n = collect_values(dz, cells, valid[grouping.axis], *rule, marks, values, groups)
            pieces.append((values[:n].copy(), groups[:n].copy()))

    def start() -> list[list[Piece]]:
        return [[] for _ in groupings]

    found: dict[Key, FloatArray] = {}
    for place, states in enumerate(zip(*pairs.table.walked(pairs.names, start, step), strict=True)):
        pieces = [piece for state in states for piece in state]
        for group, values in enumerate(_sorted_out(pieces, groupings[place].n_groups)):
            found[place, group] = values
    return found


def _sorted_out(pieces: Sequence[Piece], n_groups: int) -> list[FloatArray]:
    """Values of each group, sorted."""
    values = np.concatenate([np.empty(0), *(values for values, _ in pieces)])
    groups = np.concatenate([np.empty(0, np.int16), *(groups for _, groups in pieces)])
    ends = np.cumsum(np.bincount(groups, minlength=n_groups))
    return [np.sort(part) for part in np.split(values[np.argsort(groups, kind="stable")], ends[:-1])]


def _cells(dz: FloatArray) -> NDArray[np.int32]:
    cells = np.empty(dz.size, np.int32)
    cells_of(dz, cells)
    return cells
