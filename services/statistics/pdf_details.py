"""Details of products with PDFs: their calibration against the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.models.details import AnyStatistic
from services.models.measures import PdfMetrics
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.models.validation import PdfQuality
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import measured_role
from services.statistics.pdf_metrics import role_pdf_metrics
from services.statistics.pit import PIT_BINS
from services.statistics.poisson import poisson_errors


def pdf_quality(table: CanonicalTable, roles: RoleMap, _whole: AnyStatistic | None) -> PdfQuality | None:
    """Metrics of the PDFs; None without a grid for them, or without a row that has both a PDF and a true redshift."""
    truth, pdf = measured_role(roles, "redshift"), roles.column("pdf")
    if truth is None or pdf is None:
        return None
    found = role_pdf_metrics(table, roles, truth, None)
    if found is None:
        return None
    return PdfQuality(pdf, truth.column, found, _band(found.n), tally_of_pdfs(table, found))


def tally_of_pdfs(table: CanonicalTable, metrics: PdfMetrics) -> Tally:
    """Where the rows of the table went."""
    return Tally(table.n_rows, metrics.n, table.n_rows - metrics.n)


def _band(n: int) -> tuple[float, float]:
    """Poisson interval about the expected count of a PIT bin."""
    expected = n / PIT_BINS
    low, high = poisson_errors(np.array([round(expected)]))
    return max(0.0, expected - float(low[0])), expected + float(high[0])


def same_quality(table: CanonicalTable, _roles: RoleMap, _whole: AnyStatistic | None) -> PdfQuality | None:
    """What the detail ``pit`` found, which comes with the table: other plots show it too."""
    found: PdfQuality | None = table.memo.get("pit")
    return found and replace(found, tally=tally_of_pdfs(table, found.metrics))
