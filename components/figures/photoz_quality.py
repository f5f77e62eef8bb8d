"""Photo-z against truth: density, the 1:1 line, the outlier borders and the usual numbers."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components.figures.density import density_map
from components.figures.template import LINE_COLOUR
from services.models.statistics import Density, PointMetrics

OUTLIER_BORDER = 0.15
"""|z_phot - z_spec| / (1 + z_spec) beyond which an estimate counts as an outlier (Hildebrandt et al. 2010)."""

_LINES = (("1:1", 0.0, "solid"), ("+0.15(1+z_spec)", 1.0, "dash"), ("-0.15(1+z_spec)", -1.0, "dash"))
"""Name, side of the 1:1 line, dash."""


METRICS_MARGIN_PX = 44
"""Room above the plot for two lines of numbers."""


def photoz_against_truth(density: Density, metrics: PointMetrics | None = None) -> go.Figure:
    """z_phot (y) against z_spec (x) on equal axes with reference lines; metrics over all pairs above when given."""
    figure = density_map(density)
    if not density.counts.any():
        return figure
    low, high = _common_range(figure)
    figure.update_xaxes(range=[low, high], constrain="domain")
    figure.update_yaxes(range=[low, high], constrain="domain", scaleanchor="x")
    for trace in _reference_lines(low, high):
        figure.add_trace(trace)
    if metrics is not None and metrics.n:
        figure.add_annotation(**_numbers_above(metrics))
        figure.update_layout(margin={"t": METRICS_MARGIN_PX})
    return figure


def _common_range(figure: go.Figure) -> tuple[float, float]:
    ranges = (figure.layout.xaxis.range, figure.layout.yaxis.range)
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _reference_lines(low: float, high: float) -> list[go.Scatter]:
    truth = np.array([low, high], dtype=np.float64)
    return [
        go.Scatter(
            x=truth,
            y=truth + side * OUTLIER_BORDER * (1 + truth),
            mode="lines",
            line={"color": LINE_COLOUR, "width": 1.5, "dash": dash},
            name=name,
            showlegend=False,
            hovertemplate=name + "<extra></extra>",
        )
        for name, side, dash in _LINES
    ]


def _numbers_above(metrics: PointMetrics) -> dict[str, object]:
    return {
        "text": (
            f"N {metrics.n:,} · bias {metrics.bias:+.4f} · σ<sub>NMAD</sub> {metrics.sigma_nmad:.4f}"
            f"<br>outliers beyond {OUTLIER_BORDER}(1+z): {metrics.outlier_fraction:.2%}"
        ),
        "x": 0,
        "y": 1.02,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "align": "left",
        "showarrow": False,
    }
