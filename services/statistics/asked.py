"""Histograms and maps as programs ask for them: bins as numpy makes them, under a cut, split by another column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.cuts.bound import Bound, bound_columns
from services.errors import InvalidInput
from services.models.measures import BinRequest, CategoryValue, Series, SplitHistogram
from services.models.statistics import Density, Histogram, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_masks import mask
from services.statistics.cuts import EVERY_ROW
from services.statistics.densities import density
from services.statistics.edges import FloatArray, asked_edges, general_edges, multiples
from services.statistics.extents import EMPTY_RANGE, extents
from services.statistics.histograms import add_counts, finished, histogram
from services.statistics.measured import Measured
from services.statistics.transforms import transformed

MOST_SERIES = 50
"""Values a column has at most that splits a histogram."""
MOST_MAP_BINS = 1000
LARGEST_BIN_COUNT = 100_000
NEARLY = 1e-9
NARROWEST, WIDEST = 1e-290, 1e290
"""Axes beyond these cannot be divided into bins in double precision."""
FEWEST = 10
"""Bins of a column without a value."""


def bin_edges(table: CanonicalTable, measured: Measured, bins: BinRequest, cut: Bound | None) -> FloatArray:
    """Edges of a request.

    A number of bins gives those of ``numpy.histogram`` between low and high; a width gives multiples of it, from low
    where that is given; neither gives a readable width that fits the data.

    Raises
    ------
    InvalidInput
        If the numbers make no histogram.
    """
    _check(bins)
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return _usable(_edges(table, measured, bins, cut))
    except OverflowError as error:
        raise InvalidInput("The range is too wide for bins. Give a smaller one as min and max.", "min") from error


def _usable(edges: FloatArray) -> FloatArray:
    """The edges, if they rise and a multiplication can find the bin of a value; InvalidInput otherwise."""
    span = float(edges[-1]) - float(edges[0]) if edges.size > 1 else 0.0
    if not (np.isfinite(edges).all() and np.all(np.diff(edges) > 0) and NARROWEST < span < WIDEST):
        raise InvalidInput("The bins are too narrow or too wide for numbers of this size. Ask for others.", "bins")
    return edges


def _edges(table: CanonicalTable, measured: Measured, bins: BinRequest, cut: Bound | None) -> FloatArray:
    if bins.count is None and bins.width is None:
        summary = measured.summary(table)
        known = (summary.min, summary.max) if summary.n_used else EMPTY_RANGE
        low, high = _ordered(bins, *known)
        if not summary.n_used or not (low == high or NARROWEST < high - low < WIDEST):
            return equal_edges(low, high, FEWEST)
        return general_edges(summary, low, high)
    known = EMPTY_RANGE
    if bins.low is None or bins.high is None:
        (known,) = extents(table, (measured,), cut)
    low, high = _ordered(bins, *known)
    return equal_edges(low, high, bins.count or 0) if bins.width is None else _of_width(bins, bins.width, low, high)


def _ordered(bins: BinRequest, least: float, most: float) -> tuple[float, float]:
    low = least if bins.low is None else bins.low
    high = most if bins.high is None else bins.high
    if low > high:
        raise InvalidInput("No value lies in this range: its ends are the wrong way round.", field="min")
    return low, high


def _check(bins: BinRequest) -> None:
    if bins.count is not None and bins.width is not None:
        raise InvalidInput("Give either the number of bins or their width, not both.", field="width")
    ends = [end for end in (bins.low, bins.high) if end is not None]
    if not all(map(math.isfinite, ends)) or (len(ends) == 2 and ends[0] >= ends[1]):
        raise InvalidInput("The lower end of the range must be a number below the upper end.", field="min")


def equal_edges(low: float, high: float, count: int) -> FloatArray:
    """Edges of ``numpy.histogram`` for a number of bins; a range of one value gets half a unit on either side."""
    if not 1 <= count <= LARGEST_BIN_COUNT:
        raise InvalidInput(f"The number of bins must lie between 1 and {LARGEST_BIN_COUNT:,}.", field="bins")
    if low == high:
        low, high = low - 0.5, high + 0.5
    if not math.isfinite(high - low):
        raise InvalidInput("The range is too wide for bins. Give a smaller one.", field="min")
    return np.linspace(low, high, count + 1)


def _of_width(bins: BinRequest, width: float, low: float, high: float) -> FloatArray:
    if not (width > 0 and math.isfinite(width)) or (high - low) / width > LARGEST_BIN_COUNT:
        raise InvalidInput("The bin width must be a positive number that gives at most 100,000 bins.", field="width")
    if bins.low is None and bins.high is None:
        return asked_edges(low, high, width=width)
    first = low / width if bins.low is not None else math.floor(low / width + NEARLY)
    reach = high / width - first
    n_bins = max(1, math.floor(reach) + 1 if bins.high is None else math.ceil(reach - NEARLY))
    whole = round(first)
    if abs(first - whole) < NEARLY:
        return multiples(width, whole, whole + n_bins)
    return low + width * np.arange(n_bins + 1, dtype=np.float64)


def asked_histogram(table: CanonicalTable, measured: Measured, bins: BinRequest, cut: Bound | None) -> Histogram:
    """Histogram of one quantity over the rows that pass a cut; InvalidInput when the numbers make none."""
    return histogram(table, measured, bin_edges(table, measured, bins, cut), cut)


@dataclass(slots=True)
class _Parts:
    """Counts of one thread: by value of the column that splits, missing values, rows cut away."""

    counts: dict[CategoryValue, NDArray[np.int64]] = field(default_factory=dict)
    missing: int = 0
    away: int = 0


def split_histogram(
    table: CanonicalTable, measured: Measured, bins: BinRequest, split: str, cut: Bound | None
) -> SplitHistogram:
    """Histogram by the values of another column, smallest value first, missing last.

    Raises
    ------
    InvalidInput
        If there is no such column, or it has more than 50 values.
    """
    if split not in table.names or table.dtype(split).startswith("vector"):
        raise InvalidInput(f'There is no column "{split[:100]}" that could split the counts.', field="split")
    edges = bin_edges(table, measured, bins, cut)
    names = () if cut is None else bound_columns(cut)

    def step(state: _Parts, _first_row: int, arrays: list[pa.Array]) -> None:
        values, groups = transformed(arrays[0], measured.transform), arrays[1]
        if cut is not None:
            keep = mask(cut, dict(zip(names, arrays[2:], strict=True)))
            state.away += int(keep.size - np.count_nonzero(keep))
            values, groups = values[keep], groups.filter(pa.array(keep))
        _add_groups(state, values, groups, measured, edges)

    parts = table.walked([measured.column, split, *names], _Parts, step)
    return _assembled(table, measured, edges, parts)


def _add_groups(state: _Parts, values: NDArray[Any], groups: pa.Array, measured: Measured, edges: FloatArray) -> None:
    encoded = groups.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    found = [_plain(value, groups.type) for value in encoded.dictionary]
    if len(found) > MOST_SERIES + 1 or len(state.counts) > MOST_SERIES + 1:
        raise InvalidInput(f"The column has more than {MOST_SERIES} values, too many to split by.", field="split")
    for code, value in [*enumerate(found), (-1, None)]:
        chosen = values[codes == code]
        if chosen.size:
            counts = state.counts.setdefault(value, np.zeros(edges.size - 1, np.int64))
            state.missing += add_counts(chosen, measured, edges, counts, EVERY_ROW)


def _plain(value: pa.Scalar, kind: pa.DataType) -> CategoryValue:
    plain: CategoryValue = value.as_py()
    if pa.types.is_floating(kind):
        number = np.float32(plain) if pa.types.is_float32(kind) else np.float64(plain)
        return float(str(number)) if np.isfinite(number) else None
    return plain


def _assembled(table: CanonicalTable, measured: Measured, edges: FloatArray, parts: Sequence[_Parts]) -> SplitHistogram:
    by_value: dict[CategoryValue, NDArray[np.int64]] = {}
    for part in parts:
        for value, counts in part.counts.items():
            by_value[value] = by_value.get(value, 0) + counts
    if len(by_value) > MOST_SERIES + (None in by_value):
        raise InvalidInput(f"The column has more than {MOST_SERIES} values, too many to split by.", field="split")
    total = sum(by_value.values(), np.zeros(edges.size - 1, np.int64))
    missing, away = sum(part.missing for part in parts), sum(part.away for part in parts)
    tally = Tally(table.n_rows, int(total.sum()), missing, 0, away)
    ordered = sorted(by_value.items(), key=lambda item: (item[0] is None, item[0]))
    return SplitHistogram(finished(measured, edges, total, tally), tuple(Series(*item) for item in ordered))


def asked_density(
    table: CanonicalTable,
    pair: tuple[Measured, Measured],
    n_bins: int,
    ranges: Sequence[tuple[float | None, float | None]],
    cut: Bound | None,
) -> Density:
    """Counts over two quantities in ``n_bins`` equal bins each; an open end of a range is that of the data."""
    if not 1 <= n_bins <= MOST_MAP_BINS:
        raise InvalidInput(f"A map has between 1 and {MOST_MAP_BINS} bins on a side.", field="bins")
    is_known = all(end is not None for ends in ranges for end in ends)
    found = [EMPTY_RANGE] * 2 if is_known else extents(table, pair, cut)
    axes = []
    for (low, high), (least, most) in zip(ranges, found, strict=True):
        _check(BinRequest(low=low, high=high))
        axes.append(_usable(equal_edges(*_ordered(BinRequest(low=low, high=high), least, most), n_bins)))
    return density(table, *pair, (axes[0], axes[1]), cut)
