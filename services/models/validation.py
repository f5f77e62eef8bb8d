"""Numbers of the workbench of validation results: metrics in bins, under thresholds, and as a table."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.measures import MetricsBin
from services.models.statistics import Tally


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
