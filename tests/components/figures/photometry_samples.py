"""Small values of the plots of photometry, made by hand."""

from __future__ import annotations

import numpy as np

from services.models.colours import ColourColour
from services.models.depth import BandDepth, DepthReport, ErrorBin, LimitingMagnitude, NumberCounts
from services.models.statistics import Tally
from tests.components.figures import statistics_samples as samples


def depth_report() -> DepthReport:
    """g has a measured depth, i only an extrapolated one, K no errors and no value."""
    edges = np.arange(22.0, 24.5, 0.5)
    counts = NumberCounts(edges, np.array([10, 0, 40, 20]), 23.25, 0.301, 2, -5.7)
    errors = (ErrorBin(22.0, 22.5, 10, 0.05, 0.04, 0.06), ErrorBin(23.0, 23.5, 40, 0.1, 0.08, 0.13))
    nothing = NumberCounts(np.empty(0), np.empty(0, np.int64), None, None, 0)
    return DepthReport(
        (
            BandDepth("g", "gmag", "gerr", Tally(80, 70, 10), counts, LimitingMagnitude(12, 24.1, None, 24.2), errors),
            BandDepth("i", "i", "ierr", Tally(80, 70, 10), counts, LimitingMagnitude(0, None, 26.0, 24.4), errors),
            BandDepth("K", "kmag", None, Tally(80, 0, 80), nothing),
        ),
        area_deg2=2.0,
        nside=64,
        n_left_out=3,
    )


def colours() -> ColourColour:
    """Three of four inside the usual range."""
    grid = samples.density(
        [[0, 3, 0], [0, 0, 1]], x_label="g - r", y_label="r - i", x_column="gmag - rmag", y_column="rmag - imag"
    )
    return ColourColour(grid, 3)
