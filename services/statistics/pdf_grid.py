"""The grid of stored PDFs and what it is of, kept in the schema of the canonical table."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

GRID_KEY = b"redshift_grid"
"""Where the schema keeps the grid, as a JSON list: exact, and readable by anybody's tools."""


FORM_KEY = b"pdf_form"


def with_grid(schema: pa.Schema, grid: tuple[float, ...], form: str = "densities") -> pa.Schema:
    """The same schema with the grid of its PDFs and their form, see ``TableInfo``; unchanged when there is no grid."""
    return schema.with_metadata({GRID_KEY: json.dumps(grid).encode(), FORM_KEY: form.encode()}) if grid else schema


def form_of(schema: pa.Schema) -> str:
    """What the grid of a schema is of."""
    return bytes((schema.metadata or {}).get(FORM_KEY, b"densities")).decode()


def grid_of(schema: pa.Schema) -> FloatArray:
    """The grid a schema carries, float64; empty when it carries none, or one no PDF can be integrated over."""
    stored = (schema.metadata or {}).get(GRID_KEY)
    grid = np.array(json.loads(stored) if stored else [], np.float64)
    return grid if is_grid(grid) else np.empty(0)


def is_grid(grid: FloatArray) -> bool:
    """Whether numbers are finite and strictly increasing, and more than one."""
    return grid.size > 1 and bool(np.isfinite(grid).all() and (np.diff(grid) > 0).all())
