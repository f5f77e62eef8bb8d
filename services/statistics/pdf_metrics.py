"""Metrics of probability densities against true redshifts: over all rows, in memory that does not grow with them.

PDFs are tabulated on one grid x and made to integrate to one by the trapezoid rule, negative values counting as zero.
F is their running trapezoid, linear between grid points, 0 before the grid and 1 beyond it.

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
from services.statistics.pdf_grid import grid_of
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

    def add(self, scores: Scores, densities: FloatArray) -> None:
        cde = scores.cde
        self.n += cde.size
        self.cde += float(cde.sum())
        self.cde_squares += float(cde @ cde)
        self.crps += float(scores.crps.sum())
        self.crps_squares += float(scores.crps @ scores.crps)
        self.stacked += densities.sum(axis=0)


def pdf_metrics(table: CanonicalTable, truth: Measured, pdf: str, cut: Bound | None) -> PdfMetrics | None:
    """Metrics of the PDFs in the column ``pdf`` over the rows that pass a cut.

    None when the table carries no grid for them, or when no row has both a PDF and a true redshift. Rows that lack
    one of the two are counted as dropped; so are PDFs with a value that is no number, and those that are zero.
    """
    grid = grid_of(table.schema)
    if not grid.size or not table.dtype(pdf).endswith(f"[{grid.size}]"):
        return None
    sums = _Sums(stacked=np.zeros(grid.size))
    with tempfile.TemporaryFile() as spool:
        pits = room(table.n_rows, spool)
        for z_spec, vectors, keep in _groups(table, truth, pdf, cut):
            sums.n_kept += int(np.count_nonzero(keep))
            _take_in(sums, pits, grid, z_spec, vectors, keep)
        return _finished(sums, pits[: sums.n], grid) if sums.n else None


def role_pdf_metrics(table: CanonicalTable, roles: RoleMap, truth: Measured, cut: Bound | None) -> PdfMetrics | None:
    """The same for the column that has the role of the PDFs; None also when no column has it."""
    pdf = roles.column("pdf")
    return None if pdf is None else pdf_metrics(table, truth, pdf, cut)


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
    grid: FloatArray,
    z_spec: FloatArray,
    vectors: NDArray[np.floating[Any]],
    keep: NDArray[np.bool_],
) -> None:
    rows = np.flatnonzero(keep & ~np.isnan(z_spec))
    step = max(1, BLOCK_VALUES // grid.size)
    for at in range(0, rows.size, step):
        chosen = rows[at : at + step]
        densities, good = normalised(vectors[chosen], grid)
        scores = scores_of(densities, grid, z_spec[chosen[good]])
        pits[sums.n : sums.n + scores.pit.size] = scores.pit
        sums.add(scores, densities)


def normalised(vectors: NDArray[np.floating[Any]], grid: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """PDFs that integrate to one, float64 of shape (m, points), and which of the rows these are."""
    densities = vectors.astype(np.float64)
    np.maximum(densities, 0, out=densities)  # NaN stays NaN
    totals = np.asarray(np.trapezoid(densities, grid, axis=1))
    good = np.isfinite(totals) & (totals > 0)
    return densities[good] / totals[good, None], good


def scores_of(densities: FloatArray, grid: FloatArray, z_spec: FloatArray) -> Scores:
    """Scores of normalised PDFs (m, points) against true redshifts (m)."""
    widths = np.diff(grid)
    rows = np.arange(z_spec.size)
    cumulative = np.zeros_like(densities)
    np.cumsum((densities[:, 1:] + densities[:, :-1]) * (widths / 2), axis=1, out=cumulative[:, 1:])
    cell = np.clip(np.searchsorted(grid, z_spec, side="right") - 1, 0, grid.size - 2)
    part = np.clip((z_spec - grid[cell]) / widths[cell], 0, 1)
    inside = (z_spec >= grid[0]) & (z_spec <= grid[-1])
    return Scores(
        pit=np.clip(_between(cumulative, rows, cell, part), 0, 1),
        square=np.asarray(np.trapezoid(densities * densities, grid, axis=1)),
        at_truth=np.where(inside, _between(densities, rows, cell, part), 0),
        crps=_crps(cumulative, grid, z_spec, cell),
    )


def _between(values: FloatArray, rows: NDArray[np.int64], cell: NDArray[np.int64], part: FloatArray) -> FloatArray:
    low, high = values[rows, cell], values[rows, cell + 1]
    found: FloatArray = low + (high - low) * part
    return found


def _crps(cumulative: FloatArray, grid: FloatArray, z_spec: FloatArray, cell: NDArray[np.int64]) -> FloatArray:
    """CRPS of each object.

    Away from the truth F - H is linear in each cell, where the trapezoid rule with m steps gives
    h ((a^2 + a b + b^2) / 3 + (b - a)^2 / (6 m^2)) for a, b at its ends: no finer grid is laid out. Only the cell that
    holds the step is. Beyond the grid |F - H| is one between the grid and the truth.
    """
    rows = np.arange(z_spec.size)
    widths = np.diff(grid)
    number = np.arange(widths.size)
    distance = cumulative.copy()
    distance[:, 1:] -= number >= cell[:, None]  # nodes beyond the truth's cell, where H is one
    low, high = distance[:, :-1], distance[:, 1:]
    terms = (low * low + low * high + high * high) / 3 + (high - low) ** 2 / (6 * FINER**2)
    terms[rows, cell] = 0
    nodes = np.arange(FINER + 1) / FINER
    start, rise = cumulative[rows, cell], cumulative[rows, cell + 1] - cumulative[rows, cell]
    fine = start[:, None] + rise[:, None] * nodes
    fine -= grid[cell][:, None] + widths[cell][:, None] * nodes >= z_spec[:, None]
    step = np.trapezoid(fine * fine, dx=1 / FINER, axis=1) * widths[cell]
    beyond = np.maximum(grid[0] - z_spec, 0) + np.maximum(z_spec - grid[-1], 0)
    found: FloatArray = terms @ widths + step + beyond
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
