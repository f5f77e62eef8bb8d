"""N(z): counts with Poisson error bars, a rug when there is only a handful of rows."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components.figures.heights import Heights, Numbers, heights_of
from components.figures.template import (
    COUNT_AXIS,
    OTHER_COLOUR,
    PHOTOZ_COLOUR,
    TRUTH_COLOUR,
    axis_title,
    empty_figure,
    new_figure,
    smallest_ints,
)
from services.models.statistics import Histogram


def redshift_histogram(histogram: Histogram, *, normalised: bool = False) -> go.Figure:
    """N(z) of spectroscopic redshifts: bars, error bars, gaps where a bin is empty."""
    return _counts(histogram, TRUTH_COLOUR, normalised=normalised)


def photoz_histogram(histogram: Histogram, *, normalised: bool = False) -> go.Figure:
    """N(z) of photometric redshifts."""
    return _counts(histogram, PHOTOZ_COLOUR, normalised=normalised)


def number_histogram(histogram: Histogram, *, normalised: bool = False) -> go.Figure:
    """Counts of any other number, such as redshift errors or odds."""
    return _counts(histogram, OTHER_COLOUR, normalised=normalised)


def _counts(histogram: Histogram, colour: str, *, normalised: bool) -> go.Figure:
    if histogram.rug is not None and len(histogram.rug):
        return _rug(histogram, colour)
    if not histogram.counts.any():
        return empty_figure(f"No valid value in {histogram.column}.")
    return _bars(histogram, colour, heights_of(histogram, normalised=normalised))


def _bars(histogram: Histogram, colour: str, heights: Heights) -> go.Figure:
    edges = histogram.edges
    filled = histogram.counts > 0
    figure = new_figure(
        xaxis={"title": {"text": axis_title(histogram.label, histogram.column, histogram.unit)}},
        yaxis={"title": {"text": heights.title}, **COUNT_AXIS},
        showlegend=False,
    )
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=np.where(filled, heights.values, np.nan),
        width=np.diff(edges),
        customdata=np.column_stack([edges[:-1], edges[1:]]).astype(np.float32),
        marker={"color": colour, "opacity": 0.75, "line": {"width": 0}},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": np.where(filled, heights.err_high, np.nan).astype(np.float32),
            "arrayminus": np.where(filled, heights.err_low, np.nan).astype(np.float32),
            "thickness": 1,
            "width": 0,
            "color": OTHER_COLOUR,
        },
        hovertemplate="%{customdata[0]:.4~g} to %{customdata[1]:.4~g}<br>" + heights.hover + "<extra></extra>",
    )
    figure.update_xaxes(range=axis_range(edges))
    return figure


def axis_range(edges: np.ndarray) -> list[float]:
    """From 0, or from the first edge when that is negative or far from 0, to the last edge."""
    first, last = float(edges[0]), float(edges[-1])
    return [first if first < 0 or first > (last - first) else 0.0, last]


def _rug(histogram: Histogram, colour: str) -> go.Figure:
    values = histogram.rug
    assert values is not None
    figure = new_figure(
        xaxis={"title": {"text": axis_title(histogram.label, histogram.column, histogram.unit)}},
        yaxis={"visible": False, "range": [-1, 3]},
        showlegend=False,
    )
    figure.add_scatter(
        x=np.sort(values).astype(np.float64),
        y=np.zeros(len(values), dtype=np.int8),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 36, "color": colour, "line": {"width": 2}},
        hovertemplate="%{x:.5~g}<extra></extra>",
    )
    figure.add_annotation(
        text=f"{len(values)} values: too few for a histogram, each one is drawn",
        x=0.5,
        y=0.85,
        xref="paper",
        yref="paper",
        showarrow=False,
    )
    return figure


def steps(edges: np.ndarray, heights: Numbers) -> tuple[np.ndarray, np.ndarray]:
    """Outline of a histogram: x and y of a line with ``shape="hv"``, closed on the axis at both ends."""
    x = np.concatenate([edges[:1], edges])
    y = np.concatenate([[0], heights, [0]])
    return x, smallest_ints(y) if y.dtype.kind in "iu" else y.astype(np.float32)
