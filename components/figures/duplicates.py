"""Pairs of objects within 1 arcsec: how far apart, and whether their redshifts agree."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.count_colours import colour_marks, count_bar, log_colours, span_of
from components.figures.numbers import Cell, Numbers
from components.figures.template import (
    COUNT_AXIS,
    LINE_COLOUR,
    TRUTH_COLOUR,
    empty_figure,
    new_figure,
    smallest_ints,
)
from services.models.duplicates import CONFLICT_DZ, DUPLICATE_RADIUS_ARCSEC, CloseObjects

SMALLEST_DZ = 1e-5
"""Smaller differences stand on the axis here, since a logarithm has no zero."""
LARGEST_DZ = 10.0
FEW_PAIRS = 4
NONE = "No two objects within 1 arcsec"


def close_objects(found: CloseObjects) -> go.Figure:
    """Separations above, differences in redshift below with the line of conflict, on one axis of separation."""
    if not found.n_pairs:
        return empty_figure(NONE)
    has_redshifts = found.n_compared > 0
    figure = new_figure(
        xaxis={
            "title": {"text": "separation [arcsec]"},
            "range": [0, DUPLICATE_RADIUS_ARCSEC],
            "anchor": "y2" if has_redshifts else "y",
        },
        yaxis={
            "title": {"text": "pairs"},
            "domain": [0.68 if has_redshifts else 0, 1],
            **_pair_ticks(found),
            **COUNT_AXIS,
        },
        showlegend=False,
    )
    figure.add_trace(_separations(found))
    if has_redshifts:
        figure.update_layout(yaxis2=_dz_axis())
        figure.add_traces(_differences(found) if found.grid is None else _map(found))
        figure.add_trace(_conflict_line())
    return figure


def _pair_ticks(found: CloseObjects) -> dict[str, int]:
    """Whole numbers of pairs only."""
    return {"dtick": 1} if int(found.counts.max()) <= FEW_PAIRS else {}


def _separations(found: CloseObjects) -> go.Bar:
    return go.Bar(
        x=(found.edges[:-1] + found.edges[1:]) / 2,
        y=smallest_ints(found.counts),
        width=np.diff(found.edges),
        marker={"color": TRUTH_COLOUR, "opacity": 0.75, "line": {"width": 0}},
        hovertemplate="about %{x:.3f} arcsec: %{y:,} pairs<extra></extra>",
    )


def _dz_axis() -> dict[str, object]:
    return {
        "title": {"text": "|dz|/(1+z)"},
        "type": "log",
        "domain": [0, 0.58],
        "anchor": "x",
        "range": [math.log10(SMALLEST_DZ) - 0.15, math.log10(LARGEST_DZ)],
        "tickvals": [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1],
        "ticktext": ["≤10<sup>-5</sup>", "10<sup>-4</sup>", "10<sup>-3</sup>", "0.01", "0.1", "1"],
    }


def _scaled(found: CloseObjects) -> np.ndarray:
    smaller = np.minimum(found.z_first, found.z_second)
    scaled: np.ndarray = np.abs(found.z_first - found.z_second) / (1 + smaller)
    return scaled


def _differences(found: CloseObjects) -> go.Scatter:
    differences = _scaled(found)
    known = ~np.isnan(differences)
    rows = np.column_stack([found.first, found.second, found.z_first, found.z_second])[known]
    colours = np.where(differences[known] > CONFLICT_DZ, LINE_COLOUR, TRUTH_COLOUR)
    return go.Scatter(
        x=found.separation[known],
        y=np.clip(differences[known], SMALLEST_DZ, LARGEST_DZ),
        customdata=rows,
        yaxis="y2",
        mode="markers",
        marker={"size": 7, "opacity": 0.8, "color": colours.tolist()},
        hovertemplate="rows %{customdata[0]:d} and %{customdata[1]:d}, %{x:.3f} arcsec<br>"
        "z %{customdata[2]:.4f} and %{customdata[3]:.4f}<extra></extra>",
    )


def _map(found: CloseObjects) -> tuple[go.Heatmap, go.Scatter]:
    grid = found.grid
    assert grid is not None
    top = int(grid.counts.max())
    low, high = span_of(top)
    cells = go.Heatmap(
        x=grid.x_edges,
        y=10.0**grid.y_edges,
        z=smallest_ints(grid.counts),
        yaxis="y2",
        zmin=0.0,
        zmax=10.0**high,
        colorscale=log_colours(low, high),
        showscale=False,
        hovertemplate="%{x:.3f} arcsec, |dz|/(1+z) %{y:.2~g}<br>%{z:,} pairs<extra></extra>",
    )
    return cells, colour_marks(low, high, count_bar(top, len=0.6, y=0.29), yaxis="y2")


def _conflict_line() -> go.Scatter:
    return go.Scatter(
        x=[0, DUPLICATE_RADIUS_ARCSEC],
        y=[CONFLICT_DZ, CONFLICT_DZ],
        yaxis="y2",
        mode="lines",
        line={"color": LINE_COLOUR, "width": 1.5, "dash": "dash"},
        hovertemplate=f"conflict above {CONFLICT_DZ}<extra></extra>",
    )


def close_caption(found: CloseObjects) -> str:
    """Pairs, compared redshifts and conflicts; where the rows went; columns."""
    columns = ", ".join(name for name in (found.ra_column, found.dec_column, found.z_column) if name)
    pairs = f"{_pairs(found)}, {found.n_compared:,} with both redshifts"
    rows = tally_text(found.tally).replace(" shown", " rows with a position", 1)
    line = f" · dashed: conflict above {CONFLICT_DZ}" if found.n_compared else ""
    return f"{pairs}{line} · {rows} · columns {columns}"


def close_finding(found: CloseObjects) -> str:
    """How many pairs, how many of them in conflict."""
    if not found.n_pairs:
        return f"{NONE}."
    words = f"{_pairs(found)} within 1 arcsec"
    if not found.n_compared:
        return f"{words}, none of them with two redshifts."
    return f"{words}; {found.n_conflicts:,} of {found.n_compared:,} with two redshifts differ by more than 0.01(1+z)."


def _pairs(found: CloseObjects) -> str:
    return f"{found.n_pairs:,} pair" + ("" if found.n_pairs == 1 else "s")


def close_numbers(found: CloseObjects) -> Numbers:
    """One row per pair, conflicts first, at most 2000 of them; row numbers count from 1."""
    header = ("row_1", "row_2", "separation_arcsec", "z_1", "z_2", "dz_scaled", "conflict")
    return Numbers(header, tuple(_pair_rows(found)))


def _pair_rows(found: CloseObjects) -> Iterator[tuple[Cell, ...]]:
    numbers = (found.first, found.second, found.separation, found.z_first, found.z_second, _scaled(found))
    for first, second, separation, z_first, z_second, scaled in zip(*(one.tolist() for one in numbers), strict=True):
        redshifts = ("" if math.isnan(z) else round(z, 6) for z in (z_first, z_second, scaled))
        yield (first, second, round(separation, 4), *redshifts, "yes" if scaled > CONFLICT_DZ else "no")
