"""Histograms under cuts on other columns, filtered and binned in one walk over the table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.models.statistics import Histogram
from services.statistics.canonical import CanonicalTable
from services.statistics.histograms import FloatArray, Part, merged
from services.statistics.kernels import keep_in_range
from services.statistics.measured import Measured
from services.statistics.transforms import STORED

HALF_OPEN = (True, False)


@dataclass(frozen=True, slots=True)
class RangeCut:
    """Rows with ``low <= value < high`` in a column; a missing value fails."""

    column: str
    low: float = -math.inf
    high: float = math.inf


def kept_rows(table: CanonicalTable, cuts: Sequence[RangeCut]) -> Iterator[NDArray[np.bool_]]:
    """Per row group which rows pass every cut."""
    for columns in table.columns_chunks(tuple((cut.column, STORED) for cut in cuts)):
        yield _mask(columns[0].size, columns, cuts)


def _mask(n_rows: int, columns: Sequence[NDArray[Any]], cuts: Sequence[RangeCut]) -> NDArray[np.bool_]:
    keep = np.ones(n_rows, np.bool_)
    for values, cut in zip(columns, cuts, strict=True):
        keep_in_range(values, cut.low, cut.high, HALF_OPEN, keep)
    return keep


def cut_histogram(table: CanonicalTable, measured: Measured, edges: FloatArray, cuts: Sequence[RangeCut]) -> Histogram:
    """Counts of one quantity over the rows that pass every cut."""

    def count(part: Part, chunk: tuple[NDArray[Any], ...]) -> None:
        part.add(chunk[0], measured, edges, _mask(chunk[0].size, chunk[1:], cuts))

    wanted = ((measured.column, measured.transform), *((cut.column, STORED) for cut in cuts))
    return merged(table, measured, edges, table.tallied(wanted, lambda: Part.over(edges), count))
