"""Small numbers of validation results made by hand, shared by the tests of the figures."""

from __future__ import annotations

import numpy as np

from services.models.measures import MetricsBin, PdfMetrics, PitStatistics
from services.models.statistics import PointMetrics, Tally
from services.models.validation import (
    BinnedMetrics,
    FailedEstimates,
    MetricTable,
    MetricValue,
    OddsCut,
    OddsStep,
    PdfQuality,
    StackedPdf,
)
from tests.components.figures.statistics_samples import histogram

ERRORS = {"bias": 0.002, "sigma_nmad": 0.003, "outlier_fraction": 0.01}


def metrics(n: int = 50, bias: float = 0.01, sigma_nmad: float = 0.05) -> PointMetrics:
    return PointMetrics(n, 0, bias, sigma_nmad, sigma_nmad, sigma_nmad, 0.1, 0.08)


def binned(label: str = "z_spec", column: str = "Z") -> BinnedMetrics:
    bins = (
        MetricsBin(0.0, 0.2, metrics(40, -0.02, 0.03), ERRORS),
        MetricsBin(0.4, 0.6, metrics(60, 0.01, 0.07), ERRORS),
    )
    return BinnedMetrics(label, column, None, "zb", "Z", bins, 0.0, 0.6, Tally(120, 100, 13, 7))


def table() -> MetricTable:
    rows = (
        MetricValue("bias", -0.028571, 0.0004),
        MetricValue("sigma_nmad", 0.056108, 0.0007),
        MetricValue("outlier_fraction", 0.0884, 0.0021, 0.0862, 0.0907),
        MetricValue("interval_coverage", 0.8137, 0.003, 0.81, 0.817),
        MetricValue("cde_loss", -4.5, 0.04),
        MetricValue("pit_ks", 0.16),
    )
    return MetricTable("zb", "Z", rows, Tally(120, 100, 20), ("zmin", "zmax"), 0.68, "pdf", 90)


def quality(counts: tuple[int, ...] = (1, 3, 3, 1), mean: float = 0.5, std: float = 0.2) -> PdfQuality:
    n = sum(counts)
    edges = np.linspace(0, 1, len(counts) + 1)
    levels = np.linspace(0, 1, 5)
    pit = PitStatistics(mean, std, 0.2, 1.5, 0.001, edges, np.array(counts), levels, levels**2, 3.5)
    metrics = PdfMetrics(n, 2, -4.5, 0.05, pit, {"cde_loss": 0.04, "crps": 0.002}, np.arange(3.0), np.ones(3))
    return PdfQuality("pdf", "Z", metrics, (1.2, 3.4), Tally(n + 2, n, 2))


def stacked(with_truth: bool = True) -> StackedPdf:
    truth = histogram((2, 6), step=0.5, tally=Tally(8, 8)) if with_truth else None
    grid = np.linspace(0, 2, 21)
    return StackedPdf("pdf", grid, np.exp(-(((grid - 0.7) / 0.3) ** 2)), truth, Tally(10, 8, 2))


def odds() -> OddsCut:
    steps = (
        OddsStep(0.0, 1.0, MetricsBin(0.0, 1.0, metrics(100, -0.02, 0.06), ERRORS)),
        OddsStep(0.9, 0.6, MetricsBin(0.9, 1.0, metrics(60, -0.01, 0.04), ERRORS)),
    )
    return OddsCut("odds", "zb", "Z", steps, Tally(120, 100, 20))


def failed(with_magnitude: bool = True) -> FailedEstimates:
    edges, counts, bad = np.array([20.0, 20.5, 21.0, 21.5]), np.array([10, 100, 200]), np.array([3, 5, 40])
    if not with_magnitude:
        edges, counts, bad = np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64)
    column = "mag_i" if with_magnitude else None
    return FailedEstimates("zb", 30, 17, 1, "i magnitude", column, "mag", edges, counts, bad, Tally(310, 262, 48))
