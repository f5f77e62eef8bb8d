"""VOTable: tables of the Virtual Observatory, rows as XML text or as base64 bytes, read in a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.formats.arrays import rows_per_batch
from services.formats.base import ClosingReader, not_a_table, unreadable
from services.formats.column_names import catalogue_score, listed, unique_names
from services.formats.votable_grids import votable_grid
from services.formats.votable_values import Cell, RowDecoder, column_array, field_dtype
from services.formats.votable_xml import VoTable, Walker
from services.models.tables import TableColumn, TableInfo

_CELL_BYTES = 64
"""What a cell weighs while it is a Python object."""


def open_votable(path: Path, name: str) -> VotableReader:
    """A reader for the table of a VOTable file that looks most like a catalogue."""
    walker = Walker(name)
    for _ in walker.walk(path):
        pass
    tables = [table for table in walker.tables if table.fields]
    filled = [table for table in tables if table.coding == "BINARY" or table.coding == "BINARY2" or table.n_rows]
    if not tables:
        raise not_a_table(name, "the XML holds no VOTable with columns (no FIELD in a TABLE).")
    if not filled:
        coding = "rows inside a FITS stream, which is not read" if tables[0].coding == "FITS" else "no rows"
        raise unreadable(name, f"its table has {coding}.")
    best = max(filled, key=lambda table: (catalogue_score([field.name for field in table.fields]), table.n_rows))
    number = next(place for place, table in enumerate(walker.tables) if table is best)
    reader = VotableReader(path, name, number, best, len(filled) - 1)

    def rows(number: int, column: str) -> Iterator[NDArray[np.floating]]:
        return _numbers(VotableReader(path, name, number, walker.tables[number], 0), column)

    grid = votable_grid(walker.words, walker.tables, number, reader.info.columns, rows)
    reader.info = replace(reader.info, grid=grid)
    return reader


def _numbers(reader: VotableReader, column: str) -> Iterator[NDArray[np.floating]]:
    """Values of a column of numbers, shape (rows, numbers); none of a column that is not read."""
    if column not in {one.name for one in reader.info.columns}:
        return
    for batch in reader.batches((column,)):
        values = batch.column(0)
        numbers = values.flatten() if pa.types.is_fixed_size_list(values.type) else values
        found = np.asarray(numbers.to_numpy(zero_copy_only=False), np.float64)
        yield found.reshape(len(values), -1)


class VotableReader(ClosingReader):
    """Rows of one table."""

    def __init__(self, path: Path, name: str, number: int, table: VoTable, n_others: int) -> None:
        super().__init__(name)
        self._path, self._number, self._table = path, number, table
        names, renamed = unique_names([field.name for field in table.fields])
        dtypes = [field_dtype(field) for field in table.fields]
        skipped = [name for name, dtype in zip(names, dtypes, strict=True) if not dtype]
        self._places = {name: place for place, (name, dtype) in enumerate(zip(names, dtypes, strict=True)) if dtype}
        if not self._places:
            raise unreadable(name, "no column of the table holds plain numbers or text.")
        notes = (f"Columns of complex numbers or lists of varying length were left out: {listed(skipped)}.",)
        more = (f"The file holds {n_others} more tables; table {number + 1} was read.",)
        self.info = TableInfo(
            format="votable",
            columns=tuple(self._column(name, place) for name, place in self._places.items()),
            n_rows=table.n_rows if table.coding == "TABLEDATA" else None,
            place=f"table {number + 1} {table.name}".strip() if n_others or table.name else "",
            warnings=(*renamed, *(notes if skipped else ()), *(more if n_others else ())),
        )

    def _column(self, name: str, place: int) -> TableColumn:
        field = self._table.fields[place]
        return TableColumn(name, field_dtype(field) or "string", field.unit, field.ucd, field.description)

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order, see ``TableReader``."""
        names = columns or tuple(self._places)
        step = rows_per_batch(_CELL_BYTES * len(self._table.fields))
        waiting: list[list[Cell]] = []
        first = 1
        for rows in self._rows():
            waiting += rows
            while len(waiting) >= step:
                yield self._batch(waiting[:step], names, first)
                first += step
                del waiting[:step]
        if waiting:
            yield self._batch(waiting, names, first)

    def _rows(self) -> Iterator[list[list[Cell]]]:
        walker = Walker(self.name, self._number)
        is_text = self._table.coding == "TABLEDATA"
        decoder = None if is_text else RowDecoder(self._table.fields, self._table.coding == "BINARY2", self.name)
        for _ in walker.walk(self._path):
            if decoder:
                yield list(decoder.rows(walker.stream))
            else:
                yield [list(row) for row in walker.rows]
                walker.rows.clear()
        if walker.stream:
            raise unreadable(self.name, "its binary rows break off in the middle of a row.")

    def _batch(self, rows: list[list[Cell]], names: tuple[str, ...], first: int) -> pa.RecordBatch:
        width = len(self._table.fields)
        for number, row in enumerate(rows):
            if len(row) != width:
                raise unreadable(self.name, f"row {first + number} has {len(row)} cells where {width} are expected.")
        arrays = []
        for name in names:
            place = self._places[name]
            field = replace(self._table.fields[place], name=name)
            arrays.append(column_array(field, [row[place] for row in rows], self.name, first))
        return pa.RecordBatch.from_arrays(arrays, names=list(names))
