"""Density maps: counts over two quantities, colour by the logarithm of the count, empty cells transparent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from components.figures.template import DENSITY_COLOURS, axis_title, empty_figure, new_figure, smallest_ints
from services.models.statistics import Density

FINE_TICKS_BELOW = 300
"""Largest count up to which the colour bar also names 2, 5, 20, 50..."""


def density_map(density: Density) -> go.Figure:
    """Heat map of a density, axes cut to the cells that hold anything."""
    if not density.counts.any():
        return empty_figure(f"No row has valid values in both {density.x_column} and {density.y_column}.")
    x_range, y_range = occupied_ranges(density)
    figure = new_figure(
        xaxis={"title": {"text": axis_title(density.x_label, density.x_column, density.x_unit)}, "range": x_range},
        yaxis={"title": {"text": axis_title(density.y_label, density.y_column, density.y_unit)}, "range": y_range},
    )
    figure.add_trace(heat_trace(density))
    return figure


def heat_trace(density: Density, hover: str = "%{x:.4~g}, %{y:.4~g}") -> go.Heatmap:
    """The cells of a density as a heat map trace; colour = log10 of the count, hover shows the count itself."""
    counts = density.counts
    top = int(counts.max())
    return go.Heatmap(
        x=density.x_edges,
        y=density.y_edges,
        z=log_counts(counts),
        customdata=smallest_ints(counts),
        zmin=0.0,
        zmax=max(math.log10(top), 0.3),
        colorscale=DENSITY_COLOURS,
        hoverongaps=False,
        hovertemplate=hover + "<br>%{customdata:,} objects<extra></extra>",
        colorbar=_colour_bar(top),
    )


def log_counts(counts: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
    """log10 of the counts as float32, NaN (drawn as nothing) where there is none."""
    return np.log10(np.where(counts > 0, counts, np.nan)).astype(np.float32)


def occupied_ranges(density: Density) -> tuple[list[float], list[float]]:
    """Smallest x and y range that holds every counted object, with a margin of 2 % of its length."""
    return (
        _occupied(density.x_edges, np.asarray(density.counts.any(axis=0))),
        _occupied(density.y_edges, np.asarray(density.counts.any(axis=1))),
    )


def _occupied(edges: NDArray[np.floating[Any]], filled: NDArray[np.bool_]) -> list[float]:
    where = np.flatnonzero(filled)
    low, high = float(edges[where[0]]), float(edges[where[-1] + 1])
    margin = 0.02 * (high - low)
    return [low - margin, high + margin]


def _colour_bar(top: int) -> dict[str, Any]:
    ticks = colour_ticks(top)
    return {
        "title": {"text": "objects per cell", "side": "right", "font": {"size": 12}},
        "thickness": 10,
        "outlinewidth": 0,
        "tickvals": [math.log10(tick) for tick in ticks],
        "ticktext": [f"{tick:,}" for tick in ticks],
    }


def colour_ticks(top: int) -> list[int]:
    """Counts named beside the colours, up to ``top``: decades, with 2 and 5 between when there are few of them."""
    steps = (1, 2, 5) if top < FINE_TICKS_BELOW else (1,)
    decades = range(int(math.log10(max(top, 1))) + 1)
    return [step * 10**power for power in decades for step in steps if step * 10**power <= max(top, 1)]
