"""Numpy arrays (``.npy``): structured arrays, lists and matrices of numbers. Arrays of objects are refused unread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.errors import UnreadableTable
from services.formats.arrays import dtype_name, rows_per_batch, to_arrow
from services.formats.base import ClosingReader, not_a_table, unreadable
from services.formats.column_names import listed, unique_names
from services.models.tables import TableColumn, TableInfo

MAX_COLUMNS = 20_000
DAMAGED = (ValueError, OSError, EOFError, KeyError, TypeError, SyntaxError, OverflowError, MemoryError, TokenError)
"""What numpy raises on odd headers, which it reads as Python literals."""


_PICKLED = "it holds pickled Python objects: that is code, not data, and is never run here."


def open_npy(path: Path, name: str) -> NpyReader:
    """A reader for an array file."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGED as error:
        raise _refusal(path, name) from error
    if array.dtype.hasobject:
        raise not_a_table(name, _PICKLED)
    if array.ndim == 0 or array.ndim > 2 or (array.ndim == 2 and array.dtype.names):
        raise not_a_table(name, f"an array of {array.ndim} dimensions is no table.")
    if array.ndim == 2 and array.shape[1] > MAX_COLUMNS:
        raise not_a_table(name, f"a matrix of {array.shape[1]} columns is no table.")
    return NpyReader(array, name)


def _refusal(path: Path, name: str) -> UnreadableTable:
    with path.open("rb") as file:
        head = file.read(4096)
    if b"'O'" in head or b"|O" in head:
        return not_a_table(name, _PICKLED)
    return unreadable(name, "the array is damaged or cut off: its header declares other bytes than the file holds.")


class NpyReader(ClosingReader):
    """Rows of a mapped array."""

    def __init__(self, array: NDArray[Any], name: str) -> None:
        super().__init__(name)
        self._array = array
        fields = array.dtype.names
        given = fields or tuple(f"col{place + 1}" for place in range(array.shape[1] if array.ndim == 2 else 1))
        names, renamed = unique_names(given)
        dtypes = [_field_dtype(array, place) for place in range(len(names))]
        self._places = {name: place for place, (name, dtype) in enumerate(zip(names, dtypes, strict=True)) if dtype}
        skipped = [name for name, dtype in zip(names, dtypes, strict=True) if not dtype]
        if not self._places:
            raise unreadable(name, "no field of the array holds plain numbers or text.")
        notes = (f"Fields without plain numbers or text were left out: {listed(skipped)}.",) if skipped else ()
        unnamed = (
            () if fields else ("An array has no column names, so they were called col1, col2, ...: say what they are.",)
        )
        self.info = TableInfo(
            format="npy",
            columns=tuple(TableColumn(name, dtypes[place] or "") for name, place in self._places.items()),
            n_rows=int(array.shape[0]),
            warnings=(*unnamed, *renamed, *notes),
            needs_confirmation=not fields,
            has_header=bool(fields),
        )

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order, see ``TableReader``."""
        names = columns or tuple(self._places)
        dtypes = {column.name: column.dtype for column in self.info.columns}
        row_bytes = self._array.dtype.itemsize * (self._array.shape[1] if self._array.ndim == 2 else 1)
        step = rows_per_batch(row_bytes)
        for start in range(0, self._array.shape[0], step):
            rows = np.array(self._array[start : start + step])
            arrays = [to_arrow(self._field(rows, self._places[name]), dtypes[name]) for name in names]
            yield pa.RecordBatch.from_arrays(arrays, names=list(names))

    def _field(self, rows: NDArray[Any], place: int) -> NDArray[Any]:
        if rows.dtype.names:
            return rows[rows.dtype.names[place]]
        return rows[:, place] if rows.ndim == 2 else rows


def _field_dtype(array: NDArray[Any], place: int) -> str | None:
    if not array.dtype.names:
        return dtype_name(array.dtype)
    base, shape = array.dtype[place].subdtype or (array.dtype[place], ())
    return dtype_name(base, int(np.prod(shape, dtype=float)) if shape else 1)
