"""Numbers of the workbench of validation results: metrics in bins, under thresholds, and as a table."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.measures import MetricsBin, PdfMetrics
from services.models.statistics import FloatArray, Histogram, IntArray, Tally


@dataclass(frozen=True, slots=True)
class BinnedMetrics(Detail):
    """Metrics in bins of one quantity, lowest bin first.

    Shown are the pairs in these bins, outside are those in bins with too few pairs; rows without a pair, or without
    the quantity, are missing. ``low`` and ``high`` are the ends of the axis, those of the whole table.
    """

    label: str
    column: str
    unit: str | None
    z_phot: str
    z_spec: str
    bins: tuple[MetricsBin, ...]
    low: float
    high: float
    tally: Tally


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One metric with its error, or with the ends of an interval of 68 % where that is not symmetric."""

    name: str
    value: float
    error: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class MetricTable(Detail):
    """All metrics of a product; those of point estimates over the pairs that are shown in the tally.

    ``interval_columns`` are the bounds whose coverage is given, ``level`` what their names claim to cover, None when
    they claim nothing. ``n_pdfs`` objects have a PDF and a true redshift.
    """

    z_phot: str | None
    z_spec: str
    rows: tuple[MetricValue, ...]
    tally: Tally
    interval_columns: tuple[str, ...] = ()
    level: float | None = None
    pdf_column: str | None = None
    n_pdfs: int = 0

    def value(self, name: str) -> MetricValue | None:
        """One metric by its name; None when the table does not hold it."""
        return next((row for row in self.rows if row.name == name), None)


@dataclass(frozen=True, eq=False, slots=True)
class PdfQuality(Detail):
    """PDFs against true redshifts. ``band`` are the ends of the 68 % Poisson interval about the count of a PIT bin
    that calibrated PDFs would give."""

    pdf_column: str
    z_spec: str
    metrics: PdfMetrics
    band: tuple[float, float]
    tally: Tally


@dataclass(frozen=True, eq=False, slots=True)
class StackedPdf(Detail):
    """Mean of all PDFs at the redshifts of ``grid``, as density; ``truth`` counts true redshifts of the same rows."""

    pdf_column: str
    grid: FloatArray
    stacked: FloatArray
    truth: Histogram | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class OddsStep:
    """Metrics of the pairs with odds above ``threshold``, the share of pairs that are kept, and bootstrap errors."""

    threshold: float
    kept: float
    bin: MetricsBin


@dataclass(frozen=True, slots=True)
class OddsCut(Detail):
    """Metrics against a lower threshold of the odds, lowest first; thresholds that leave few pairs are left out.

    Rows without a pair or without odds are missing.
    """

    odds_column: str
    z_phot: str
    z_spec: str
    steps: tuple[OddsStep, ...]
    tally: Tally


@dataclass(frozen=True, eq=False, slots=True)
class ObjectPdf:
    """The PDF of one object: density (n) at redshifts (n), which may repeat where it steps.

    ``row`` counts from 1. ``low`` and ``high`` are the ends of the central 68.27 % of the PDF, ``pit`` is F(z_spec).
    """

    row: int
    n_rows: int
    object_id: str | None
    redshifts: FloatArray
    density: FloatArray
    low: float
    high: float
    median: float
    z_spec: float | None
    z_phot: float | None
    pit: float | None


@dataclass(frozen=True, eq=False, slots=True)
class FailedEstimates(Detail):
    """Rows without a photo-z, by reason and, where a magnitude is known, by magnitude.

    ``n_missing`` are empty or NaN, ``n_sentinel`` stand for none, ``n_outside`` lie beyond the valid range. ``counts``
    (int64) are rows per bin between ``edges``, ``failed`` those of them without an estimate. Shown in the tally are the
    rows with an estimate; missing are all others.
    """

    z_phot: str
    n_missing: int
    n_sentinel: int
    n_outside: int
    label: str
    column: str | None
    unit: str | None
    edges: FloatArray
    counts: IntArray
    failed: IntArray
    tally: Tally
