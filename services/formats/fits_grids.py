"""Grids of PDFs in FITS files: an image or a table of that name, or a column that is the same in every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.formats.fits_columns import FitsColumn, row_dtype
from services.formats.fits_header import Hdu
from services.formats.grids import MAX_VECTOR, Grid, common_row, fitting_grid, is_grid_name, vector_width
from services.models.tables import TableColumn

_IMAGE_TYPES = {-32: ">f4", -64: ">f8", 16: ">i2", 32: ">i4", 64: ">i8"}
Rows = Callable[[FitsColumn], Iterator[NDArray[Any]]]
"""Walks over the raw values of one column of the table."""


def image_grid(path: Path, hdus: Iterable[Hdu], columns: tuple[TableColumn, ...]) -> Grid:
    """The grid in a one-dimensional image with the name of a grid."""
    for hdu in hdus:
        is_image = hdu.kind in ("IMAGE", "PRIMARY") and hdu.integer("NAXIS") == 1 and is_grid_name(hdu.label)
        raw, size = _IMAGE_TYPES.get(hdu.integer("BITPIX")), hdu.integer("NAXIS1")
        if not is_image or raw is None or not 1 < size <= MAX_VECTOR:
            continue
        values = _bytes_at(path, hdu.data_start, size * np.dtype(raw).itemsize)
        if len(values) == size * np.dtype(raw).itemsize and (grid := fitting_grid(np.frombuffer(values, raw), columns)):
            return grid
    return ()


def table_grid(path: Path, hdu: Hdu, own: Iterable[FitsColumn], columns: tuple[TableColumn, ...]) -> Grid:
    """The grid in another table: a column with the name of a grid, or the only column of a table of that name."""
    found = list(own)
    named = [column for column in found if is_grid_name(column.column.name)]
    if not named and is_grid_name(hdu.label) and len(found) == 1:
        named = found
    n_rows, row_bytes = hdu.integer("NAXIS2"), hdu.integer("NAXIS1")
    for column in named:
        if not _is_number(column) or not 1 < n_rows * column.repeat <= MAX_VECTOR:
            continue
        content = _bytes_at(path, hdu.data_start, n_rows * row_bytes)
        rows = np.frombuffer(content, row_dtype([column], row_bytes), count=len(content) // row_bytes)
        if grid := fitting_grid(rows["0"].astype(np.float64), columns):
            return grid
    return ()


def column_grid(own: Iterable[FitsColumn], rows: Rows, columns: tuple[TableColumn, ...]) -> Grid:
    """The grid in a column of vectors of the table itself, when all its rows are the same."""
    named = [column for column in own if is_grid_name(column.column.name) and vector_width(column.column)]
    walked = (common_row(rows(column)) for column in named if _is_number(column))
    return next((grid for row in walked if (grid := fitting_grid(row, columns))), ())


def _is_number(column: FitsColumn) -> bool:
    return column.code in "EDIJK" and column.scale == 1 and column.zero == 0


def _bytes_at(path: Path, start: int, n_bytes: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(n_bytes)
