"""Parquet tables, streamed by pages, with the claims of the footer checked before they are believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from services.formats.arrays import arrow_type, decoded, rows_per_batch
from services.formats.base import ClosingReader, unreadable
from services.formats.column_names import listed, unique_names
from services.formats.column_runs import run_widths
from services.formats.grids import Grid, common_row, fitting_grid, grid_in_metadata, is_grid_name, vector_width
from services.models.tables import TableColumn, TableInfo

MAX_ROWS_PER_BYTE = 2_000
"""A footer that claims more rows for each byte of the file lies: a page of 20 000 equal values takes some 20 bytes."""

MAX_FOOTER_BYTES = 256 * 2**20
MAX_COLUMNS = 20_000
BUFFER_BYTES = 2**20
MAX_VECTOR = 20_000
MOST_GRID_VALUES = 10**8
"""Numbers of a column that are looked at to see whether all its rows are the same (a second or two)."""
_TEXT_BYTES = 64
EXACT_DIGITS = 15
"""Decimal numbers of so many digits are told apart as doubles; longer ones stay text."""

_PLAIN = {"float": "float32", "double": "float64", "halffloat": "float32", "null": "float64"}


def open_parquet(path: Path, name: str) -> ParquetReader:
    """A reader for a Parquet file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 8))
        tail = file.read(8)
    if tail[4:] != b"PAR1" or int.from_bytes(tail[:4], "little") > min(size, MAX_FOOTER_BYTES):
        raise unreadable(name, "the Parquet file has no footer at its end: it is cut off or damaged.")
    try:
        # A buffer makes pyarrow read column chunks bit by bit instead of whole.
        file = pq.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False, memory_map=False)
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise unreadable(name, "the footer of the Parquet file cannot be read.") from error
    try:
        _check_claims(file.metadata, size, name)
        return ParquetReader(file, name)
    except BaseException:
        file.close()
        raise


def _check_claims(metadata: pq.FileMetaData, size: int, name: str) -> None:
    """Compares what the footer says with what a file of this size can hold."""
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    n_rows = sum(group.num_rows for group in groups)
    if metadata.num_rows < 0 or n_rows != metadata.num_rows or any(group.num_rows < 0 for group in groups):
        raise unreadable(name, f"the footer claims {metadata.num_rows} rows, its row groups {n_rows}: it is damaged.")
    if n_rows > MAX_ROWS_PER_BYTE * size:
        raise unreadable(name, f"the footer claims {n_rows} rows, which a file of {size} bytes cannot hold.")
    if metadata.num_columns > MAX_COLUMNS:
        raise unreadable(name, f"the footer claims {metadata.num_columns} columns, which no table has.")
    for number, group in enumerate(groups):
        for place in range(group.num_columns):
            chunk = group.column(place)
            if not 0 <= chunk.total_compressed_size <= size or not 0 <= chunk.data_page_offset <= size:
                where = f"row group {number}, column {chunk.path_in_schema}"
                raise unreadable(name, f"{where} is said to lie outside of the file: it is cut off or damaged.")


@dataclass(frozen=True, slots=True)
class _Source:
    """A readable column: its field in the file and what it becomes."""

    field: pa.Field
    column: TableColumn


class ParquetReader(ClosingReader):
    """Rows of a Parquet file."""

    def __init__(self, file: pq.ParquetFile, name: str) -> None:
        super().__init__(name)
        self._file = file
        schema = self._schema()
        kept = [field for field in schema if field.name not in _unnamed_indexes(schema)]
        names, renamed = unique_names([field.name for field in kept])
        if renamed and len({field.name for field in kept}) < len(kept):
            raise unreadable(name, "two columns of the Parquet file have the same name, so they cannot be told apart.")
        skipped: dict[str, list[str]] = {}
        self._sources: dict[str, _Source] = {}
        for given, field in zip(names, kept, strict=True):
            dtype, reason = self._dtype(field)
            if reason:
                skipped.setdefault(reason, []).append(given)
            else:
                self._sources[given] = _Source(field, _described(given, dtype, field))
        if not self._sources:
            raise unreadable(name, "no column of the Parquet file holds plain numbers or text.")
        notes = tuple(
            f"Columns that hold {reason} were left out: {listed(names)}." for reason, names in skipped.items()
        )
        self.info = TableInfo(
            format="parquet",
            columns=tuple(source.column for source in self._sources.values()),
            n_rows=file.metadata.num_rows,
            warnings=(*renamed, *notes),
        )
        self.info = replace(self.info, grid=self._grid(schema))

    def _grid(self, schema: pa.Schema) -> Grid:
        """Grid of the PDFs: in the metadata, or a column of vectors that is the same in every row."""
        columns = [source.column for source in self._sources.values()]
        vectors = [column for column in columns if vector_width(column)]
        if found := grid_in_metadata(schema.metadata, columns):
            return found
        named = [column for column in vectors if is_grid_name(column.name) and self._is_quick(column)]
        is_needed = len(vectors) > len(named) or run_widths(columns)
        walked = (common_row(self._rows_of(column.name)) for column in named if is_needed)
        return next((grid for row in walked if (grid := fitting_grid(row, columns))), ())

    def _is_quick(self, column: TableColumn) -> bool:
        return vector_width(column) * self._file.metadata.num_rows <= MOST_GRID_VALUES

    def _rows_of(self, name: str) -> Iterator[NDArray[np.floating[Any]]]:
        width = vector_width(self._sources[name].column)
        for batch in self.batches((name,)):
            yield np.asarray(batch.column(0).flatten().to_numpy(zero_copy_only=False)).reshape(-1, width)

    def _schema(self) -> pa.Schema:
        try:
            return self._file.schema_arrow
        except (pa.ArrowException, ValueError, TypeError) as error:
            raise unreadable(self.name, "the schema of the Parquet file cannot be read.") from error

    def _dtype(self, field: pa.Field) -> tuple[str, str]:
        """Type of a column, or the reason why it is left out."""
        kind = field.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
            return str(kind), ""
        if str(kind) in _PLAIN:
            return _PLAIN[str(kind)], ""
        if pa.types.is_decimal(kind) and kind.precision <= EXACT_DIGITS:
            return "float64", ""
        if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
            return self._vector_dtype(field)
        if pa.types.is_nested(kind):
            return "", "structures or maps"
        return "string", ""

    def _vector_dtype(self, field: pa.Field) -> tuple[str, str]:
        item = field.type.value_type
        if not (pa.types.is_floating(item) or pa.types.is_integer(item)):
            return "", "lists of other things than numbers"
        width = field.type.list_size if pa.types.is_fixed_size_list(field.type) else self._common_length(field)
        if width is None or not 0 < width <= MAX_VECTOR:
            return "", "lists of varying length"
        return f"vector<{'float32' if str(item) == 'float' else 'float64'}>[{width}]", ""

    def _common_length(self, field: pa.Field) -> int | None:
        """Number of values in every list of a column; None when it varies."""
        lengths: set[int] = set()
        for batch in self._read([field.name], rows_per_batch(1024)):
            found = pc.min_max(pc.list_value_length(batch.column(0))).as_py()
            lengths |= {length for length in found.values() if length is not None}
            if len(lengths) > 1:
                return None
        return lengths.pop() if lengths else None

    def _read(self, names: list[str], step: int) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._file.iter_batches(batch_size=step, columns=names, use_threads=False)
        except (pa.ArrowException, OSError, ValueError, TypeError) as error:
            raise unreadable(
                self.name, "a page of the Parquet file cannot be unpacked: it is cut off or damaged."
            ) from error

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order, see ``TableReader``."""
        wanted = [self._sources[name] for name in (columns or tuple(self._sources))]
        step = rows_per_batch(sum(_value_bytes(source.column.dtype) for source in wanted))
        fields = [source.field.name for source in wanted]
        n_read = 0
        for batch in self._read(fields, step):
            n_read += batch.num_rows
            arrays = [_plain(batch.column(source.field.name), source.column.dtype) for source in wanted]
            yield pa.RecordBatch.from_arrays(arrays, names=[source.column.name for source in wanted])
        if n_read != self.info.n_rows:
            raise unreadable(self.name, f"the footer claims {self.info.n_rows} rows, but the pages hold {n_read}.")

    def close(self) -> None:
        """Release the file."""
        self._file.close()


def _value_bytes(dtype: str) -> int:
    if dtype.startswith("vector<"):
        return 8 * int(dtype.rsplit("[", 1)[1].rstrip("]"))
    return _TEXT_BYTES if dtype == "string" else 8


def _unnamed_indexes(schema: pa.Schema) -> set[str]:
    """Columns that only hold the row numbers of a pandas frame without a named index."""
    try:
        notes = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    except ValueError:
        return set()
    indexes = notes.get("index_columns", []) if isinstance(notes, dict) else []
    return {index for index in indexes if isinstance(index, str) and index.startswith("__index_level_")}


def _described(name: str, dtype: str, field: pa.Field) -> TableColumn:
    notes = {
        key.decode(errors="replace").lower(): value.decode(errors="replace")
        for key, value in (field.metadata or {}).items()
    }
    unit = notes.get("unit") or notes.get("units")
    return TableColumn(
        name, dtype, None if unit in (None, "None", "") else unit, notes.get("ucd"), notes.get("description")
    )


def _plain(values: pa.Array, dtype: str) -> pa.Array:
    """Values of any Parquet type as the type a reader hands out."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if dtype.startswith("vector<"):
        return _as_vectors(values, dtype)
    if dtype != "string" and pa.types.is_decimal(values.type):
        return values.cast(pa.string()).cast(pa.float64())  # straight to double is off by a last digit
    if dtype != "string":
        return values.cast(arrow_type(dtype))
    if (
        pa.types.is_binary(values.type)
        or pa.types.is_large_binary(values.type)
        or pa.types.is_fixed_size_binary(values.type)
    ):
        return decoded(values)
    if pa.types.is_timestamp(values.type) and values.type.tz:
        return pc.strftime(values.cast(pa.timestamp("us", "UTC")), "%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_timestamp(values.type):
        return pc.replace_substring(values.cast(pa.string()), " ", "T")
    return values.cast(pa.string())


def _as_vectors(values: pa.Array, dtype: str) -> pa.Array:
    """Lists of one length; a missing list becomes one of missing values."""
    target = arrow_type(dtype)
    if values.null_count:
        empty = pa.array([[None] * target.list_size], type=pa.list_(target.value_type))
        lists = values.cast(pa.list_(target.value_type))
        values = pa.concat_arrays([lists, empty]).take(
            pa.array([place if known else len(lists) for place, known in enumerate(lists.is_valid().to_pylist())])
        )
    flat = values.flatten().cast(target.value_type)
    return pa.FixedSizeListArray.from_arrays(flat, target.list_size)
