"""Any table in, one Parquet layout out: streamed, in bounded memory, with the profile of every column.

The layout and why: docs/decisions/0060-canonical-table.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.formats.base import Surprise, TableReader, TriedReader
from services.models.tables import ColumnProfile, TableColumn
from services.statistics.arrow_types import bytes_per_row, canonical_array, canonical_schema
from services.statistics.column_profiles import SAMPLE_BYTES, ProfileBuilder
from services.statistics.pdf_grid import with_grid

GROUP_ROWS = 262_144
"""Rows of a row group: large enough that opening one costs nothing, small enough for the second-level cache."""

GROUP_BYTES = 48 * 2**20
"""A row group stays below this in memory, so that 1,500 columns need no more than 15."""

PAGE_BYTES = 4 * 2**20
"""A row group of numbers is one page, see ``row_values``."""

SMALLEST_GROUP_ROWS = 1024

DICTIONARY_VALUES = 1000
"""Columns with more distinct values in their first row group are stored plain: a dictionary would only slow them."""

Progress = Callable[[float, str], None]


def _nobody_listens(_fraction: float, _message: str) -> None:
    """Progress for callers that do not show it."""


@dataclass(frozen=True, slots=True)
class CanonicalSummary:
    """What was written: rows, one profile per column, bytes of the file."""

    n_rows: int
    profiles: tuple[ColumnProfile, ...]
    n_bytes: int


def write_canonical(reader: TableReader, path: Path, progress: Progress = _nobody_listens) -> CanonicalSummary:
    """Stream all rows of a reader into the canonical table.

    Parameters
    ----------
    reader : TableReader
        Any table; its batches may have any number of rows.
    path : Path
        Where the Parquet file appears, whole or not at all.
    progress : callable
        Told the fraction done (0..1; 0 while the number of rows is not known) and a few words, once per row group.
        It starts again where a trial of the reader breaks off.

    Raises
    ------
    UnreadableTable
        As the reader raises it; nothing is left behind then.
    """
    trial = reader.trial if isinstance(reader, TriedReader) else None
    if trial is not None:
        with suppress(Surprise):
            schema = canonical_schema(trial.columns)
            return _written(trial.batches(), trial.columns, schema, path, trial.n_rows_expected, progress)
    info = reader.info
    schema = with_grid(canonical_schema(info.columns), info.grid, info.pdf_form)
    return _written(reader.batches(), info.columns, schema, path, info.n_rows, progress)


def _written(
    batches: Iterator[pa.RecordBatch],
    columns: tuple[TableColumn, ...],
    schema: pa.Schema,
    path: Path,
    n_expected: int | None,
    progress: Progress,
) -> CanonicalSummary:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    builders = _builders(columns)
    try:
        n_rows = _write_groups(_observed(batches, schema, builders), schema, draft, n_expected, progress)
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    return CanonicalSummary(n_rows, tuple(builder.profile() for builder in builders), path.stat().st_size)


def _builders(columns: tuple[TableColumn, ...]) -> list[ProfileBuilder]:
    sample_rows = SAMPLE_BYTES // (8 * max(len(columns), 1))
    return [ProfileBuilder(column, sample_rows) for column in columns]


def _observed(
    batches: Iterator[pa.RecordBatch], schema: pa.Schema, builders: list[ProfileBuilder]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        arrays = [canonical_array(batch.column(i), kind) for i, kind in enumerate(schema.types)]
        _take_in(arrays, builders)
        observed = pa.RecordBatch.from_arrays(arrays, schema=schema)
        del batch, arrays
        yield observed
        del observed  # nothing of a batch is held while the next one is read


def _take_in(arrays: list[pa.Array], builders: list[ProfileBuilder]) -> None:
    for values, builder in zip(arrays, builders, strict=True):
        builder.add(values)


def group_rows(schema: pa.Schema) -> int:
    """Rows of a row group for this table: ``GROUP_ROWS``, fewer when rows are wide."""
    return min(GROUP_ROWS, max(SMALLEST_GROUP_ROWS, GROUP_BYTES // max(bytes_per_row(schema), 1)))


def _groups(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The same rows, cut into row groups."""
    size = group_rows(schema)
    pending: list[pa.RecordBatch] = []
    n_pending = 0
    for batch in batches:
        pending.append(batch)
        n_pending += batch.num_rows
        del batch
        while n_pending >= size:
            table = pa.Table.from_batches(pending, schema)
            group, pending = table.slice(0, size), table.slice(size).to_batches()
            n_pending -= size
            del table
            yield group
            del group
    yield pa.Table.from_batches(pending, schema)


def _write_groups(
    batches: Iterator[pa.RecordBatch], schema: pa.Schema, draft: Path, n_expected: int | None, progress: Progress
) -> int:
    n_rows = 0
    groups = _groups(batches, schema)
    group: pa.Table | None = next(groups)
    repetitive = _repetitive_columns(group)
    with pq.ParquetWriter(
        draft,
        schema,
        compression=_compression(schema, repetitive),
        data_page_size=PAGE_BYTES,
        max_rows_per_page=GROUP_ROWS,
        use_dictionary=repetitive,
        write_page_index=True,
        write_statistics=_columns_with_extremes(schema),
    ) as writer:
        while group is not None:
            if group.num_rows:
                writer.write_table(group, row_group_size=group.num_rows)
            n_rows += group.num_rows
            group = None
            pa.default_memory_pool().release_unused()  # else the pool keeps several row groups of freed memory
            progress(min(1.0, n_rows / n_expected) if n_expected else 0.0, f"{n_rows:,} rows read")
            group = next(groups, None)
    return n_rows


def _compression(schema: pa.Schema, repetitive: list[str]) -> dict[str, str]:
    """LZ4 for text, vectors and what repeats itself; other columns of numbers are stored as they are.

    Then a value is a place in the file (see ``row_values``), and counting need not unpack what hardly shrinks.
    """
    codecs = {}
    for field in schema:
        if pa.types.is_fixed_size_list(field.type):
            codecs[f"{field.name}.list.element"] = "lz4"
        elif field.name in repetitive or not (pa.types.is_floating(field.type) or pa.types.is_integer(field.type)):
            codecs[field.name] = "lz4"
    return codecs


def _columns_with_extremes(schema: pa.Schema) -> list[str]:
    """Columns whose minimum and maximum are stored: not floats. Extremes leave NaN out, and an engine that believes
    them takes ``isnan(x)`` for false and ``x > 24`` for decided (DuckDB 2.0 does)."""
    return [
        field.name
        for field in schema
        if not (pa.types.is_floating(field.type) or pa.types.is_fixed_size_list(field.type))
    ]


def _repetitive_columns(group: pa.Table) -> list[str]:
    """Text, flags and integers with few distinct values for their number of rows."""
    names = []
    for name, kind in zip(group.column_names, group.schema.types, strict=True):
        if pa.types.is_string(kind) or pa.types.is_integer(kind):
            head = group.column(name).slice(0, 16 * DICTIONARY_VALUES)
            if pc.count_distinct(head).as_py() <= min(DICTIONARY_VALUES, len(head) // 2):
                names.append(name)
    return names
