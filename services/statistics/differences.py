"""Counts over two quantities that are single columns or differences of two, such as colours, over all rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.models.statistics import Density, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import EVERY_ROW
from services.statistics.kernels import NO_SENTINELS, histogram_1d_masked, histogram_2d
from services.statistics.measured import Measured
from services.statistics.metrics import valid_or_nan

FloatArray = NDArray[np.float64]
Edges = tuple[FloatArray, FloatArray]

ANYWHERE = (-np.inf, np.inf)
LEFT_OUT = 0.001
"""Part of the rows that may lie beyond either end of an axis: the central 99.8 % are shown."""
FINE_EDGES = np.linspace(-40.0, 40.0, 16_001)
"""Cells in which ends of axes are looked for: magnitudes, their differences and redshifts lie in here."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One quantity, or ``first - second``."""

    label: str
    first: Measured
    second: Measured | None = None
    unit: str | None = None

    @classmethod
    def difference(cls, blue: Measured, red: Measured) -> Axis:
        """A colour, bluer minus redder."""
        return cls(f"{blue.band} - {red.band}", blue, red, "mag")

    @property
    def columns(self) -> tuple[Measured, ...]:
        """What is read of the table."""
        return (self.first,) if self.second is None else (self.first, self.second)

    @property
    def words(self) -> str:
        """The columns as they are written on the axis."""
        return " - ".join(one.column for one in self.columns)

    def values(self, numbers: dict[tuple[str, str], FloatArray]) -> FloatArray:
        """Its values, NaN where one is missing."""
        parts = [numbers[one.column, one.transform] for one in self.columns]
        return parts[0] if len(parts) == 1 else parts[0] - parts[1]


Step = Callable[["Pairs", FloatArray, FloatArray], None]


@dataclass(slots=True)
class Pairs:
    """What one thread has counted: any counts, pairs with a missing value, pairs inside a box."""

    counts: NDArray[np.int64]
    missing: int = 0
    inside: int = 0


def walk_pairs(table: CanonicalTable, x: Axis, y: Axis, start: Callable[[], Pairs], step: Step) -> list[Pairs]:
    """Every chunk as the values of two axes; sentinels and invalid numbers are NaN."""
    wanted = {(one.column, one.transform): one for one in (*x.columns, *y.columns)}

    def work(state: Pairs, chunk: tuple[NDArray[Any], ...]) -> None:
        numbers = {key: valid_or_nan(values, one) for (key, one), values in zip(wanted.items(), chunk, strict=True)}
        step(state, x.values(numbers), y.values(numbers))

    return table.tallied(list(wanted), start, work)


def central_ranges(table: CanonicalTable, x: Axis, y: Axis) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Where the central 99.8 % of either lies, among the rows with both; None without such a row."""

    def step(state: Pairs, xs: FloatArray, ys: FloatArray) -> None:
        both = ~np.isnan(xs + ys)
        for place, values in enumerate((xs, ys)):
            histogram_1d_masked(values, both, FINE_EDGES, *ANYWHERE, NO_SENTINELS, state.counts[place])

    parts = walk_pairs(table, x, y, lambda: Pairs(np.zeros((2, FINE_EDGES.size - 1), np.int64)), step)
    counts = np.sum([part.counts for part in parts], axis=0)
    return (_central(counts[0]), _central(counts[1])) if counts.any() else None


def _central(counts: NDArray[np.int64]) -> tuple[float, float]:
    total = np.cumsum(counts)
    beyond = int(LEFT_OUT * total[-1])
    first = int(np.searchsorted(total, beyond, side="right"))
    last = int(np.searchsorted(total, total[-1] - beyond, side="left"))
    return float(FINE_EDGES[first]), float(FINE_EDGES[last + 1])


def pair_density(
    table: CanonicalTable, x: Axis, y: Axis, edges: Edges, box: tuple[float, float] | None = None
) -> tuple[Density, int]:
    """Counts of two axes, and how many pairs have both values strictly inside a box (0 without one)."""

    def step(state: Pairs, xs: FloatArray, ys: FloatArray) -> None:
        limits = (ANYWHERE, ANYWHERE, NO_SENTINELS, NO_SENTINELS)
        state.missing += histogram_2d(xs, ys, EVERY_ROW, *edges, *limits, state.counts)
        if box is not None:
            state.inside += _inside(xs, ys, box)

    shape = edges[1].size - 1, edges[0].size - 1
    parts = walk_pairs(table, x, y, lambda: Pairs(np.zeros(shape, np.int64)), step)
    counts = np.sum([part.counts for part in parts], axis=0)
    missing, shown = sum(part.missing for part in parts), int(counts.sum())
    tally = Tally(table.n_rows, shown, missing, table.n_rows - shown - missing)
    names = {"x_label": x.label, "y_label": y.label, "x_column": x.words, "y_column": y.words}
    found = Density(
        **names, x_edges=edges[0], y_edges=edges[1], counts=counts, tally=tally, x_unit=x.unit, y_unit=y.unit
    )
    return found, sum(part.inside for part in parts)


def _inside(xs: FloatArray, ys: FloatArray, box: tuple[float, float]) -> int:
    low, high = box
    return int(np.count_nonzero((xs > low) & (xs < high) & (ys > low) & (ys < high)))
