"""Density maps: counts over two quantities, colour by the logarithm of the count, empty cells transparent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from components.figures.count_colours import colour_marks, count_bar, log_colours, span_of
from components.figures.template import axis_title, empty_figure, new_figure, smallest_ints
from services.models.statistics import Density

SPARSE_BELOW = 4.0
"""Mean objects per filled cell below which cells are joined."""

FEWEST_CELLS = 24
"""Cells along the shorter side that are never undercut by joining."""


def density_map(density: Density) -> go.Figure:
    """Heat map of a density, axes cut to the cells that hold anything."""
    if not density.counts.any():
        return empty_figure(f"No row has valid values in both {density.x_column} and {density.y_column}.")
    density = readable(density)
    x_range, y_range = occupied_ranges(density)
    figure = new_figure(
        xaxis={"title": {"text": axis_title(density.x_label, density.x_column, density.x_unit)}, "range": x_range},
        yaxis={"title": {"text": axis_title(density.y_label, density.y_column, density.y_unit)}, "range": y_range},
    )
    figure.add_traces(heat_traces(density))
    return figure


def readable(density: Density) -> Density:
    """The same counts in larger cells where most cells would hold a single object: 2 x 2 cells become one, repeatedly.

    No object is lost or moved beyond its cell; dense maps come back as they are.
    """
    while _mean_filled(density.counts) < SPARSE_BELOW and min(density.counts.shape) >= 2 * FEWEST_CELLS:
        density = _halved(density)
    return density


def _mean_filled(counts: NDArray[np.integer[Any]]) -> float:
    return float(counts.sum() / max(np.count_nonzero(counts), 1))


def _halved(density: Density) -> Density:
    rows, columns = (np.arange(0, size, 2) for size in density.counts.shape)
    counts = np.add.reduceat(np.add.reduceat(density.counts, rows, axis=0), columns, axis=1)
    return replace(
        density, counts=counts, x_edges=_every_second(density.x_edges), y_edges=_every_second(density.y_edges)
    )


def _every_second(edges: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    kept = edges[::2]
    return kept if len(edges) % 2 else np.append(kept, edges[-1])


def heat_traces(
    density: Density, hover: str = "%{x:.4~g}, %{y:.4~g}", brightest: float | None = None, per: str = "per cell"
) -> tuple[go.Heatmap, go.Scatter]:
    """The cells of a density, and what owns their colour bar.

    Cells of ``brightest`` objects and more share the last colour; without it only the fullest cell has it. ``per``
    says what is counted in.
    """
    top = int(density.counts.max())
    low, high = span_of(top if brightest is None else brightest)
    cells = go.Heatmap(
        x=density.x_edges,
        y=density.y_edges,
        z=smallest_ints(density.counts),
        zmin=0.0,
        zmax=10.0**high,
        colorscale=log_colours(low, high),
        showscale=False,
        hovertemplate=hover + "<br>%{z:,} objects<extra></extra>",
    )
    return cells, colour_marks(low, high, count_bar(top, per))


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
