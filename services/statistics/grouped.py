"""Histograms by the values of another column: N(z) by quality flag and by survey, and any other on request."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.models.details import AnyStatistic
from services.models.groups import GroupedHistogram
from services.models.roles import RoleMap
from services.models.statistics import CategoryCounts, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.categories import category_of, of_role
from services.statistics.cuts import EVERY_ROW
from services.statistics.edges import FloatArray, redshift_edges
from services.statistics.histograms import finished
from services.statistics.kernels import NO_SENTINELS, histogram_2d
from services.statistics.measured import Measured, measured_role
from services.statistics.transforms import transformed

MOST_GROUPS = 8
"""Values with a line of their own."""
OTHERS, NONE = "all others", "no value"


def z_flag_n_z(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> GroupedHistogram | None:
    """N(z) of every quality flag."""
    return _by_role(table, roles, ("z_flag",), whole)


def survey_n_z(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> GroupedHistogram | None:
    """N(z) of every survey; of every instrument where no survey is given."""
    return _by_role(table, roles, ("survey", "instrument"), whole)


def _by_role(
    table: CanonicalTable, roles: RoleMap, words: tuple[str, ...], whole: AnyStatistic | None
) -> GroupedHistogram | None:
    measured = measured_role(roles, "redshift")
    if measured is None:
        return None
    if isinstance(whole, GroupedHistogram):
        named = tuple(name for name in whole.groups if name not in (OTHERS, NONE))
        edges = whole.whole.edges.astype(np.float64, copy=False)
        return _counted(table, measured, edges, (whole.label, whole.column), named)
    found = next((one for word in words if (one := of_role(table, roles, word))), None)
    summary = measured.summary(table)
    if found is None or not found.values or not summary.n_used:
        return None
    return grouped_by(table, measured, redshift_edges(summary), found)


def grouped_by(table: CanonicalTable, measured: Measured, edges: FloatArray, by: CategoryCounts) -> GroupedHistogram:
    """Histogram of one quantity by the most frequent values of a column, in reading order, the rarer ones together."""
    groups = tuple(sorted(by.values[:MOST_GROUPS], key=_reading_order))
    return _counted(table, measured, edges, (by.label, by.column), groups)


def _reading_order(value: str) -> tuple[float, str]:
    """Numbers by size, words after them by the alphabet."""
    try:
        return float(value), ""
    except ValueError:
        return float("inf"), value.casefold()


@dataclass(slots=True)
class _Part:
    """Counts of one thread, and rows without a redshift."""

    counts: NDArray[np.int64]
    missing: int = 0


def _counted(
    table: CanonicalTable, measured: Measured, edges: FloatArray, split: tuple[str, str], groups: tuple[str, ...]
) -> GroupedHistogram:
    label, column = split
    places = {name: place for place, name in enumerate(groups)}
    rows = np.arange(len(groups) + 3, dtype=np.float64)

    def step(part: _Part, _first_row: int, arrays: list[pa.Array]) -> None:
        z, group = transformed(arrays[0], measured.transform), _group_numbers(arrays[1], places)
        limits = (measured.quantity.low, measured.quantity.high), (-np.inf, np.inf)
        marks = measured.sentinels(z.dtype), NO_SENTINELS
        part.missing += histogram_2d(z, group, EVERY_ROW, edges, rows, *limits, *marks, part.counts)

    parts = table.walked(
        [measured.column, column], lambda: _Part(np.zeros((rows.size - 1, edges.size - 1), np.int64)), step
    )
    counts = np.sum([part.counts for part in parts], axis=0)
    total, missing = counts.sum(axis=0), sum(part.missing for part in parts)
    tally = Tally(table.n_rows, int(total.sum()), missing, table.n_rows - int(total.sum()) - missing)
    drawn = [*range(len(groups)), *(row for row in (len(groups), len(groups) + 1) if counts[row].any())]
    names = (*groups, OTHERS, NONE)
    whole = finished(measured, edges, total, tally)
    return GroupedHistogram(label, column, tuple(names[row] for row in drawn), counts[drawn], whole)


def _group_numbers(values: pa.Array, places: dict[str, int]) -> NDArray[np.float64]:
    """Number of the group of every row: after the named ones that of all others, then that of rows without a value."""
    others, none = len(places), len(places) + 1
    encoded = values.dictionary_encode()
    texts = [category_of(value) for value in encoded.dictionary]
    numbers = np.array([*(none if text is None else places.get(text, others) for text in texts), none], np.float64)
    codes = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    return numbers[codes] + 0.5
