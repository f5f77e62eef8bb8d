"""Magnitude histograms: one outline per band in its fixed hue, fainter to the right."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components.figures.heights import Heights, height_words, heights_of
from components.figures.redshift import steps
from components.figures.template import COUNT_AXIS, band_line, empty_figure, new_figure, plain_text
from services.models.statistics import Histogram, HistogramSet


def magnitude_histograms(histograms: HistogramSet, *, normalised: bool = False) -> go.Figure:
    """Counts per band on common edges, bands in order of wavelength as given."""
    items = [item for item in histograms.items if item.counts.any()]
    if not items:
        return empty_figure("No valid magnitude in any band.")
    figure = new_figure(
        xaxis={"title": {"text": _x_title(items)}, "range": _occupied(items)},
        yaxis={"title": {"text": height_words(items[0].edges, normalised=normalised)[0]}, **COUNT_AXIS},
        showlegend=True,
    )
    for place, item in enumerate(items):
        figure.add_trace(_outline(item, place, heights_of(item, normalised=normalised)))
    return figure


def _x_title(items: list[Histogram]) -> str:
    units = {item.unit for item in items if item.unit}
    unit = units.pop() if len(units) == 1 else "mag"
    return plain_text(f"magnitude [{unit}]")


def _outline(item: Histogram, place: int, heights: Heights) -> go.Scatter:
    x, y = steps(item.edges, heights.values)
    band = item.band or item.label
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"shape": "hv", "width": 2, **band_line(item.band, place)},
        name=plain_text(band if item.column in ("", band) else f"{band} ({item.column})"),
        hovertemplate="from %{x:.4~g} mag: " + heights.hover + "<extra>%{fullData.name}</extra>",
    )


def _occupied(items: list[Histogram]) -> list[float]:
    """Range of the bins that hold anything, one empty bin on either side."""
    filled = np.flatnonzero(np.sum([item.counts for item in items], axis=0))
    edges = items[0].edges
    return [float(edges[max(filled[0] - 1, 0)]), float(edges[min(filled[-1] + 2, len(edges) - 1)])]
