"""Small numbers of validation results made by hand, shared by the tests of the figures."""

from __future__ import annotations

from services.models.measures import MetricsBin
from services.models.statistics import PointMetrics, Tally
from services.models.validation import BinnedMetrics

ERRORS = {"bias": 0.002, "sigma_nmad": 0.003, "outlier_fraction": 0.01}


def metrics(n: int = 50, bias: float = 0.01, sigma_nmad: float = 0.05) -> PointMetrics:
    return PointMetrics(n, 0, bias, sigma_nmad, sigma_nmad, sigma_nmad, 0.1, 0.08)


def binned(label: str = "z_spec", column: str = "Z") -> BinnedMetrics:
    bins = (
        MetricsBin(0.0, 0.2, metrics(40, -0.02, 0.03), ERRORS),
        MetricsBin(0.4, 0.6, metrics(60, 0.01, 0.07), ERRORS),
    )
    return BinnedMetrics(label, column, None, "zb", "Z", bins, 0.0, 0.6, Tally(120, 100, 13, 7))
