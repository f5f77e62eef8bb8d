"""Lines of what surveys require, over plots of metrics; a person asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from components.figures.binned_metrics import PANELS, axis_name
from components.figures.template import LINE_COLOUR, series_line
from services.models.tomography import Tomography
from services.models.validation import BinnedMetrics, OddsCut
from services.requirements import DESC_MEANS, DESC_SOURCE, LSST, LSST_SOURCE, Requirement

LABEL_SIZE = 10
OPACITY = 0.25


@dataclass(frozen=True, slots=True)
class Overlay:
    """Requirements over one plot: ``add`` draws them into the figure of a statistic, ``source`` goes under the plot."""

    add: Callable[[go.Figure, Any], None]
    source: str


def _in_bins(figure: go.Figure, found: BinnedMetrics) -> None:
    if found.bins:
        _add_lines(figure, (found.low, found.high))


def _against_odds(figure: go.Figure, found: OddsCut) -> None:
    if found.steps:
        _add_lines(figure, (found.steps[0].threshold, found.steps[-1].threshold))


def _add_lines(figure: go.Figure, ends: Sequence[float]) -> None:
    places = {panel[0]: place for place, panel in enumerate(PANELS, start=1)}
    for one in LSST:
        axis = axis_name(places[one.metric])
        for limit in (one.limit, -one.limit) if one.is_signed else (one.limit,):
            figure.add_trace(_line(one, limit, axis, ends))
        figure.add_annotation(**_label(one, axis))


def _line(one: Requirement, limit: float, axis: str, ends: Sequence[float]) -> go.Scatter:
    return go.Scatter(
        x=list(ends),
        y=[limit, limit],
        mode="lines",
        line={"color": LINE_COLOUR, "width": 1, "dash": "dash"},
        yaxis=axis,
        showlegend=False,
        hovertemplate=f"{one.words.replace('<', '&lt;')}<extra></extra>",
    )


def _label(one: Requirement, axis: str) -> dict[str, Any]:
    """Above the panel, where no point lies."""
    return {
        "text": one.words.replace("<", "&lt;"),
        "x": 1,
        "xref": "paper",
        "xanchor": "right",
        "y": 1,
        "yref": f"{axis} domain",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": LABEL_SIZE, "color": LINE_COLOUR},
    }


def _about_means(figure: go.Figure, found: Tomography) -> None:
    """A band about the mean of each bin, as wide as what must be known of it; the later requirement is the darker."""
    for place, one in enumerate(found.bins):
        for _, limit in DESC_MEANS if one.n else ():
            half = limit * (1 + one.mean)
            figure.add_vrect(
                x0=one.mean - half,
                x1=one.mean + half,
                fillcolor=series_line(place)["color"],
                opacity=OPACITY,
                line_width=0,
            )


_MEANS = ", ".join(f"{limit:g}(1+z) in {when}" for when, limit in DESC_MEANS)
METRICS_IN_BINS = Overlay(
    _in_bins, f"dashed: {LSST_SOURCE}; they are stated for the rms and 3σ outliers, not for σ_NMAD and |dz| > 0.15"
)
METRICS_BY_ODDS = Overlay(_against_odds, METRICS_IN_BINS.source)
MEANS_OF_BINS = Overlay(
    _about_means, f"bands: how well the mean must be known for lensing sources, {_MEANS}, {DESC_SOURCE}"
)
