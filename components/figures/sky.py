"""Where the objects lie on the sky: RA increases to the left, one degree is as long on both axes."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from components.figures.density import heat_traces, occupied_ranges, readable
from components.figures.template import axis_title, empty_figure, new_figure
from services.models.statistics import Density, SkyDensity

_STEPS_DEG = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 45.0, 60.0)
_TICKS = 6
FULL_TURN_DEG = 360.0
FLAT_BELOW = 0.4
"""Height of a map, in parts of its width, below which few declinations are named."""


def sky_density(sky: SkyDensity) -> go.Figure:
    """Density on the sky, shortened by cos(Dec) so that fields keep their shape; tick labels stay within 0..360."""
    return sky_map(readable(sky.grid))


def sky_map(grid: Density, per: str = "per cell") -> go.Figure:
    """Counts over RA and Dec, as they are."""
    if not grid.counts.any():
        return empty_figure("No row has a valid position.")
    (ra_low, ra_high), dec_range = occupied_ranges(grid)
    ticks = ra_ticks(ra_low, ra_high)
    figure = new_figure(
        xaxis={
            "title": {"text": axis_title(grid.x_label, grid.x_column, grid.x_unit or "deg")},
            "range": [ra_high, ra_low],
            "tickvals": ticks,
            "ticktext": [f"{value % FULL_TURN_DEG:g}" for value in ticks],
            "constrain": "domain",
        },
        yaxis={
            "title": {"text": axis_title(grid.y_label, grid.y_column, grid.y_unit or "deg")},
            "range": dec_range,
            "nticks": 3 if _is_flat(ra_high - ra_low, dec_range) else 6,
            "scaleanchor": "x",
            "scaleratio": 1.0 / shortening(dec_range),
            "constrain": "domain",
        },
    )
    turn = " (minus 360 past 0h)" if ra_high > FULL_TURN_DEG else ""
    figure.add_traces(heat_traces(grid, hover="RA %{x:.4f}" + turn + ", Dec %{y:.4f} deg", per=per))
    return figure


def _is_flat(ra_span_deg: float, dec_range_deg: list[float]) -> bool:
    """Whether the map is so much wider than high that numbers beside it would touch on a phone."""
    return dec_range_deg[1] - dec_range_deg[0] < FLAT_BELOW * ra_span_deg * shortening(dec_range_deg)


def shortening(dec_range_deg: list[float]) -> float:
    """Cosine of the middle declination: how much shorter a degree of RA is there (not below 0.1, near the poles)."""
    return max(math.cos(math.radians(sum(dec_range_deg) / 2.0)), 0.1)


def ra_ticks(low_deg: float, high_deg: float) -> np.ndarray:
    """Readable multiples of a readable step between two right ascensions, which may run past 360."""
    span = high_deg - low_deg
    step = next((step for step in _STEPS_DEG if span / step <= _TICKS), _STEPS_DEG[-1])
    first = math.ceil(low_deg / step - 1e-9)
    last = math.floor(high_deg / step + 1e-9)
    return np.round(np.arange(first, last + 1) * step, 6)
