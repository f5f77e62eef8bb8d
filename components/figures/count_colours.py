"""Colours of maps of counts: by the logarithm of the count, while the map itself carries nothing but the counts.

Plotly colours a map linearly. The logarithm is therefore in the colour scale, whose stops stand close together at small
counts, and the bar beside it belongs to a trace without points. A map so needs one array of small integers, a quarter
of what logarithms with the counts beside them take on the way to the browser.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from components.figures.template import DENSITY_COLOURS

FINE_TICKS_BELOW = 300
"""Largest count up to which the colour bar also names 2, 5, 20, 50..."""

STOPS = 33
"""Stops of a scale; between two of them colours follow the count itself, which the eye cannot tell at this spacing."""

LEAST_SPAN = 0.3
"""Decades that a scale covers at least."""

EMPTY = "rgba(0,0,0,0)"


def span_of(top: float) -> tuple[float, float]:
    """log10 of the counts in the first and in the last colour when the fullest cell holds ``top``."""
    return 0.0, max(math.log10(max(top, 1.0)), LEAST_SPAN)


def log_colours(low: float, high: float) -> list[list[Any]]:
    """Stops of a scale from no objects at 0 to ``10**high`` at 1: the colours go from ``10**low`` evenly in decades.

    Anything clearly below ``10**low`` is not drawn.
    """
    places = 10.0 ** (np.linspace(low, high, STOPS) - high)
    colours = sample_colorscale(DENSITY_COLOURS, np.linspace(0.0, 1.0, STOPS).tolist())
    faintest = 0.5 * float(places[0])
    stops = [[0.0, EMPTY], [faintest, EMPTY], [faintest, colours[0]]]
    return stops + [[float(f"{place:.5g}"), colour] for place, colour in zip(places, colours, strict=True)]


def colour_marks(low: float, high: float, colour_bar: dict[str, Any], **axes: str) -> go.Scatter:
    """Trace without points that owns the bar of the colours, in decades."""
    marker = {
        "color": [low],
        "cmin": low,
        "cmax": high,
        "colorscale": DENSITY_COLOURS,
        "showscale": True,
        "colorbar": colour_bar,
    }
    return go.Scatter(
        x=[None], y=[None], mode="markers", marker=marker, name="colours", hoverinfo="skip", showlegend=False, **axes
    )


def count_bar(top: int, per: str = "per cell", **more: Any) -> dict[str, Any]:
    """Colour bar that names counts."""
    ticks = colour_ticks(top)
    return {
        "title": {"text": per, "side": "top", "font": {"size": 12}},
        "thickness": 10,
        "outlinewidth": 0,
        "tickvals": [math.log10(tick) for tick in ticks],
        "ticktext": [f"{tick:,}" for tick in ticks],
        **more,
    }


def colour_ticks(top: int) -> list[int]:
    """Counts named beside the colours, up to ``top``: decades, with 2 and 5 between when there are few of them."""
    steps = (1, 2, 5) if top < FINE_TICKS_BELOW else (1,)
    decades = range(int(math.log10(max(top, 1))) + 1)
    return [step * 10**power for power in decades for step in steps if step * 10**power <= max(top, 1)]
