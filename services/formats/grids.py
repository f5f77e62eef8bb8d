"""Grids of PDFs: numbers of a known name that fit a column of vectors. Nothing is guessed from values alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from services.formats.column_runs import run_widths
from services.models.tables import TableColumn

GRID_NAMES = frozenset({"xvals", "zgrid", "z_grid", "zs_grid", "grid", "bins", "redshift_grid", "pdf_grid"})
MAX_VECTOR = 20_000
Grid = tuple[float, ...]


def is_grid_name(name: str) -> bool:
    """Whether a dataset, column or unit of this name holds a grid."""
    return name.strip().rsplit(".", 1)[-1].rsplit("/", 1)[-1].lower() in GRID_NAMES


def vector_width(column: TableColumn) -> int:
    """Numbers a row of a column holds; 0 for columns of single values."""
    return int(column.dtype.rpartition("[")[2].rstrip("]")) if column.dtype.startswith("vector") else 0


def fitting_grid(values: NDArray[np.floating] | Sequence[float], columns: Iterable[TableColumn]) -> Grid:
    """The values if they rise, are finite, and are as many as some column has numbers a row; else nothing."""
    grid = np.asarray(values, np.float64).reshape(-1)
    known = [column for column in columns if not is_grid_name(column.name)]
    is_rising = grid.size > 1 and np.isfinite(grid).all() and (np.diff(grid) > 0).all()
    if not is_rising or grid.size not in {vector_width(column) for column in known} | run_widths(known):
        return ()
    return tuple(grid.tolist())


def common_row(chunks: Iterator[NDArray[np.floating]]) -> NDArray[np.floating]:
    """The row that all rows of a column of vectors are, empty when two of them differ or there is none."""
    first: NDArray[np.floating] | None = None
    for rows in chunks:
        if first is None and len(rows):
            first = rows[0]
        if first is not None and not (rows == first).all():
            return np.empty(0)
    return np.empty(0) if first is None else first


def grid_in_words(texts: Mapping[str, object], columns: Iterable[TableColumn]) -> Grid:
    """A grid among things that have names: a list of numbers, or a text that holds one."""
    known = list(columns)
    for name, value in texts.items():
        if not is_grid_name(name):
            continue
        words = value.strip("[]() \n").replace(",", " ").split() if isinstance(value, str) else value
        if isinstance(words, list) and 1 < len(words) <= MAX_VECTOR and (grid := fitting_grid(_numbers(words), known)):
            return grid
    return ()


def _numbers(words: Sequence[object]) -> list[float]:
    """Words as numbers; nothing when one of them is none."""
    try:
        return [float(str(word)) for word in words]
    except ValueError:
        return []


def grid_in_metadata(metadata: Mapping[bytes, bytes] | None, columns: Iterable[TableColumn]) -> Grid:
    """A grid that the metadata of a file hold as a JSON list."""
    known = list(columns)
    for key, text in (metadata or {}).items():
        if not is_grid_name(key.decode("utf-8", "replace")) or len(text) > 40 * MAX_VECTOR:
            continue
        try:
            values = np.asarray(json.loads(text), np.float64)
        except (ValueError, TypeError):
            continue
        if grid := fitting_grid(values, known):
            return grid
    return ()
