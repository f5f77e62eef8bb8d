"""Numbers that programs ask of a table: counts under a cut, split by a column, and metrics with their errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.models.statistics import Histogram, IntArray, PointMetrics, Tally

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
    """Metrics of the pairs with ``low <= z_spec < high``."""

    low: float
    high: float
    metrics: PointMetrics


@dataclass(frozen=True, slots=True)
class MetricsReport:
    """Metrics of point estimates over all pairs, their bootstrap errors by name, and metrics in bins of z_spec.

    ``metrics`` is None when no pair is left.
    """

    z_phot: str
    z_spec: str
    n_cut: int
    n_dropped: int
    metrics: PointMetrics | None
    errors: Mapping[str, float]
    bins: tuple[MetricsBin, ...]
