"""Where the quantiles of one group of dz lie, by its counts in fine cells, and what they are once those are copied."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.models.statistics import PointMetrics
from services.statistics.error_cells import HIGH, LOW, ZERO
from services.statistics.metrics import CENTRAL_68, IQR_SCALE, NMAD_SCALE

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Span = tuple[int, int]
"""First cell, and the one after the last."""

PARTS = (CENTRAL_68[0], 0.25, 0.75, CENTRAL_68[1])
DISTANCES = LOW[ZERO + 1 :]
"""Distances that are tried, rising: ends of the cells above zero."""


@dataclass(frozen=True, eq=False, slots=True)
class ErrorSearch:
    """Cells of one group whose values must be known one by one: ``wanted``, rising.

    ``below`` counts the values below each cell, and all of them at the end. The values that are half as far from the
    median as any lie in the cells ``left`` and ``right``; all between are nearer.
    """

    below: IntArray
    wanted: IntArray
    left: Span
    right: Span

    @classmethod
    def of(cls, counts: NDArray[np.uint32]) -> ErrorSearch:
        """Of the counts of a group that is not empty."""
        below = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        n = int(below[-1])
        ranks = [rank for part in PARTS for rank in _ranks(part, n)]
        middle = _cells(below, _middle(n))
        left, right = _spread(below, middle)
        around = [*range(*left), *range(*right)]
        filled = [cell for cell in around if counts[cell]]
        wanted = np.unique([*_cells(below, ranks), *middle, *filled])
        return cls(below, wanted, left, right)

    @property
    def n(self) -> int:
        """Values of the group."""
        return int(self.below[-1])

    @property
    def n_wanted(self) -> int:
        """Values in the wanted cells."""
        return int((self.below[self.wanted + 1] - self.below[self.wanted]).sum())

    def metrics(self, ordered: FloatArray, squares: float, n_beyond: int) -> PointMetrics:
        """Metrics by the sorted values of the wanted cells, the sum of all squares, and the number of outliers."""
        n = self.n
        median = self._at(ordered, _middle(n))
        low, q25, q75, high = (self._quantile(ordered, part) for part in PARTS)
        return PointMetrics(
            n=n,
            n_dropped=0,
            bias=median,
            sigma_nmad=NMAD_SCALE * self._deviation(ordered, median),
            sigma_68=(high - low) / 2,
            sigma_iqr=(q75 - q25) / IQR_SCALE,
            rms=math.sqrt(squares / n),
            outlier_fraction=n_beyond / n,
        )

    def _place(self, ordered_cell: int) -> int:
        """How many copied values lie below a cell."""
        known = self.wanted[: np.searchsorted(self.wanted, ordered_cell)]
        return int((self.below[known + 1] - self.below[known]).sum())

    def _by_rank(self, ordered: FloatArray, rank: int) -> float:
        (cell,) = _cells(self.below, [rank])
        return float(ordered[self._place(cell) + rank - int(self.below[cell])])

    def _at(self, ordered: FloatArray, ranks: Sequence[int]) -> float:
        return sum(self._by_rank(ordered, rank) for rank in ranks) / len(ranks)

    def _quantile(self, ordered: FloatArray, part: float) -> float:
        low, high = (self._by_rank(ordered, rank) for rank in _ranks(part, self.n))
        place = part * (self.n - 1)
        return low + (high - low) * (place - math.floor(place))

    def _deviation(self, ordered: FloatArray, median: float) -> float:
        """Median distance from the median."""
        spans = (self.left, self.right)
        parts = [ordered[self._place(first) : self._place(end)] for first, end in spans]
        distances = np.sort(np.abs(np.concatenate(parts) - median))
        n_nearer = int(self.below[self.right[0]] - self.below[self.left[1]])
        return float(np.mean([distances[rank - n_nearer] for rank in _middle(self.n)]))


def _ranks(part: float, n: int) -> tuple[int, int]:
    """Ranks of the values on either side of a quantile."""
    place = part * (n - 1)
    return math.floor(place), math.ceil(place)


def _middle(n: int) -> tuple[int, int]:
    return (n - 1) // 2, n // 2


def _cells(below: IntArray, ranks: Sequence[int]) -> list[int]:
    """Cells of the values with these ranks."""
    return [int(np.searchsorted(below, rank, side="right")) - 1 for rank in ranks]


def _spread(below: IntArray, middle: Sequence[int]) -> tuple[Span, Span]:
    """Cells below and above the median, which lies in the middle cells, that hold the median distance from it."""
    least, most = float(LOW[middle[0]]), float(HIGH[middle[-1]])
    low_rank, high_rank = _middle(int(below[-1]))

    def surely_within(distance: float) -> int:
        first, end = np.searchsorted(LOW, most - distance), np.searchsorted(HIGH, least + distance, side="right")
        return int(below[end] - below[first]) if end > first else 0

    def perhaps_within(distance: float) -> int:
        first = np.searchsorted(HIGH, least - distance)
        return int(below[np.searchsorted(LOW, most + distance, side="right")] - below[first])

    nearest = max(bisect_right(DISTANCES, low_rank, key=perhaps_within) - 1, 0)
    farthest = bisect_left(DISTANCES, high_rank + 1, key=surely_within)
    near, far = DISTANCES[nearest], DISTANCES[farthest] if farthest < DISTANCES.size else math.inf
    left = int(np.searchsorted(HIGH, least - far)), int(np.searchsorted(LOW, most - near, side="right"))
    right = int(np.searchsorted(HIGH, least + near)), int(np.searchsorted(LOW, most + far, side="right"))
    return (left, right) if left[1] <= right[0] else ((left[0], left[1]), (left[1], max(right[1], left[1])))
