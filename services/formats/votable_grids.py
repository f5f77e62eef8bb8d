"""Grids of PDFs in VOTables: a PARAM or INFO, another table, or a column that is the same in every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from services.formats.column_runs import run_widths
from services.formats.grids import MAX_VECTOR, Grid, common_row, fitting_grid, grid_in_words, is_grid_name, vector_width
from services.formats.votable_values import field_dtype
from services.formats.votable_xml import Field, VoTable
from services.models.tables import TableColumn

MOST_GRID_VALUES = 50_000_000
"""Values of a column of vectors up to which it is read to see whether all its rows are the same."""
Rows = Callable[[int, str], Iterator[NDArray[np.floating]]]
"""Walks over the values of a column of a table, by the number of the table; shape (rows, numbers)."""


def votable_grid(
    words: Mapping[str, object], tables: Sequence[VoTable], main: int, columns: tuple[TableColumn, ...], rows: Rows
) -> Grid:
    """The grid of the PDFs of the main table; empty when it holds no PDFs, or none is found."""
    if not any(map(vector_width, columns)) and not run_widths(columns):
        return ()
    if found := grid_in_words(words, columns):
        return found
    others = (_table_grid(number, table, columns, rows) for number, table in enumerate(tables) if number != main)
    return next((grid for grid in others if grid), ()) or _column_grid(main, tables[main], columns, rows)


def _table_grid(number: int, table: VoTable, columns: tuple[TableColumn, ...], rows: Rows) -> Grid:
    """The grid in a column of that name, or the only column of a table of that name."""
    named = [field for field in table.fields if is_grid_name(field.name)]
    if not named and is_grid_name(table.name) and len(table.fields) == 1:
        named = table.fields
    for field in filter(_is_number, named):
        values: list[float] = []
        for part in rows(number, field.name):
            values += part.reshape(-1).tolist()
            if len(values) > MAX_VECTOR:
                break
        if grid := fitting_grid(values, columns):
            return grid
    return ()


def _column_grid(main: int, table: VoTable, columns: tuple[TableColumn, ...], rows: Rows) -> Grid:
    names = {field.name for field in table.fields}
    named = [column for column in columns if is_grid_name(column.name) and column.name in names]
    quick = [column for column in named if 1 < vector_width(column) * max(table.n_rows, 1) <= MOST_GRID_VALUES]
    walked = (common_row(rows(main, column.name)) for column in quick)
    return next((grid for row in walked if (grid := fitting_grid(row, columns))), ())


def _is_number(field: Field) -> bool:
    return (field_dtype(field) or "").removeprefix("vector<").startswith(("float", "int", "uint"))
