"""One look for every figure: the plotly template, the hues, and small builders the other files share.

Figures are drawn on a transparent ground in the colours of print. On screen ``assets/css/plots.css`` lets their text
and grid follow the theme of the page, so a figure never carries a theme and an exported image is always readable.
"""

from __future__ import annotations

import html
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.colors import sample_colorscale

BAND_COLOURS = {
    "u": "#7a6fd6",
    "g": "#1a9a7c",
    "r": "#b98a00",
    "i": "#e0602f",
    "z": "#c2559b",
    "y": "#7c8792",
    "J": "#2f86d0",
    "H": "#a2703f",
    "Ks": "#6f9130",
}
"""One hue per band, at least 3:1 against the light and against the dark ground; u to y differ also for the
colour-blind."""

BAND_DASHES = {"u": "solid", "g": "dash", "r": "solid", "i": "dot", "z": "solid", "y": "dash"}
"""A second sign beside the hue, for neighbours that colour alone may not part."""

OTHER_COLOURS = ("#8a8f98", "#5b8db8", "#9a7d4e", "#b0657f", "#6f8f6a")
OTHER_DASHES = ("dashdot", "longdash", "longdashdot")
"""Filters without a hue of their own; five hues and three dashes give fifteen different lines."""

TRUTH_COLOUR = "#0f8b8d"
"""Spectroscopic (true) redshifts, counts of categories: the accent of the portal."""

PHOTOZ_COLOUR = "#c2559b"
"""Photometric redshifts."""

OTHER_COLOUR = "#7c8792"
"""Counts of anything else, and error bars."""

SERIES_COLOURS = ("#2f86d0", "#e0602f", "#1a9a7c", "#c2559b", "#b98a00", "#7a6fd6", "#6f9130", "#a2703f", "#7c8792")
SERIES_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
"""Lines of one plot, such as surveys or products: at least 3:1 against either ground, told apart by dash as well."""

LINE_COLOUR = "#d9480f"
"""Reference lines over a density map."""

DENSITY_COLOURS = sample_colorscale("Cividis", np.linspace(0.2, 0.97, 9).tolist())
"""Perceptual and readable for the colour-blind; both ends are cut off so that every filled cell stands out from a dark
and from a light ground."""

COUNT_AXIS = {"rangemode": "tozero", "tickformat": ","}
"""Axis that counts objects: from zero, thousands separators."""

HEIGHT_PX = 340
"""Height of a plot; skeletons have the same."""

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_TEXT = "#343a40"
_GRID = "rgba(128, 138, 148, 0.25)"
_AXIS = {
    "gridcolor": _GRID,
    "zeroline": False,
    "linecolor": "rgba(128, 138, 148, 0.7)",
    "showline": True,
    "ticks": "outside",
    "ticklen": 4,
    "tickcolor": "rgba(128, 138, 148, 0.7)",
    "automargin": True,
    "exponentformat": "power",
    "title": {"standoff": 8, "font": {"size": 13}},
}

TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": _FONT, "size": 12, "color": _TEXT},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 56, "r": 12, "t": 12, "b": 48},
        "height": HEIGHT_PX,
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "bargap": 0,
        "hoverlabel": {"font": {"family": _FONT, "size": 12}},
        "hovermode": "closest",
        "dragmode": "zoom",
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "font": {"size": 12}},
    }
)
"""The only template; small on purpose, because every figure carries it over the wire."""


def new_figure(**layout: Any) -> go.Figure:
    """Empty figure with the portal's template."""
    return go.Figure(layout=go.Layout(template=TEMPLATE, **layout))


def empty_figure(message: str) -> go.Figure:
    """Figure that says in words why there is nothing to see."""
    figure = new_figure(
        xaxis={"visible": False},
        yaxis={"visible": False},
    )
    figure.add_annotation(
        text=plain_text(message), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 14}
    )
    return figure


def plain_text(words: str) -> str:
    """Words that may come from a file, such as names of columns, so that plotly draws them instead of obeying them.

    Plotly takes ``<b>``, ``<a href=...>`` and entities in every text of a figure for markup.
    """
    return html.escape(words, quote=False)


def axis_title(label: str, column: str = "", unit: str | None = None) -> str:
    """Title such as ``z_spec (Z)`` or ``RA [deg]``: quantity, column when it is called otherwise, unit.

    A label may bring its unit along, as those of ``services.columns.roles`` do; the unit of the column comes first.
    """
    words, _, own_unit = label.partition(" [")
    unit = unit or own_unit.rstrip("]")
    name = words if column in ("", words) else f"{words} ({column})"
    return plain_text(f"{name} [{unit}]" if unit else name)


def smallest_ints(counts: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """The same counts in the smallest unsigned type that holds them: what travels to the browser is half the size."""
    most = int(counts.max()) if counts.size else 0
    for kind in (np.uint8, np.uint16, np.uint32):
        if most <= np.iinfo(kind).max:
            return counts.astype(kind)
    return counts.astype(np.float64)


def series_line(place: int) -> dict[str, str]:
    """Hue and dash of a line by its place among the lines of a plot."""
    return {
        "color": SERIES_COLOURS[place % len(SERIES_COLOURS)],
        "dash": SERIES_DASHES[place % len(SERIES_DASHES)],
    }


def logarithmic(figure: go.Figure, axis: str) -> go.Figure:
    """The figure with a logarithmic axis of counts ("x" or "y"), from half the smallest height to above the largest."""
    drawn = [np.asarray(trace[axis], dtype=np.float64) for trace in figure.data if trace[axis] is not None]
    heights = np.concatenate([np.empty(0), *drawn])
    heights = heights[heights > 0]
    if heights.size:
        ends = [math.log10(0.5 * heights.min()), math.log10(1.6 * heights.max())]
        figure.update_layout({f"{axis}axis": {"type": "log", "range": ends}})
    return figure


def band_line(band: str | None, place: int = 0) -> dict[str, str]:
    """Hue and dash of a band; other filters take neutral hues, told apart by ``place`` among the drawn ones."""
    if band in BAND_COLOURS:
        return {"color": BAND_COLOURS[band], "dash": BAND_DASHES.get(band, "solid")}
    return {"color": OTHER_COLOURS[place % len(OTHER_COLOURS)], "dash": OTHER_DASHES[place % len(OTHER_DASHES)]}
