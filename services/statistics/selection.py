"""Rows of a table chosen by a cut, in an order, from an offset on: batch by batch, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from services.cuts.bound import Bound, bound_columns
from services.statistics.arrow_types import bytes_per_row
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_masks import mask

BATCH_ROWS = 2**15
BATCH_BYTES = 2**22
"""Rows and bytes of a batch at most: texts made of it take several times as much."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows and columns. ``sort`` as in ``TableQuery``; ``limit`` None: to the end."""

    columns: tuple[str, ...]
    cut: Bound | None = None
    sort: tuple[str, ...] = ()
    offset: int = 0
    limit: int | None = None

    def n_rows(self, n_matching: int) -> int:
        """Rows of the selection when this many match the cut."""
        rest = max(0, n_matching - self.offset)
        return rest if self.limit is None else min(rest, self.limit)


def count_matching(table: CanonicalTable, cut: Bound | None) -> int:
    """Rows that pass a cut."""
    if cut is None:
        return table.n_rows
    names = bound_columns(cut)

    def step(state: list[int], _first_row: int, arrays: list[pa.Array]) -> None:
        state.append(int(np.count_nonzero(mask(cut, dict(zip(names, arrays, strict=True))))))

    return sum(n for part in table.walked(names, list, step) for n in part)


def selected(path: Path, chosen: Selection) -> Iterator[pa.RecordBatch]:
    """The rows in batches of a few megabytes, columns in the order asked for and in the types of the table.

    A cut alone is evaluated row group by row group in file order; an order is DuckDB's work, which spills to disk what
    its memory does not hold.
    """
    if chosen.sort:
        from services.statistics.rows import sorted_batches  # loads DuckDB, which other answers need not

        yield from sorted_batches(path, chosen)
        return
    with CanonicalTable.open(path) as table:
        yield from _in_file_order(table, chosen)


def batch_rows(schema: pa.Schema, names: Sequence[str]) -> int:
    """Rows of a batch of these columns."""
    width = bytes_per_row(pa.schema([schema.field(name) for name in names]))
    return max(1, min(BATCH_ROWS, BATCH_BYTES // max(width, 1)))


def _in_file_order(table: CanonicalTable, chosen: Selection) -> Iterator[pa.RecordBatch]:
    size = batch_rows(table.schema, chosen.columns)
    skip, left = chosen.offset, chosen.limit
    for columns in _groups(table, chosen, skip if chosen.cut is None else 0):
        here = columns.slice(min(skip, columns.num_rows))
        skip -= columns.num_rows - here.num_rows
        here = here if left is None else here.slice(0, left)
        left = None if left is None else left - here.num_rows
        for start in range(0, here.num_rows, size):
            yield here.slice(start, size)
        if left == 0:
            return


def _groups(table: CanonicalTable, chosen: Selection, skip: int) -> Iterator[pa.RecordBatch]:
    """Rows that pass, one batch per row group; of row groups that are skipped whole only the length is right."""
    cut_names = () if chosen.cut is None else bound_columns(chosen.cut)
    for group in range(table.n_groups):
        n_rows = table.group_rows(group)
        if skip >= n_rows:
            skip -= n_rows
            yield _empty(n_rows)
            continue
        arrays = table.group_arrays(group, [*chosen.columns, *cut_names])
        kept: list[pa.Array] = arrays[: len(chosen.columns)]
        if chosen.cut is not None:
            keep = pa.array(mask(chosen.cut, dict(zip(cut_names, arrays[len(kept) :], strict=True))))
            kept = [values.filter(keep) for values in kept]
        yield pa.RecordBatch.from_arrays(kept, names=list(chosen.columns))


def _empty(n_rows: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.nulls(n_rows)], names=["skipped"])


def typed(batch: pa.RecordBatch, names: Sequence[str], schema: pa.Schema) -> pa.RecordBatch:
    """The batch under the names and in the types of the table; NaN stays NaN."""
    columns: list[Any] = [
        values if values.type == schema.field(name).type else values.cast(schema.field(name).type)
        for values, name in zip(batch.columns, names, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=list(names))
