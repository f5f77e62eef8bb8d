"""Bias, scatter and outliers in bins: three panels, one above the other, on one axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from components.figures.captions import tally_text
from components.figures.numbers import Cell, Numbers
from components.figures.template import (
    BAND_COLOURS,
    PHOTOZ_COLOUR,
    TRUTH_COLOUR,
    axis_title,
    empty_figure,
    new_figure,
)
from services.models.measures import MetricsBin
from services.models.validation import BinnedMetrics

PANELS_HEIGHT_PX = 520
FEWEST = "30"
"""Pairs below which a bin is not drawn, in words."""

FloatArray = NDArray[np.float64]
Points = tuple[FloatArray, FloatArray, FloatArray]
"""x, y, and for each point a row of numbers, first how many pairs it has."""
Panel = tuple[str, str, str, str]
"""Name of a metric, title of its axis, colour, format of its numbers."""

PANELS: tuple[Panel, ...] = (
    ("bias", "bias", TRUTH_COLOUR, "+.4f"),
    ("sigma_nmad", "σ<sub>NMAD</sub>", PHOTOZ_COLOUR, ".4f"),
    ("outlier_fraction", "outliers", BAND_COLOURS["i"], ".2%"),
)
_BIN = "%{customdata[1]:.4~g} to %{customdata[2]:.4~g}"
_DOMAINS = ((0.70, 1.0), (0.35, 0.65), (0.0, 0.30))


def binned_metrics(found: BinnedMetrics) -> go.Figure:
    """The three metrics with bootstrap errors in each bin, at its middle; bins with too few pairs are left out."""
    if not found.bins:
        return empty_figure(f"No bin of {found.label} holds {FEWEST} pairs.")
    figure = new_figure(height=PANELS_HEIGHT_PX, showlegend=False)
    figure.update_xaxes(
        title={"text": axis_title(found.label, found.column, found.unit)},
        range=[found.low, found.high],
        anchor="y3",
    )
    middles = np.array([(one.low + one.high) / 2 for one in found.bins])
    for place, panel in enumerate(PANELS, start=1):
        add_panel(figure, place, panel, _DOMAINS[place - 1])
        figure.add_trace(metric_line(panel, place, _BIN, found.bins, middles))
    add_zero_line(figure)
    return figure


def axis_name(place: int) -> str:
    """Plotly's word for the y axis of a panel, counted from 1."""
    return "y" if place == 1 else f"y{place}"


def add_panel(figure: go.Figure, place: int, panel: Panel, domain: tuple[float, float]) -> None:
    """Give a panel its axis."""
    name, title, _, form = panel
    axis = {"title": {"text": title}, "domain": domain, "nticks": 5}
    if form.endswith("%"):
        axis |= {"tickformat": ".0%", "rangemode": "tozero"}
    elif name != "bias":
        axis["rangemode"] = "tozero"
    figure.update_layout({"yaxis" if place == 1 else f"yaxis{place}": axis})


def add_zero_line(figure: go.Figure) -> None:
    """The line of no bias, in the first panel."""
    figure.add_shape(
        type="line",
        x0=0,
        x1=1,
        y0=0,
        y1=0,
        xref="paper",
        yref="y",
        line={"color": "#7c8792", "width": 1, "dash": "dot"},
    )


def panel_line(panel: Panel, place: int, where: str, points: Points, errors: FloatArray | None = None) -> go.Scatter:
    """The line of a panel; ``where`` tells of the place of a point in its hover text, by ``customdata`` after n."""
    _, title, colour, form = panel
    x, y, customdata = points
    error = "" if errors is None else f" ± %{{error_y.array:{form.removeprefix('+')}}}"
    return go.Scatter(
        x=x,
        y=y,
        error_y={"type": "data", "array": errors, "thickness": 1.25, "width": 3},
        customdata=customdata,
        mode="lines+markers",
        line={"width": 1, "color": colour},
        marker={"size": 6, "color": colour},
        name=title,
        yaxis=axis_name(place),
        hovertemplate=f"{where}<br>{title} %{{y:{form}}}{error}<br>%{{customdata[0]:,}} pairs<extra></extra>",
    )


def metric_line(panel: Panel, place: int, where: str, bins: Sequence[MetricsBin], x: FloatArray) -> go.Scatter:
    """The line of a metric with its errors; the ends of each bin are ``customdata`` 1 and 2."""
    name = panel[0]
    values = np.array([getattr(one.metrics, name) for one in bins])
    errors = np.array([one.errors.get(name, np.nan) for one in bins])
    customdata = np.array([(one.metrics.n, one.low, one.high) for one in bins])
    return panel_line(panel, place, where, (x, values, customdata), errors)


def binned_metrics_caption(found: BinnedMetrics) -> str:
    """Where every row went, and which columns were used."""
    tally = found.tally
    words = tally_text(tally).replace("outside the axis", f"in bins with fewer than {FEWEST} pairs")
    columns = dict.fromkeys((found.z_phot, found.z_spec, found.column))
    return f"{words} · errors from at least 200 bootstrap resamples · columns {', '.join(columns)}"


def binned_metrics_finding(found: BinnedMetrics) -> str:
    """Range of the bias, and where the scatter is worst."""
    if not found.bins:
        return f"no bin of {found.label} holds {FEWEST} pairs."
    biases = [one.metrics.bias for one in found.bins]
    worst = max(found.bins, key=lambda one: one.metrics.sigma_nmad)
    return (
        f"bias from {min(biases):+.4f} to {max(biases):+.4f}, scatter largest ({worst.metrics.sigma_nmad:.4f}) for "
        f"{found.label} from {worst.low:g} to {worst.high:g}."
    )


def binned_metrics_numbers(found: BinnedMetrics) -> Numbers:
    """A row for each bin."""
    header = [f"{found.label}_low", f"{found.label}_high", "n"]
    for name, *_ in PANELS:
        header += [name, f"{name}_error"]
    return Numbers(tuple(header), tuple(tuple(_row(one)) for one in found.bins))


def _row(one: MetricsBin) -> Iterator[Cell]:
    yield from (one.low, one.high, one.metrics.n)
    for name, *_ in PANELS:
        yield from (getattr(one.metrics, name), one.errors.get(name, ""))
