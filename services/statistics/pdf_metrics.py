"""Metrics of probability densities against true redshifts: over all rows, in memory that does not grow with them.

PDFs are densities on one grid, made to integrate to one by the trapezoid rule, negative values counting as zero; or
stored in one of the other forms of ``pdf_forms``. F is linear between nodes, 0 before the first, 1 beyond the last.

- PIT = F(z_spec) (Dawid 1984).
- CDE loss = mean(integral p^2 dz) - 2 mean(p(z_spec)) (Izbicki & Lee 2017), p linear between grid points.
- CRPS = mean of integral (F(z) - H(z - z_spec))^2 dz (Hersbach 2000), by the trapezoid rule on a grid ten times finer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.cuts.bound import Bound, bound_columns
from services.models.measures import PdfMetrics
from services.models.roles import RoleMap
from services.statistics.binned import FloatArray, room
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_masks import mask
from services.statistics.measured import Measured
from services.statistics.metrics import valid_or_nan
from services.statistics.pdf_forms import Curves, Form
from services.statistics.pdf_grid import pdf_column
from services.statistics.pit import pit_statistics
from services.statistics.transforms import transformed

BLOCK_VALUES = 2**17
"""Values of PDFs worked on at a time (1 MiB as double): they stay in the second-level cache."""
FINER = 10
"""Cells of the grid of the CRPS in one cell of the PDFs' grid."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What each object contributes, float64 of one length: see the module for the formulas."""

    pit: FloatArray
    square: FloatArray
    at_truth: FloatArray
    crps: FloatArray

    @property
    def cde(self) -> FloatArray:
        """Terms whose mean is the CDE loss."""
        return self.square - 2 * self.at_truth


@dataclass(slots=True)
class _Sums:
    """Sums over the objects seen so far."""

    n: int = 0
    n_kept: int = 0
    cde: float = 0.0
    cde_squares: float = 0.0
    crps: float = 0.0
    crps_squares: float = 0.0
    stacked: FloatArray = field(default_factory=lambda: np.empty(0))

    def add(self, scores: Scores, heights: FloatArray) -> None:
        cde = scores.cde
        self.n += cde.size
        self.cde += float(cde.sum())
        self.cde_squares += float(cde @ cde)
        self.crps += float(scores.crps.sum())
        self.crps_squares += float(scores.crps @ scores.crps)
        self.stacked += heights.sum(axis=0)


def role_pdf_metrics(table: CanonicalTable, roles: RoleMap, truth: Measured, cut: Bound | None) -> PdfMetrics | None:
    """Metrics of the PDFs in the column that has this role, over the rows that pass a cut.

    None when nobody stated their grid, or when no row has both a PDF and a true redshift. Rows that lack
    one of the two are counted as dropped; so are PDFs with a value that is no number, and those that are zero.
    """
    pdf = pdf_column(table.schema, roles)
    if pdf is None:
        return None
    grid, form = pdf.grid, pdf.form
    sums = _Sums(stacked=np.zeros(form.axis(grid).size))
    with tempfile.TemporaryFile() as spool:
        pits = room(table.n_rows, spool)
        for z_spec, vectors, keep in _groups(table, truth, pdf.name, cut):
            sums.n_kept += int(np.count_nonzero(keep))
            _take_in(sums, pits, form, grid, z_spec, vectors, keep)
        return _finished(sums, pits[: sums.n], form.axis(grid)) if sums.n else None


def _groups(
    table: CanonicalTable, truth: Measured, pdf: str, cut: Bound | None
) -> Iterator[tuple[FloatArray, NDArray[np.floating[Any]], NDArray[np.bool_]]]:
    """Per row group: true redshifts (n), PDFs as stored (n, points), rows that pass the cut."""
    names = bound_columns(cut) if cut is not None else ()
    for arrays in table.arrow_chunks([truth.column, pdf, *names]):
        z_spec = valid_or_nan(transformed(arrays[0], truth.transform), truth)
        keep = np.ones(z_spec.size, np.bool_)
        if cut is not None:
            keep = mask(cut, dict(zip(names, arrays[2:], strict=True)))
        yield z_spec, vectors_of(arrays[1]), keep


def vectors_of(stored: pa.FixedSizeListArray) -> NDArray[np.floating[Any]]:
    """Vectors of a canonical column, shape (rows, size), in their own type and not copied."""
    size = int(stored.type.list_size)
    numbers = stored.values.slice(stored.offset * size, len(stored) * size).to_numpy(zero_copy_only=False)
    vectors: NDArray[np.floating[Any]] = numbers.reshape(len(stored), size)
    return vectors


def _take_in(
    sums: _Sums,
    pits: FloatArray,
    form: Form,
    grid: FloatArray,
    z_spec: FloatArray,
    vectors: NDArray[np.floating[Any]],
    keep: NDArray[np.bool_],
) -> None:
    rows = np.flatnonzero(keep & ~np.isnan(z_spec))
    step = max(1, BLOCK_VALUES // grid.size)
    for at in range(0, rows.size, step):
        chosen = rows[at : at + step]
        curves, good = form.curves(vectors[chosen], grid)
        scores = scores_of(curves, z_spec[chosen[good]])
        pits[sums.n : sums.n + scores.pit.size] = scores.pit
        sums.add(scores, curves.heights)


def scores_of(curves: Curves, z_spec: FloatArray) -> Scores:
    """Scores of m PDFs against true redshifts (m)."""
    nodes, rows = curves.nodes, np.arange(z_spec.size)
    widths = np.diff(nodes, axis=1)
    cell = np.clip(np.count_nonzero(nodes <= z_spec[:, None], axis=1) - 1, 0, widths.shape[1] - 1)
    part = (z_spec - nodes[rows, cell]) / widths[rows, cell]
    inside = (part >= 0) & (part <= 1)
    start, end = curves.starts[rows, cell], curves.ends[rows, cell]
    below, above = curves.cumulative[rows, cell], curves.cumulative[rows, cell + 1]
    return Scores(
        pit=np.where(inside, np.clip(below + (above - below) * part, 0, 1), part > 1),
        square=((curves.starts**2 + curves.ends**2) * widths).sum(axis=1) / 2,
        at_truth=np.where(inside, start + (end - start) * part, 0),
        crps=_crps(curves, widths, z_spec, cell),
    )


def _crps(curves: Curves, widths: FloatArray, z_spec: FloatArray, cell: NDArray[np.int64]) -> FloatArray:
    """CRPS of each object.

    Away from the truth F - H is linear in each cell, where the trapezoid rule with m steps gives
    h ((a^2 + a b + b^2) / 3 + (b - a)^2 / (6 m^2)) for a, b at its ends: no finer grid is laid out. Only the cell that
    holds the step is. Beyond the nodes |F - H| is one between them and the truth.
    """
    rows = np.arange(z_spec.size)
    distance = curves.cumulative.copy()
    distance[:, 1:] -= np.arange(widths.shape[1]) >= cell[:, None]  # nodes beyond the truth's cell, where H is one
    low, high = distance[:, :-1], distance[:, 1:]
    terms = ((low * low + low * high + high * high) / 3 + (high - low) ** 2 / (6 * FINER**2)) * widths
    terms[rows, cell] = 0
    steps, width = np.arange(FINER + 1) / FINER, widths[rows, cell]
    start, end = curves.cumulative[rows, cell], curves.cumulative[rows, cell + 1]
    fine = start[:, None] + (end - start)[:, None] * steps
    fine -= curves.nodes[rows, cell][:, None] + width[:, None] * steps >= z_spec[:, None]
    step = np.asarray(np.trapezoid(fine * fine, dx=1 / FINER, axis=1)) * width
    beyond = np.maximum(curves.nodes[:, 0] - z_spec, 0) + np.maximum(z_spec - curves.nodes[:, -1], 0)
    found: FloatArray = terms.sum(axis=1) + step + beyond
    return found


def _finished(sums: _Sums, pits: FloatArray, grid: FloatArray) -> PdfMetrics:
    n = sums.n
    return PdfMetrics(
        n=n,
        n_dropped=sums.n_kept - n,
        cde_loss=sums.cde / n,
        crps=sums.crps / n,
        pit=pit_statistics(pits),
        errors={
            "cde_loss": _error_of_mean(n, sums.cde, sums.cde_squares),
            "crps": _error_of_mean(n, sums.crps, sums.crps_squares),
        },
        grid=grid,
        stacked=sums.stacked / n,
    )


def _error_of_mean(n: int, total: float, squares: float) -> float:
    """Standard error of a mean, what a bootstrap of infinitely many resamples gives (Efron 1979)."""
    return float(np.sqrt(max(squares / n - (total / n) ** 2, 0) / n))
