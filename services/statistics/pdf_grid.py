"""The grid of stored PDFs and what it is of, kept in the schema of the canonical table."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.columns.pdf_ends import grid_ends
from services.models.roles import RoleMap
from services.statistics.pdf_forms import FORMS, Form

FloatArray = NDArray[np.float64]

GRID_KEY = b"redshift_grid"
"""Where the schema keeps the grid, as a JSON list: exact, and readable by anybody's tools."""

FORM_KEY = b"pdf_form"


@dataclass(frozen=True, slots=True)
class PdfColumn:
    """The column of PDFs, and what its numbers are: ``grid`` as the form takes it.

    ``by_owner`` tells that the owner stated the redshifts; else the file did.
    """

    name: str
    grid: FloatArray
    form: Form
    by_owner: bool = False


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


def pdf_column(schema: pa.Schema, roles: RoleMap) -> PdfColumn | None:
    """The column with the role of the PDFs; None without one, or when nobody said at which redshifts they lie.

    The word of the owner counts more than the grid of the file.
    """
    name = roles.column("pdf")
    width = pdf_width(schema, name)
    if name is None or not width:
        return None
    ends = grid_ends(roles.transforms.get("pdf", ""))
    if ends is not None:
        return PdfColumn(name, np.linspace(*ends, width), FORMS["densities"], by_owner=True)
    grid, form = grid_of(schema), FORMS[form_of(schema)]
    return PdfColumn(name, grid, form) if grid.size and grid.size - form.excess == width else None


def pdf_width(schema: pa.Schema, name: str | None) -> int:
    """Numbers a row of a column holds; 0 where there is no such column of vectors."""
    kind = schema.field(name).type if name is not None and name in schema.names else None
    return int(kind.list_size) if kind is not None and pa.types.is_fixed_size_list(kind) and kind.list_size > 1 else 0


def is_grid(grid: FloatArray) -> bool:
    """Whether numbers are finite and strictly increasing, and more than one."""
    return grid.size > 1 and bool(np.isfinite(grid).all() and (np.diff(grid) > 0).all())
