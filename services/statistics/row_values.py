"""Single values out of a Parquet file, without decoding the pages they are in.

Numbers of the canonical table are stored plain: uncompressed, one page for each row group, nothing between them. The
values are the last ``n_rows * width`` bytes of the column chunk, so a row is a place in the file. Where that does not
hold (text, repetitive integers, integers with nulls, files of an older layout) the answer is None.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from services.formats.arrays import number_array

STORED_TYPES = {"FLOAT": "f4", "DOUBLE": "f8", "INT32": "i4", "INT64": "i8"}
LONGEST_HEADER = 1024
KEPT_LAYOUTS = 64
KEPT_COLUMNS = 4096

Stamp = tuple[int, int]
"""Time of change and size of a file: a new file under an old name is another file."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the footer of a file says: schema, first row of every row group (and, last, the number of rows)."""

    metadata: pq.FileMetaData
    schema: pa.Schema
    first_rows: NDArray[np.int64]


@lru_cache(maxsize=KEPT_LAYOUTS)
def layout(path: Path, stamp: Stamp) -> Layout:  # noqa: ARG001 - another stamp is another entry of the cache
    """Footer of a file, read once for each state of it."""
    with pq.ParquetFile(path) as file:
        metadata = file.metadata
        sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        return Layout(metadata, file.schema_arrow, np.cumsum([0, *sizes], dtype=np.int64))


def file_stamp(path: Path) -> Stamp:
    """The state of a file."""
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_size


def values_at(path: Path, stamp: Stamp, name: str, numbers: NDArray[np.int64]) -> pa.Array | None:
    """Values of one column in some rows (numbers from 0), in their order; None when they must be decoded.

    The column is one of the file's, the numbers are inside the table.
    """
    known = layout(path, stamp)
    kind = known.schema.field(name).type
    starts = value_starts(path, stamp, name)
    if starts is None:
        return None
    stored = stored_type(kind)
    groups = np.searchsorted(known.first_rows, numbers, side="right") - 1
    places = starts[groups] + (numbers - known.first_rows[groups]) * stored.itemsize
    content = np.memmap(path, np.uint8, "r")
    found = content[places[:, None] + np.arange(stored.itemsize)].view(stored).reshape(-1)
    return pa.array(found.astype(kind.to_pandas_dtype()), kind)


class PlainColumns:
    """Whole row groups of the columns that are stored plain, read as the bytes they are.

    Arrow's own reader takes three times as long: it copies every value twice on the way.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._stamp = path, file_stamp(path)
        self._layout = layout(path, self._stamp)
        self._file = path.open("rb", buffering=0)

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def array(self, name: str, group: int) -> pa.Array | None:
        """One column of one row group; None when it must be decoded. Several threads may ask at once."""
        starts = value_starts(self._path, self._stamp, name)
        if starts is None:
            return None
        kind = self._layout.schema.field(name).type
        n_rows = int(self._layout.first_rows[group + 1] - self._layout.first_rows[group])
        stored = np.empty(n_rows, stored_type(kind))
        if os.preadv(self._file.fileno(), [pa.py_buffer(stored)], int(starts[group])) != stored.nbytes:
            return None
        return number_array(stored.astype(kind.to_pandas_dtype(), copy=False))


def stored_type(kind: pa.DataType) -> np.dtype[np.generic]:
    """Type of the bytes: Parquet keeps integers of less than four bytes in four."""
    width = max(kind.bit_width // 8, 4)
    letter = "f" if pa.types.is_floating(kind) else "u" if pa.types.is_unsigned_integer(kind) else "i"
    return np.dtype(f"<{letter}{width}")


@lru_cache(maxsize=KEPT_COLUMNS)
def value_starts(path: Path, stamp: Stamp, name: str) -> NDArray[np.int64] | None:
    """Place of the first value of a column in every row group; None when one of them is not stored plain."""
    known = layout(path, stamp)
    index = known.schema.get_field_index(name)
    kind = known.schema.field(index).type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        return None
    starts = []
    with path.open("rb") as stream:
        for group in range(known.metadata.num_row_groups):
            chunk = known.metadata.row_group(group).column(index)  # each column is stored as one, vectors too
            if not _is_plain(chunk, nullable=known.schema.field(index).nullable):
                return None
            n_bytes = chunk.num_values * stored_type(kind).itemsize
            stream.seek(chunk.data_page_offset)
            if page_bytes(stream.read(LONGEST_HEADER)) < n_bytes:
                return None  # the chunk goes on in a second page
            starts.append(chunk.data_page_offset + chunk.total_compressed_size - n_bytes)
    return np.array(starts, np.int64)


def _is_plain(chunk: pq.ColumnChunkMetaData, *, nullable: bool) -> bool:
    if chunk.compression != "UNCOMPRESSED" or chunk.has_dictionary_page or chunk.physical_type not in STORED_TYPES:
        return False
    if not set(chunk.encodings) <= {"PLAIN", "RLE"}:
        return False
    return not nullable or (chunk.is_stats_set and chunk.statistics.has_null_count and chunk.statistics.null_count == 0)


def page_bytes(header: bytes) -> int:
    """Uncompressed size of a page: the second field of its header, after the kind of page (Thrift, compact form).

    Each field is one byte, 0x15 for "next field, 32-bit integer", and a zigzag number of seven bits a byte.
    """
    place, value = 0, 0
    for _ in range(2):
        if header[place] != 0x15:
            return -1
        value, shift, place = 0, 0, place + 1
        while True:
            byte = header[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
    return value >> 1
