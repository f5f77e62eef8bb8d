"""The redshift grid of stored PDFs, kept in the schema of the canonical table."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

GRID_KEY = b"redshift_grid"
"""Where the schema keeps the grid, as a JSON list: exact, and readable by anybody's tools."""


def with_grid(schema: pa.Schema, grid: tuple[float, ...]) -> pa.Schema:
    """The same schema with the redshifts at which its PDFs are tabulated; unchanged when there are none."""
    return schema.with_metadata({GRID_KEY: json.dumps(grid).encode()}) if grid else schema


def grid_of(schema: pa.Schema) -> FloatArray:
    """The redshift grid a schema carries, float64; empty when it carries none, or one no PDF can be integrated over."""
    stored = (schema.metadata or {}).get(GRID_KEY)
    grid = np.array(json.loads(stored) if stored else [], np.float64)
    return grid if is_grid(grid) else np.empty(0)


def is_grid(grid: FloatArray) -> bool:
    """Whether numbers are finite and strictly increasing, and more than one."""
    return grid.size > 1 and bool(np.isfinite(grid).all() and (np.diff(grid) > 0).all())
