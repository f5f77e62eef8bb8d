"""Numbers that programs ask of a table: counts under a cut, split by a column, and metrics with their errors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.models.details import Detail
from services.models.statistics import FloatArray, Histogram, IntArray, PointMetrics, Tally

CategoryValue = int | float | str | bool | None
"""A value of the column a histogram is split by; None stands for missing."""


@dataclass(frozen=True, slots=True)
class BinRequest:
    """Bins a person asks for: a number of equal ones or their width; low and high by default those of the data."""

    count: int | None = None
    width: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """Counts (int64, as the whole histogram) of the rows with one value of another column."""

    value: CategoryValue
    counts: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class SplitHistogram:
    """A histogram, and the same by the values of another column; the series add up to the whole."""

    whole: Histogram
    series: tuple[Series, ...]


@dataclass(frozen=True, eq=False, slots=True)
class SkyPixels:
    """Objects per occupied HEALPix pixel (nested order): ``pixels`` and ``counts`` int64 of one length."""

    nside: int
    pixels: IntArray
    counts: IntArray
    area_deg2: float
    tally: Tally


@dataclass(frozen=True, slots=True)
class MetricsBin:
    """Metrics of the pairs with ``low <= x < high``, x being what the bins are of, and bootstrap errors by name."""

    low: float
    high: float
    metrics: PointMetrics
    errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class PitStatistics:
    """Probability integral transforms of all objects against the uniform distribution.

    ``counts`` int64 (20) in equal bins between ``edges``; ``quantiles`` are those of the PITs at ``levels``, for a QQ
    plot. ``ks``, ``cvm`` and ``ad`` are the distances of Kolmogorov-Smirnov, Cramer-von Mises and Anderson-Darling (the
    last on [0.01, 0.99]), ``outlier_fraction`` the share below 1e-4 or above 0.9999.
    """

    mean: float
    std: float
    ks: float
    cvm: float
    outlier_fraction: float
    edges: FloatArray
    counts: IntArray
    levels: FloatArray
    quantiles: FloatArray
    ad: float = math.nan


@dataclass(frozen=True, eq=False, slots=True)
class PdfMetrics(Detail):
    """Metrics of PDFs over ``n`` objects; ``n_dropped`` rows lack a PDF or a true redshift.

    ``errors`` are standard errors of ``cde_loss`` and ``crps`` (in z). ``stacked`` is the mean PDF at the redshifts of
    ``grid``, a look, not an estimate of N(z) (Malz 2021); both are empty when each object has a grid of its own.
    """

    n: int
    n_dropped: int
    cde_loss: float
    crps: float
    pit: PitStatistics
    errors: Mapping[str, float]
    grid: FloatArray
    stacked: FloatArray


@dataclass(frozen=True, slots=True)
class MetricsReport(Detail):
    """Metrics of point estimates over all pairs, their bootstrap errors by name, and metrics in bins.

    ``bins`` are of z_spec. Those of z_phot differ from them by regression dilution. ``magnitude`` is the column of the
    bins by magnitude, None when no magnitude is known. ``metrics`` is None when no pair is left, ``pdf`` when the table
    holds no PDFs on a grid.
    """

    z_phot: str
    z_spec: str
    n_cut: int
    n_dropped: int
    metrics: PointMetrics | None
    errors: Mapping[str, float]
    bins: tuple[MetricsBin, ...]
    bins_by_z_phot: tuple[MetricsBin, ...] = ()
    bins_by_magnitude: tuple[MetricsBin, ...] = ()
    magnitude: str | None = None
    pdf: PdfMetrics | None = None
