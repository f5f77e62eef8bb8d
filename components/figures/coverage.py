"""Coverage of a target: distances, a map in magnitude and colour, a self-organising map, weighted redshifts."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from components.figures.count_colours import colour_marks, log_colours, span_of
from components.figures.template import (
    COUNT_AXIS,
    DENSITY_COLOURS,
    LINE_COLOUR,
    PHOTOZ_COLOUR,
    TRUTH_COLOUR,
    empty_figure,
    new_figure,
    smallest_ints,
)
from services.models.comparison import Curve
from services.models.coverage import CoverageMap, NearestNeighbours, SomMap, WeightedRedshifts

TARGET_COLOUR = "#7a6fd6"
FEWEST_IN_CELL = 3
"""Objects of the target in a cell below which a fraction says nothing."""


def distance_histogram(found: NearestNeighbours) -> go.Figure:
    """Distances to the nearest training object, of the target and leave-one-out of the training set, with d_ref."""
    figure = new_figure(
        xaxis={"title": {"text": "nearest-neighbour distance"}, "range": [0, float(found.edges[-1])]},
        yaxis={"title": {"text": "share of objects"}, "rangemode": "tozero", "tickformat": ".0%"},
        shapes=[
            {
                "type": "line",
                "x0": found.d_ref,
                "x1": found.d_ref,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": LINE_COLOUR, "dash": "dash", "width": 1.5},
            }
        ],
    )
    for name, counts, colour, dash in (
        ("training set, leave one out", found.train, TRUTH_COLOUR, "solid"),
        ("target", found.target, TARGET_COLOUR, "dash"),
    ):
        shares = counts / max(int(counts.sum()), 1)
        figure.add_scatter(
            **_steps(found.edges, shares), name=name, line={"shape": "hv", "color": colour, "dash": dash}
        )
    figure.add_annotation(
        text=f"d_ref {found.d_ref:.3g}", x=found.d_ref, y=0.98, yref="paper", xanchor="left", showarrow=False, xshift=4
    )
    return figure


def coverage_map(found: CoverageMap) -> go.Figure:
    """Share of the target that is covered, where a cell holds enough of it; bright at the left."""
    enough = found.target >= FEWEST_IN_CELL
    if not enough.any():
        return empty_figure("No cell holds enough objects of the target.")
    shares = np.divide(found.covered, found.target, out=np.full(found.target.shape, np.nan), where=enough)
    figure = new_figure(
        xaxis={"title": {"text": f"{found.x_label} [mag]"}}, yaxis={"title": {"text": f"{found.y_label} [mag]"}}
    )
    figure.add_heatmap(
        x=found.x_edges,
        y=found.y_edges,
        z=shares.astype(np.float32),
        customdata=found.target.astype(np.uint16),
        zmin=0,
        zmax=1,
        colorscale=DENSITY_COLOURS,
        hoverongaps=False,
        hovertemplate="%{x:.4~g}, %{y:.4~g}<br>%{z:.0%} of %{customdata:,} covered<extra></extra>",
        colorbar=_bar("covered<br> ", tickformat=".0%"),
    )
    return figure


def som_map(found: SomMap) -> go.Figure:
    """Objects of the target per cell; cells without a training object are hatched."""
    cells = np.arange(found.target.shape[0])
    figure = new_figure(xaxis={"visible": False}, yaxis={"visible": False})
    top = max(int(found.target.max()), 2)
    low, high = span_of(top)
    figure.add_heatmap(
        x=cells,
        y=cells,
        z=smallest_ints(found.target),
        customdata=np.dstack([found.train, found.sigma_z.round(4)]),
        zmin=0,
        zmax=10.0**high,
        colorscale=log_colours(low, high),
        showscale=False,
        hovertemplate="%{z} of target, %{customdata[0]} to train<br>σ_z %{customdata[1]}<extra></extra>",
    )
    rows, columns = np.nonzero((found.target > 0) & (found.train == 0))
    if rows.size:
        figure.add_scatter(
            x=columns,
            y=rows,
            mode="markers",
            marker={"symbol": "x-thin-open", "size": 10, "color": LINE_COLOUR, "line": {"width": 2}},
            name="no spec-z",
            hoverinfo="skip",
            showlegend=True,
        )
    figure.add_trace(colour_marks(low, high, _bar("target", **_count_ticks(top))))
    return figure


def _count_ticks(top: int) -> dict[str, Any]:
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if tick <= top]
    return {"tickvals": np.log10(ticks).tolist(), "ticktext": [f"{tick:,}" for tick in ticks]}


def weighted_redshifts(found: WeightedRedshifts) -> go.Figure:
    """N(z) of the training set as it is and weighted to the target, beside the truth where it is known."""
    figure = new_figure(
        xaxis={"title": {"text": "z_spec"}, "range": [float(found.edges[0]), float(found.edges[-1])]},
        yaxis={"title": {"text": "density per unit"}, **COUNT_AXIS, "tickformat": ""},
    )
    curves: list[tuple[str, Curve | None, str, str]] = [
        ("training set", found.plain, TRUTH_COLOUR, "solid"),
        ("weighted to the target", found.weighted, PHOTOZ_COLOUR, "dash"),
        ("target, true", found.target, TARGET_COLOUR, "dot"),
    ]
    middles = (found.edges[:-1] + found.edges[1:]) / 2
    for place, (name, curve, colour, dash) in enumerate(curves):
        if curve is None:
            continue
        values = np.nan_to_num(curve.values)
        line = {"shape": "hv", "color": colour, "dash": dash}
        figure.add_scatter(**_steps(found.edges, values), name=name, line=line, legendgroup=name)
        figure.add_scatter(
            x=(middles + (place - 1) * 0.15 * np.diff(found.edges)).astype(np.float32),
            y=curve.values.astype(np.float32),
            mode="markers",
            marker={"opacity": 0, "color": colour},
            error_y={"type": "data", "array": curve.err_high.astype(np.float32), "color": colour, "width": 0},
            name=name,
            legendgroup=name,
            showlegend=False,
            hovertemplate="%{x:.4~g}: %{y:.4~g}<extra>%{fullData.name}</extra>",
        )
    return figure


def _steps(edges: np.ndarray, values: np.ndarray) -> dict[str, Any]:
    return {
        "x": np.concatenate([edges[:1], edges]).astype(np.float32),
        "y": np.concatenate([[0], values, [0]]).astype(np.float32),
        "mode": "lines",
        "hoverinfo": "skip",
    }


def _bar(title: str, **more: Any) -> dict[str, Any]:
    return {
        "title": {"text": title, "side": "top", "font": {"size": 12}},
        "thickness": 10,
        "outlinewidth": 0,
        **more,
    }
