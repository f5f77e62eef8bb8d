"""Separate fields on the sky side by side: RA to the left in each, colours of all on one scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.count_colours import LEAST_SPAN, colour_marks, colour_ticks, log_colours
from components.figures.density import occupied_ranges, readable
from components.figures.numbers import Cell, Numbers
from components.figures.sky import FULL_TURN_DEG, ra_ticks, shortening
from components.figures.template import empty_figure, new_figure, smallest_ints
from services.models.sky_fields import SkyField, SkyFields
from services.models.statistics import Density

HEIGHT_PX = 560
GAP_X, GAP_Y = 0.14, 0.14
"""Room between panels for numbers and names, in shares of the figure."""
TICKS = 3


def fields_map(fields: SkyFields) -> go.Figure:
    """A panel a field, fullest first; the colour counts objects per square degree, as cells differ in size."""
    drawn = [field for field in fields.fields if field.n_objects]
    if not drawn:
        return empty_figure("No row lies in one of the fields.")
    margin = {"t": 34, "r": 10, "l": 50, "b": 100}
    figure, span = new_figure(margin=margin), _span([field.grid for field in drawn])
    for place, field in enumerate(drawn):
        _add_panel(figure, field, place, len(drawn), span)
    figure.add_trace(colour_marks(*span, _colour_bar(*span)))
    return figure


def _add_panel(figure: go.Figure, field: SkyField, place: int, n_panels: int, span: tuple[float, float]) -> None:
    grid, end = readable(field.grid), "" if place == 0 else str(place + 1)
    (ra_low, ra_high), dec_range = occupied_ranges(grid)
    ticks = ra_ticks(ra_low, ra_high)[:: max(1, math.ceil(len(ra_ticks(ra_low, ra_high)) / TICKS))]
    x_room, y_room = _rooms(place, n_panels)
    figure.layout[f"xaxis{end}"] = {
        "domain": x_room,
        "title": {"text": "RA [deg]" if place + 2 >= n_panels else ""},
        "tickangle": 0,
        "anchor": f"y{end}",
        "range": [ra_high, ra_low],
        "tickvals": ticks,
        "ticktext": [f"{value % FULL_TURN_DEG:g}" for value in ticks],
        "constrain": "domain",
    }
    figure.layout[f"yaxis{end}"] = {
        "domain": y_room,
        "title": {"text": "" if place % 2 else "Dec [deg]"},
        "anchor": f"x{end}",
        "range": dec_range,
        "nticks": TICKS + 1,
        "scaleanchor": f"x{end}",
        "scaleratio": 1.0 / shortening(dec_range),
        "constrain": "domain",
    }
    figure.add_trace(_trace(grid, end, *span))
    figure.add_annotation(
        text=f"{_centre(field)}<br>{field.n_objects:,} objects",
        x=0.5,
        y=1.01,
        xref=f"x{end} domain",
        yref=f"y{end} domain",
        xanchor="center",
        yanchor="bottom",
        showarrow=False,
        font={"size": 11},
    )


def _rooms(place: int, n_panels: int) -> tuple[list[float], list[float]]:
    """Ranges of a panel in shares of the figure, two panels to a row."""
    row, column = divmod(place, 2)
    n_rows = math.ceil(n_panels / 2)
    width, height = (1 - GAP_X) / 2, (1 - GAP_Y * (n_rows - 1)) / n_rows
    left, bottom = column * (width + GAP_X), (n_rows - 1 - row) * (height + GAP_Y)
    return [left, left + width], [bottom, bottom + height]


def _trace(grid: Density, end: str, low: float, high: float) -> go.Heatmap:
    """Counts of a field in the colours of its objects per square degree."""
    per_cell = math.log10(cell_deg2(grid))
    return go.Heatmap(
        x=grid.x_edges,
        y=grid.y_edges,
        z=smallest_ints(grid.counts),
        zmin=0.0,
        zmax=10.0 ** (high + per_cell),
        colorscale=log_colours(low + per_cell, high + per_cell),
        showscale=False,
        xaxis=f"x{end}",
        yaxis=f"y{end}",
        hovertemplate="RA %{x:.4f}, Dec %{y:.4f} deg<br>%{z:,} objects<extra></extra>",
    )


def cell_deg2(grid: Density) -> float:
    """Area of the cells of a grid at its middle, square degrees."""
    ra_step, dec_step = (float(edges[1] - edges[0]) for edges in (grid.x_edges, grid.y_edges))
    middle = math.radians(float(grid.y_edges[0] + grid.y_edges[-1]) / 2)
    return ra_step * dec_step * max(math.cos(middle), 0.02)


def _span(grids: list[Density]) -> tuple[float, float]:
    """log10 of the least and of the largest number of objects per square degree."""
    joined = [readable(grid) for grid in grids]
    low = min(-math.log10(cell_deg2(grid)) for grid in joined)
    high = max(math.log10(int(grid.counts.max()) / cell_deg2(grid)) for grid in joined)
    return low, max(high, low + LEAST_SPAN)


def _colour_bar(low: float, high: float) -> dict[str, Any]:
    ticks = [tick for tick in colour_ticks(int(10**high)) if tick >= 10**low]
    return {
        "orientation": "h",
        "thickness": 10,
        "len": 0.8,
        "yref": "container",
        "yanchor": "bottom",
        "y": 0.0,
        "outlinewidth": 0,
        "tickvals": [math.log10(tick) for tick in ticks],
        "ticktext": [f"{tick:,} / deg²" for tick in ticks],
    }


def _centre(field: SkyField) -> str:
    """RA and Dec of the middle of what a field holds, as in ``150.1°, +2.2°``."""
    (ra_low, ra_high), (dec_low, dec_high) = occupied_ranges(field.grid)
    return f"{(ra_low + ra_high) / 2 % FULL_TURN_DEG:.1f}°, {(dec_low + dec_high) / 2:+.1f}°"


def fields_caption(fields: SkyFields) -> str:
    """Where every row went, and how fields were told apart."""
    rest = fields.n_fields - len(fields.fields)
    more = f" · {rest:,} smaller {'field' if rest == 1 else 'fields'} not drawn" if rest else ""
    words = f"{tally_text(fields.tally)}{more} · fields are groups of HEALPix pixels that touch at nside {fields.nside}"
    return f"{words} · columns {fields.ra_column}, {fields.dec_column}".replace(
        "outside the axis", "outside the fields"
    )


def fields_finding(fields: SkyFields) -> str:
    """The fields in words."""
    parts = [f"{_centre(field)} with {field.n_objects:,} objects" for field in fields.fields if field.n_objects]
    return (
        f"{fields.n_fields:,} separate fields at RA, Dec {'; '.join(parts)}."
        if parts
        else "no row in one of the fields."
    )


def fields_numbers(fields: SkyFields) -> Numbers:
    """Filled cells of every field; fields are counted from 1, fullest first."""
    header = ("field", "ra_low_deg", "ra_high_deg", "dec_low_deg", "dec_high_deg", "count")
    return Numbers(header, tuple(row for place, one in enumerate(fields.fields, 1) for row in _rows(place, one.grid)))


def _rows(place: int, drawn: Density) -> Iterator[tuple[Cell, ...]]:
    grid = readable(drawn)
    x, y = grid.x_edges.tolist(), grid.y_edges.tolist()
    for row, column in np.argwhere(grid.counts).tolist():
        yield place, x[column], x[column + 1], y[row], y[row + 1], int(grid.counts[row, column])
