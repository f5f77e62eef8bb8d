"""Colours of objects: against magnitude (bright on top), against one another, against redshift."""

from __future__ import annotations

import plotly.graph_objects as go

from components.figures.captions import caption, finding
from components.figures.density import density_map
from components.figures.numbers import Numbers, binned_numbers
from components.figures.template import LINE_COLOUR
from services.models.colours import USUAL_COLOURS, ColourColour
from services.models.statistics import Density

MARGIN_MAG = 0.1
"""Room around the outline of the usual range."""


def colour_magnitude_map(density: Density) -> go.Figure:
    """Colour (x) against magnitude (y), bright on top."""
    figure = density_map(density)
    if density.counts.any():
        low, high = figure.layout.yaxis.range
        figure.update_yaxes(range=[high, low])
    return figure


def colour_colour_map(colours: ColourColour) -> go.Figure:
    """Two adjacent colours and the outline of their usual range."""
    figure = density_map(colours.grid)
    if colours.grid.counts.any():
        low, high = USUAL_COLOURS
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            axis.range = [min(axis.range[0], low - MARGIN_MAG), max(axis.range[1], high + MARGIN_MAG)]
        figure.add_trace(
            go.Scatter(
                x=[low, high, high, low, low],
                y=[low, low, high, high, low],
                mode="lines",
                line={"color": LINE_COLOUR, "width": 1.5, "dash": "dash"},
                showlegend=False,
                hovertemplate=f"usual range {low:g} to {high:g}<extra></extra>",
            )
        )
    return figure


def colours_caption(colours: ColourColour) -> str:
    """The caption of the map and how many lie in the usual range."""
    return f"{caption(colours.grid)} · dashed: the usual range, {_usual_words(colours)}"


def _usual_words(colours: ColourColour) -> str:
    low, high = USUAL_COLOURS
    return f"{colours.usual_fraction:.1%} have both colours in {low:g}..{high:g}"


def colours_finding(colours: ColourColour) -> str:
    """Where most objects lie, and how many in the usual range."""
    words = finding(colours.grid).rstrip(".")
    return f"{words}; {_usual_words(colours)}." if colours.grid.counts.any() else f"{words}."


def colours_numbers(colours: ColourColour) -> Numbers:
    """Filled cells, fullest first."""
    return binned_numbers(colours.grid)
