"""Mean of all PDFs of a table: a look, not an estimate of N(z) (Malz 2021)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from services.models.details import AnyStatistic
from services.models.roles import RoleMap
from services.models.statistics import Histogram, Tally
from services.models.validation import StackedPdf
from services.statistics.binned import FloatArray
from services.statistics.canonical import CanonicalTable
from services.statistics.edges import multiples
from services.statistics.histograms import add_counts, finished
from services.statistics.measured import Measured, measured_role
from services.statistics.metrics import valid_or_nan
from services.statistics.pdf_forms import Curves
from services.statistics.pdf_grid import PdfColumn, pdf_column
from services.statistics.pdf_metrics import BLOCK_VALUES, vectors_of
from services.statistics.transforms import transformed

OWN_GRID = np.arange(601) * 0.01
"""Edges between which PDFs that share no grid are averaged: 0 to 6 in steps of 0.01."""
TRUTH_WIDTH = 0.05


def stacked_pdf(table: CanonicalTable, roles: RoleMap, _whole: AnyStatistic | None) -> StackedPdf | None:
    """Mean PDF, and where truth is known the true redshifts of the same rows; None without a PDF on a known grid."""
    pdf, truth = pdf_column(table.schema, roles), measured_role(roles, "redshift")
    if pdf is None:
        return None
    axis = pdf.form.axis(pdf.grid)
    axis = axis if axis.size else (OWN_GRID[1:] + OWN_GRID[:-1]) / 2
    total, n, redshifts = np.zeros(axis.size), 0, _Counts(truth)
    for curves, z_spec in _blocks(table, pdf, truth):
        total += _heights(curves)
        n += len(curves.cumulative)
        redshifts.add(z_spec)
    if n == 0:
        return None
    return StackedPdf(pdf.name, axis, total / n, redshifts.histogram(n), Tally(table.n_rows, n, table.n_rows - n))


def _blocks(table: CanonicalTable, pdf: PdfColumn, truth: Measured | None) -> Iterator[tuple[Curves, FloatArray]]:
    """PDFs and true redshifts of the rows that have what is known, some at a time."""
    step = max(1, BLOCK_VALUES // pdf.grid.size)
    for arrays in table.arrow_chunks([pdf.name] if truth is None else [pdf.name, truth.column]):
        vectors, z_spec = vectors_of(arrays[0]), _truths(arrays, truth)
        rows = np.flatnonzero(~np.isnan(z_spec))
        for at in range(0, rows.size, step):
            chosen = rows[at : at + step]
            curves, good = pdf.form.curves(vectors[chosen], pdf.grid)
            yield curves, z_spec[chosen[good]]


def _truths(arrays: list[pa.Array], truth: Measured | None) -> FloatArray:
    if truth is None:
        return np.zeros(len(arrays[0]))
    return valid_or_nan(transformed(arrays[1], truth.transform), truth)


def _heights(curves: Curves) -> FloatArray:
    """Sum of densities at the points of the axis."""
    if curves.heights.shape[1]:
        found: FloatArray = curves.heights.sum(axis=0)
        return found
    total = np.zeros(OWN_GRID.size)
    for nodes, cumulative in zip(curves.nodes, curves.cumulative, strict=True):
        total += np.interp(OWN_GRID, nodes, cumulative, left=0, right=1)
    return np.diff(total) / np.diff(OWN_GRID)


class _Counts:
    """True redshifts in bins of 0.05 from -0.05 to 12."""

    def __init__(self, truth: Measured | None) -> None:
        self._truth = truth
        self._edges = multiples(TRUTH_WIDTH, -1, 240)
        self._counts = np.zeros(self._edges.size - 1, np.int64)

    def add(self, z_spec: FloatArray) -> None:
        """Count some."""
        if self._truth is not None:
            add_counts(z_spec, self._truth, self._edges, self._counts)

    def histogram(self, n: int) -> Histogram | None:
        """All of them, as far as bins are filled; None without a truth."""
        if self._truth is None:
            return None
        filled = np.flatnonzero(self._counts)
        part = slice(int(filled[0]), int(filled[-1]) + 1)
        edges = self._edges[part.start : part.stop + 1]
        return finished(self._truth, edges, self._counts[part], Tally(n, n, 0))
