"""Checks of photometric redshifts: point estimates and PDFs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.models.quality import Level, QualityCheck
from services.quality.findings import Flagged, Limits, Subject, finding, flagged_in, note
from services.statistics.measured import measured_role
from services.statistics.metrics import point_metrics, valid_or_nan
from services.statistics.pdf_grid import form_of

EDGE_LIMITS = Limits(0.01, 0.05)
LARGEST_NMAD = 0.1
LARGEST_OUTLIER_FRACTION = 0.2
EDGE_MASS = 0.05
SUM_TOLERANCE = 0.01
QUANTILES = "quantiles"
ANY_THEN_ONE_PER_CENT = Limits(0.0, 0.01)


def grid_edges(subject: Subject) -> Iterator[QualityCheck]:
    """Estimates at the smallest or largest value of all, where grids end."""
    z = measured_role(subject.roles, "z_phot")
    if z is None:
        return
    summary = z.summary(subject.table)
    if summary.n_used < 2 or summary.min == summary.max:
        return
    for end, value in (("first", summary.min), ("last", summary.max)):
        found = flagged_in(subject.table, z, lambda values, at=value: valid_or_nan(values, z) == at)
        if found.count == 1:
            found = Flagged()  # every sample has one smallest value
        words = f"have z_phot = {value:g}, the {end} value of all"
        advice = "Estimates at the end of the redshift grid are failures: leave them out or widen the grid."
        yield finding("grid_edges", z.column, found, subject.table.n_rows, EDGE_LIMITS, words, advice)


def point_quality(subject: Subject) -> Iterator[QualityCheck]:
    """Scatter above 0.1 or more than a fifth of outliers."""
    metrics = point_metrics(subject.table, subject.roles)
    if metrics is None:
        return
    is_poor = metrics.sigma_nmad > LARGEST_NMAD or metrics.outlier_fraction > LARGEST_OUTLIER_FRACTION
    words = f"sigma_NMAD is {metrics.sigma_nmad:.4f}, {metrics.outlier_fraction:.1%} are outliers (|dz| > 0.15)."
    columns = f"{subject.roles.columns['z_phot']}, {subject.roles.columns['redshift']}"
    advice = "Check that both columns mean what they are taken for before you blame the estimator."
    n_outliers = round(metrics.outlier_fraction * metrics.n)
    found = note("point_quality", columns, Level.WARN if is_poor else Level.OK, words, advice, n_outliers)
    yield replace(found, fraction=metrics.outlier_fraction)


@dataclass(slots=True)
class _PdfFaults:
    """Rows whose PDF has a fault, by kind, and how many PDFs sum to one."""

    negative: Flagged = field(default_factory=Flagged)
    empty: Flagged = field(default_factory=Flagged)
    edge: Flagged = field(default_factory=Flagged)
    n_unit_sum: int = 0
    n: int = 0

    def add(self, first_row: int, pdfs: NDArray[np.float64]) -> None:
        """Take in PDFs of shape (rows, grid points)."""
        bad = ~np.isfinite(pdfs).all(axis=1)
        sums: NDArray[np.float64] = np.where(bad, np.nan, pdfs.sum(axis=1))
        ends = np.maximum(pdfs[:, 0], pdfs[:, -1])
        self.negative.add(first_row, np.asarray(~bad & (pdfs < 0).any(axis=1)))
        self.empty.add(first_row, np.asarray(bad | (sums == 0)))
        self.edge.add(first_row, np.asarray(~bad & (sums > 0) & (ends > EDGE_MASS * sums)))
        self.n_unit_sum += int(np.count_nonzero(np.abs(sums - 1) < SUM_TOLERANCE))
        self.n += len(pdfs)


def pdf_values(subject: Subject) -> Iterator[QualityCheck]:
    """PDFs with negative values, without values, or with more than 5 % of the mass at an end of the grid."""
    name = subject.roles.column("pdf")
    if name is None or form_of(subject.table.schema) == QUANTILES:
        return  # quantiles are redshifts, not densities
    faults, first = _PdfFaults(), 0
    for (values,) in subject.table.arrow_chunks([name]):
        if not pa.types.is_fixed_size_list(values.type):
            return
        width = values.type.list_size
        pdfs = values.flatten().to_numpy(zero_copy_only=False).astype(np.float64).reshape(-1, width)
        faults.add(first, pdfs)
        first += len(values)
    yield from _pdf_findings(name, faults)


def _pdf_findings(name: str, faults: _PdfFaults) -> Iterator[QualityCheck]:
    advice = "Metrics of PDFs leave such rows out or are wrong with them: ask how the PDFs were written."
    kinds = (
        ("pdf_negative", faults.negative, "have a PDF with negative values"),
        ("pdf_empty", faults.empty, "have a PDF with missing values, or of zeros only"),
        ("pdf_at_the_edge", faults.edge, f"have over {EDGE_MASS:.0%} of their PDF in an end point of the grid"),
    )
    for kind, found, words in kinds:
        yield finding(kind, name, found, faults.n, ANY_THEN_ONE_PER_CENT, words, advice)
    if faults.n and faults.n_unit_sum > faults.n / 2:
        words = "The values of a PDF sum to 1: they are probabilities per grid point, not densities."
        yield note("pdf_sums_to_one", name, Level.INFO, words, "Divide by the grid step before integrating.")
