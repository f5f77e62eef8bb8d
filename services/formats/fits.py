"""FITS tables: binary and ASCII, read in slices of rows straight from the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.formats.arrays import rows_per_batch
from services.formats.base import ClosingReader, not_a_table, unreadable
from services.formats.column_names import catalogue_score, has_position, listed, plain_name, unique_names
from services.formats.column_runs import run_widths
from services.formats.fits_columns import FitsColumn, ascii_columns, binary_columns, row_dtype, to_values
from services.formats.fits_grids import column_grid, image_grid, table_grid
from services.formats.fits_header import Hdu, read_hdus
from services.formats.grids import Grid, is_grid_name, vector_width
from services.models.tables import TableColumn, TableInfo

MAX_COLUMNS = 20_000


@dataclass(frozen=True, slots=True)
class FitsTable:
    """One table unit and its readable columns."""

    hdu: Hdu
    columns: tuple[FitsColumn, ...]
    skipped: tuple[str, ...]

    @property
    def n_rows(self) -> int:
        """Rows the header declares."""
        return self.hdu.integer("NAXIS2")

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return self.hdu.integer("NAXIS1")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns as the header has them."""
        return tuple(column.column.name for column in self.columns)

    @property
    def is_complete(self) -> bool:
        """Whether all declared rows are in the file."""
        return self.hdu.present_bytes >= self.n_rows * self.row_bytes


def open_fits(path: Path, name: str) -> FitsReader:
    """A reader for the table of a FITS file that looks most like a catalogue."""
    with path.open("rb") as file:
        hdus = list(read_hdus(file, path.stat().st_size, name))
    tables = [_table(hdu, name) for hdu in hdus if _is_table(hdu)]
    filled = [table for table in tables if table.n_rows and table.columns]
    if not filled:
        raise (unreadable if tables or not hdus else not_a_table)(name, _why_no_table(hdus, tables))
    catalogues = [table for table in filled if not is_grid_name(table.hdu.label)] or filled
    main = max(catalogues, key=lambda table: (catalogue_score(table.names), table.n_rows, -table.hdu.number))
    _check_complete(main, name)
    reader = FitsReader(path, name, main, _sibling(path, main, filled), filled)
    reader.info = replace(reader.info, grid=_grid(path, hdus, main, filled, reader.info.columns))
    return reader


def _grid(
    path: Path, hdus: list[Hdu], main: FitsTable, tables: list[FitsTable], columns: tuple[TableColumn, ...]
) -> Grid:
    """Grid of the PDFs in the main table; empty when it holds no vectors, or none is found."""
    if not any(map(vector_width, columns)) and not run_widths(columns):
        return ()
    others = (table_grid(path, table.hdu, table.columns, columns) for table in tables if table is not main)
    found = image_grid(path, hdus, columns) or next((grid for grid in others if grid), ())
    return found or column_grid(
        main.columns, lambda column: (part["0"] for part in _raw_rows(path, main, [column])), columns
    )


def _is_table(hdu: Hdu) -> bool:
    is_compressed = hdu.keywords.get("ZIMAGE") is True or hdu.keywords.get("ZTABLE") is True
    return hdu.kind in ("BINTABLE", "TABLE", "A3DTABLE") and not is_compressed


def _table(hdu: Hdu, name: str) -> FitsTable:
    if not 0 <= hdu.integer("TFIELDS") <= MAX_COLUMNS:
        raise unreadable(name, f"{hdu.title} declares {hdu.integer('TFIELDS')} columns, which no table has.")
    columns, skipped = (ascii_columns if hdu.kind == "TABLE" else binary_columns)(hdu, name)
    return FitsTable(hdu, tuple(columns), tuple(skipped))


def _why_no_table(hdus: list[Hdu], tables: list[FitsTable]) -> str:
    if tables:
        empty = listed([table.hdu.title for table in tables])
        return f"its tables have no rows or no readable columns ({empty})."
    packed = [hdu.title for hdu in hdus if hdu.keywords.get("ZTABLE") is True]
    if packed:
        return f"{packed[0]} is a tile-compressed table, which the portal does not read: uncompress it with funpack."
    if not hdus:
        return "no FITS header can be read."
    return f"the FITS file holds images and headers only, no table ({listed([hdu.title for hdu in hdus])})."


def _check_complete(table: FitsTable, name: str) -> None:
    if table.row_bytes <= 0:
        raise unreadable(name, f"{table.hdu.title} declares rows of {table.row_bytes} bytes.")
    if not table.is_complete:
        present = table.hdu.present_bytes // table.row_bytes
        raise unreadable(
            name,
            f"{table.hdu.title} declares {table.n_rows} rows of {table.row_bytes} bytes, but the file ends after "
            f"{present} of them: it is cut off.",
        )


def _sibling(path: Path, main: FitsTable, tables: list[FitsTable]) -> FitsTable | None:
    """A table of the same rows that knows the positions the main one lacks (DESI: REDSHIFTS and FIBERMAP)."""
    if has_position(main.names):
        return None
    for table in tables:
        fits = table is not main and table.n_rows == main.n_rows and table.is_complete and table.row_bytes > 0
        if fits and has_position(table.names) and _same_order(path, main, table):
            return table
    return None


def _same_order(path: Path, main: FitsTable, other: FitsTable) -> bool:
    """Whether the identifiers both tables hold agree row by row; True when they share none."""
    theirs = {plain_name(column.column.name): column for column in other.columns}
    for column in main.columns:
        shared = theirs.get(plain_name(column.column.name))
        if shared and "id" in plain_name(column.column.name) and column.repeat == shared.repeat == 1:
            chunks = zip(_raw_rows(path, main, [column]), _raw_rows(path, other, [shared]), strict=True)
            return all(np.array_equal(mine["0"], their["0"]) for mine, their in chunks)
    return True


def _raw_rows(path: Path, table: FitsTable, columns: list[FitsColumn], step: int = 0) -> Iterator[NDArray[Any]]:
    """Structured arrays of rows, ``step`` at a time."""
    dtype = row_dtype(columns, table.row_bytes)
    step = step or rows_per_batch(table.row_bytes)
    with path.open("rb") as file:
        file.seek(table.hdu.data_start)
        for start in range(0, table.n_rows, step):
            n_rows = min(step, table.n_rows - start)
            yield np.frombuffer(file.read(n_rows * table.row_bytes), dtype=dtype, count=n_rows)


class FitsReader(ClosingReader):
    """Rows of one table unit, with the columns of a sibling of the same rows behind them when it has one."""

    def __init__(
        self, path: Path, name: str, main: FitsTable, sibling: FitsTable | None, tables: list[FitsTable]
    ) -> None:
        super().__init__(name)
        self._path = path
        self._parts = (main,) if sibling is None else (main, sibling)
        given = list(main.names)
        if sibling is not None:
            given += [f"{sibling.hdu.label}.{column}" for column in sibling.names]
        names, renamed = unique_names(given)
        cuts = [0, len(main.columns), len(names)]
        self._columns = tuple(
            tuple(column.with_name(name) for column, name in zip(part.columns, names[start:end], strict=True))
            for part, (start, end) in zip(self._parts, pairwise(cuts), strict=False)
        )
        notes = [note for part in self._parts for note in part.skipped]
        self.info = TableInfo(
            format="fits",
            columns=tuple(column.column for part in self._columns for column in part),
            n_rows=main.n_rows,
            place=" + ".join(part.hdu.title for part in self._parts),
            warnings=(*renamed, *notes, *_other_tables(tables, self._parts)),
        )

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order, see ``TableReader``."""
        names = [column.name for column in self.info.columns] if columns is None else list(columns)
        wanted = [[column for column in part if column.column.name in set(names)] for part in self._columns]
        step = rows_per_batch(max(part.row_bytes for part in self._parts))
        slices = [
            _raw_rows(self._path, part, chosen, step)
            for part, chosen in zip(self._parts, wanted, strict=True)
            if chosen
        ]
        kept = [chosen for chosen in wanted if chosen]
        for rows in zip(*slices, strict=True):
            values = {
                column.column.name: to_values(column, part[str(place)])
                for chosen, part in zip(kept, rows, strict=True)
                for place, column in enumerate(chosen)
            }
            yield pa.RecordBatch.from_pydict({name: values[name] for name in names})


def _other_tables(tables: list[FitsTable], used: tuple[FitsTable, ...]) -> tuple[str, ...]:
    others = [table.hdu.title for table in tables if table not in used]
    taken = " with ".join(part.hdu.title for part in used)
    return (f"The file holds more tables ({listed(others)}); {taken} was read.",) if others else ()
