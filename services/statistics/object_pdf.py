"""One PDF out of a table: only the row group that holds it is read."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from services.models.roles import RoleMap
from services.models.validation import ObjectPdf
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import measured_role
from services.statistics.metrics import CENTRAL_68, valid_or_nan
from services.statistics.pdf_forms import Curves
from services.statistics.pdf_grid import pdf_column
from services.statistics.pdf_metrics import scores_of, vectors_of
from services.statistics.transforms import transformed


def holds_pdfs(table: CanonicalTable, roles: RoleMap) -> bool:
    """Whether the column with the role of the PDFs holds some whose grid is known."""
    return pdf_column(table.schema, roles) is not None


def object_pdf(table: CanonicalTable, roles: RoleMap, row: int) -> ObjectPdf | None:
    """The PDF in a row, counted from 1 and kept inside the table; None when that row holds none."""
    pdf = pdf_column(table.schema, roles)
    if pdf is None or not table.n_rows:
        return None
    place = min(max(row, 1), table.n_rows) - 1
    group, inside = _group_of(table, place)
    array = table.group_arrays(group, [pdf.name])[0].slice(inside, 1)
    curves, good = pdf.form.curves(vectors_of(array), pdf.grid)
    if array.null_count or not good.all():
        return None
    z_spec, z_phot = (_redshift(table, roles, role, group, inside) for role in ("redshift", "z_phot"))
    low, median, high = np.interp([CENTRAL_68[0], 0.5, CENTRAL_68[1]], curves.cumulative[0], curves.nodes[0]).tolist()
    pit = None if z_spec is None else float(scores_of(curves, np.array([z_spec])).pit[0])
    redshifts, density = _outline(curves)
    object_id = _object_id(table, roles, group, inside)
    return ObjectPdf(place + 1, table.n_rows, object_id, redshifts, density, low, high, median, z_spec, z_phot, pit)


def _group_of(table: CanonicalTable, place: int) -> tuple[int, int]:
    """Row group of a row counted from 0, and its place there."""
    firsts = np.array([0, *accumulate(table.group_rows(group) for group in range(table.n_groups))])
    group = int(np.searchsorted(firsts, place, side="right")) - 1
    return group, place - int(firsts[group])


def _redshift(table: CanonicalTable, roles: RoleMap, role: str, group: int, inside: int) -> float | None:
    measured = measured_role(roles, role)
    if measured is None:
        return None
    stored = table.group_arrays(group, [measured.column])[0].slice(inside, 1)
    value = float(valid_or_nan(transformed(stored, measured.transform), measured)[0])
    return None if np.isnan(value) else value


def _object_id(table: CanonicalTable, roles: RoleMap, group: int, inside: int) -> str | None:
    column = roles.column("id")
    if column is None:
        return None
    value = table.group_arrays(group, [column])[0][inside].as_py()
    return None if value is None else str(value)


def _outline(curves: Curves) -> tuple[np.ndarray, np.ndarray]:
    """Redshifts and densities of the curve: both ends of every cell, points that do not change it left out."""
    nodes = curves.nodes[0]
    redshifts = np.repeat(nodes, 2)[1:-1]
    density = np.stack([curves.starts[0], curves.ends[0]], axis=1).reshape(-1)
    again = (np.diff(redshifts, prepend=-np.inf) == 0) & (np.diff(density, prepend=np.nan) == 0)
    return redshifts[~again], density[~again]
