"""The first rows of a table in the order of one column of numbers, in one walk over that column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.statistics.canonical import CanonicalTable


@dataclass(slots=True)
class _Best:
    """The best rows so far of one thread: their values and numbers, at most ``size``, in no order."""

    size: int
    descending: bool
    values: NDArray[Any] | None = None
    rows: NDArray[np.int64] | None = None
    worst: Any = None

    def add(self, values: NDArray[Any], rows: NDArray[np.int64]) -> None:
        if self.values is not None and self.rows is not None:
            values, rows = np.concatenate([self.values, values]), np.concatenate([self.rows, rows])
        if values.size > self.size:
            order = ranked(values, rows, self.size, descending=self.descending)
            values, rows = values[order], rows[order]
            self.worst = values[-1]
        self.values, self.rows = values, rows

    def candidates(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Rows that may be among the best. Equal to the worst counts: threads meet rows in no order. Never NaN."""
        if self.worst is None:
            return values == values
        return values >= self.worst if self.descending else values <= self.worst


def ranked(values: NDArray[Any], rows: NDArray[np.int64], size: int, *, descending: bool) -> NDArray[np.intp]:
    """Indices of the first ``size`` by value, ties by row number; no value is NaN."""
    chosen = np.arange(values.size)
    if values.size > size:
        place = values.size - size if descending else size - 1
        limit = np.partition(values, place)[place]
        chosen = np.flatnonzero(values >= limit if descending else values <= limit)
    order = chosen[np.argsort(rows[chosen], kind="stable")]
    if not descending:
        return order[np.argsort(values[order], kind="stable")][:size]
    backwards = order[::-1]  # reversed twice, so that equal values stay in the order of their rows
    return backwards[np.argsort(values[backwards], kind="stable")][::-1][:size]


def first_rows(table: CanonicalTable, name: str, size: int, *, descending: bool) -> NDArray[np.int64]:
    """Numbers (from 0) of the first ``size`` rows by one column of numbers, ties in file order.

    Rows without a value are not among them, so there may be fewer.
    """

    def step(best: _Best, first_row: int, arrays: list[pa.Array]) -> None:
        (stored,) = arrays
        values = (stored.fill_null(0) if stored.null_count else stored).to_numpy(zero_copy_only=False)
        chosen = best.candidates(values)
        if stored.null_count:
            chosen &= stored.is_valid().to_numpy(zero_copy_only=False)
        places = np.flatnonzero(chosen)
        if places.size:
            best.add(values[places], first_row + places)

    found = [best for best in table.walked([name], lambda: _Best(size, descending), step) if best.values is not None]
    if not found:
        return np.empty(0, np.int64)
    values = np.concatenate([best.values for best in found if best.values is not None])
    rows = np.concatenate([best.rows for best in found if best.rows is not None])
    return rows[ranked(values, rows, size, descending=descending)]
