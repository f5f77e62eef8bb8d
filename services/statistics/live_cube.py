"""The live cube: all rows over flag, redshift and magnitude in the bins of the plots, for a browser to redraw them.

Unlike in the count cube, rows that are missing or beyond an axis have places of their own: whatever a cut on bin edges
leaves is counted exactly, those that lack one of the quantities included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.cuts.tree import Value
from services.models.live import LiveAxis
from services.models.roles import RoleMap
from services.models.statistics import CategoryCounts, Density, FloatArray, Histogram, HistogramSet, Statistic
from services.statistics.canonical import CanonicalTable
from services.statistics.categories import category_texts
from services.statistics.live_kernel import add_places, number_places
from services.statistics.measured import Measured, any_redshift, reference_magnitude
from services.statistics.range_words import CutWords
from services.statistics.transforms import transformed

MOST_VALUES = 12
"""Values of a flag that have a place of their own."""


@dataclass(frozen=True, slots=True)
class LivePlan:
    """The axes of a live cube in their order, and how the numbers of two of them are read."""

    flag: LiveAxis
    redshift: LiveAxis
    magnitude: LiveAxis
    measured: Mapping[str, Measured]
    signature: str = ""
    """Changes with the table: cubes of another one are of no use."""

    @property
    def axes(self) -> tuple[LiveAxis, LiveAxis, LiveAxis]:
        """The axes in the order of the counts."""
        return self.flag, self.redshift, self.magnitude

    @property
    def is_worth_it(self) -> bool:
        """Whether there is anything a slider could move along."""
        return any(axis.column for axis in self.axes)


def live_plan(statistics: Mapping[str, Statistic], roles: RoleMap, words: CutWords) -> LivePlan:
    """Axes for the plots that an overview over all rows holds."""
    redshift, magnitude = any_redshift(roles), reference_magnitude(roles)
    found = {"redshift": redshift, "magnitude": magnitude}
    return LivePlan(
        _flag_axis(statistics.get("z_flag"), words),
        _number_axis("redshift", redshift, statistics, ("n_z", "n_z_phot", "z_magnitude"), words),
        _number_axis("magnitude", magnitude, statistics, ("magnitudes", "z_magnitude"), words),
        {name: one for name, one in found.items() if one is not None},
    )


def _flag_axis(flags: Statistic | None, words: CutWords) -> LiveAxis:
    if not isinstance(flags, CategoryCounts) or not flags.values:
        return LiveAxis("flag")
    word = words.category(flags.column)
    values = tuple(words.value(flags.column, text) for text in flags.values[:MOST_VALUES])
    return LiveAxis("flag", "z_flag", flags.column, word.text if word else "", values)


def _number_axis(
    name: str,
    measured: Measured | None,
    statistics: Mapping[str, Statistic],
    plots: Sequence[str],
    words: CutWords,
) -> LiveAxis:
    """The axis in the bins of the first of some plots that shows the column."""
    for plot in plots:
        edges = None if measured is None else _edges_along(statistics.get(plot), measured.column)
        if edges is not None and measured is not None:
            word = words.number(measured.column)
            return LiveAxis(name, plot, measured.column, word.text if word else "", edges=edges)
    return LiveAxis(name)


def _edges_along(statistic: Statistic | None, column: str) -> FloatArray | None:
    match statistic:
        case Histogram() if statistic.column == column and statistic.tally.n_shown:
            return statistic.edges.astype(np.float64, copy=False)
        case HistogramSet():
            return next((found for one in statistic.items if (found := _edges_along(one, column)) is not None), None)
        case Density():
            for name, edges in ((statistic.x_column, statistic.x_edges), (statistic.y_column, statistic.y_edges)):
                if name == column:
                    return edges.astype(np.float64, copy=False)
    return None


def live_counts(table: CanonicalTable, plan: LivePlan) -> NDArray[np.uint32]:
    """Count all rows of a table, or of what a cut left of it: shape (flag, redshift, magnitude)."""
    shape = tuple(axis.n_places for axis in plan.axes)
    counted = [axis for axis in plan.axes if axis.column]
    if not counted:
        return np.full(shape, table.n_rows, np.uint32)

    def add(counts: NDArray[np.uint32], _first_row: int, arrays: list[pa.Array]) -> None:
        places = np.zeros(len(arrays[0]), np.int64)
        for axis, stored in zip(counted, arrays, strict=True):
            _place(axis, plan.measured.get(axis.name), stored, places)
        add_places(places, counts)

    parts = table.walked([axis.column for axis in counted], lambda: np.zeros(int(np.prod(shape)), np.uint32), add)
    return np.sum(parts, axis=0, dtype=np.uint32).reshape(shape)


def _place(axis: LiveAxis, measured: Measured | None, stored: pa.Array, places: NDArray[np.int64]) -> None:
    if axis.edges is None or measured is None:
        places *= axis.n_places
        places += _value_places(axis, stored)
        return
    values: NDArray[Any] = transformed(stored, measured.transform)
    rule, edges = measured.quantity, axis.edges
    every = float(edges[-1] - edges[0]) / (edges.size - 1)
    number_places(values, edges, rule.low, rule.high, measured.sentinels(values.dtype), every, places)


def _value_places(axis: LiveAxis, stored: pa.Array) -> NDArray[np.int64]:
    """Place of every row along a category."""
    encoded = stored.dictionary_encode()
    known: dict[Value | None, int] = {str(value): place for place, value in enumerate(axis.values)}
    n_values = len(axis.values)
    texts = category_texts(encoded.dictionary)
    of_word = [n_values + 1 if text is None else known.get(text, n_values) for text in texts]
    chosen = encoded.indices.fill_null(len(of_word)).to_numpy(zero_copy_only=False)
    return np.array([*of_word, n_values + 1], np.int64)[chosen]
