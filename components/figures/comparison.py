"""Overlay of two to four products, with their differences from the first and ratios to it below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components.figures.template import COUNT_AXIS, axis_title, empty_figure, new_figure, plain_text
from services.models.comparison import ComparedProduct, Comparison, Curve

PRODUCT_LINES = (("#0f8b8d", "solid"), ("#d9480f", "dash"), ("#7a6fd6", "dot"), ("#b98a00", "longdash"))
"""Hue and dash of each product in their order: at least 3:1 against both grounds, and the dash tells them apart too."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up")

HEIGHT_PX = 680
LONGEST_NAME = 30
_OVERLAY, _DIFFERENCE, _RATIO = [0.5, 1.0], [0.25, 0.44], [0.0, 0.19]
"""Part of the height each panel takes."""
_SPREAD = 0.14
"""Error bars of neighbouring products stand this part of a bin apart."""
_RATIO_SHOWN, _RATIO_FAR = (2.0, 10.0), 0.5
"""The ratio axis ends between these, unless most ratios are far below 1; what lies above is reached by zooming out."""


def short_name(name: str) -> str:
    """Name of a product as legends and headings of columns show it."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def comparison_figure(comparison: Comparison, *, is_log: bool = False) -> go.Figure:
    """Step lines with error bars on common bins; gaps where a bin is empty in both panels below, and on log axes."""
    if not any(item.histogram.counts.any() for item in comparison.items):
        return empty_figure(f"No value of {comparison.quantity.title} in any of these products.")
    figure = new_figure(**_axes(comparison, is_log=is_log))
    for place, item in enumerate(comparison.items):
        _add_overlay(figure, comparison, place, item, is_log=is_log)
    for place, item in enumerate(comparison.items[1:], 1):
        _add_panel(figure, comparison, place, item.difference, "y2")
        _add_panel(figure, comparison, place, item.ratio, "y3")
    return figure


def _axes(comparison: Comparison, *, is_log: bool) -> dict[str, Any]:
    edges = comparison.edges
    width = f"{float(edges[1] - edges[0]):g}"
    unit = f" {comparison.unit}" if comparison.unit else ""
    counts = f"objects per {width}{unit} bin"
    title = f"density per {comparison.unit or 'unit'}" if comparison.is_normalised else counts
    scale: dict[str, Any] = {"type": "log"} if is_log else dict(COUNT_AXIS)
    if comparison.is_normalised:
        scale.pop("tickformat", None)
    x_title = axis_title(comparison.quantity.title, "", comparison.unit)
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "line": {"color": "#7c8792", "width": 1}}
    return {
        "height": HEIGHT_PX,
        "yaxis": {"domain": _OVERLAY, "title": {"text": title}, **scale},
        "yaxis2": {"domain": _DIFFERENCE, "title": {"text": "difference"}, "nticks": 5},
        "yaxis3": {"domain": _RATIO, "title": {"text": "ratio"}, "range": _ratio_range(comparison.items), "nticks": 5},
        "xaxis": {"title": {"text": x_title}, "anchor": "y3", "range": [float(edges[0]), float(edges[-1])]},
        "shapes": [{**line, "yref": "y2", "y0": 0, "y1": 0}, {**line, "yref": "y3", "y0": 1, "y1": 1}],
        "hovermode": "closest",
    }


def _ratio_range(items: Sequence[ComparedProduct]) -> list[float]:
    """From 0 to above most ratios; 1 is in sight unless all are far below it, as counts of unlike samples are."""
    ratios = [item.ratio.values[np.isfinite(item.ratio.values)] for item in items if item.ratio is not None]
    found = np.concatenate(ratios)
    top = 1.3 * float(np.quantile(found, 0.9)) if found.size else 1.0
    return [0.0, min(max(top, _RATIO_SHOWN[0]), _RATIO_SHOWN[1]) if top > _RATIO_FAR else top]


def _add_overlay(figure: go.Figure, comparison: Comparison, place: int, item: ComparedProduct, *, is_log: bool) -> None:
    colour, dash = PRODUCT_LINES[place]
    group = {"legendgroup": str(place), "name": plain_text(short_name(item.product.display_name))}
    values = np.where(item.curve.values > 0, item.curve.values, np.nan) if is_log else item.curve.values
    ends = [np.nan if is_log else 0]
    figure.add_scatter(
        x=np.repeat(comparison.edges, 2).astype(np.float32),
        y=np.concatenate([ends, np.repeat(values, 2), ends]).astype(np.float32),
        mode="lines",
        line={"color": colour, "dash": dash, "width": 2},
        hoverinfo="skip",
        **group,
    )
    shown = np.where(item.curve.values > 0, item.curve.values, np.nan)
    curve = Curve(shown, item.curve.err_low, item.curve.err_high)
    figure.add_scatter(**_points(comparison, place, curve, 0.5), showlegend=False, marker_opacity=0, **group)


def _add_panel(figure: go.Figure, comparison: Comparison, place: int, curve: Curve | None, axis: str) -> None:
    if curve is None:
        return
    name = plain_text(short_name(comparison.items[place].product.display_name))
    points = _points(comparison, place, curve, 1.0)
    figure.add_scatter(**points, yaxis=axis, name=name, legendgroup=str(place), showlegend=False)


def _points(comparison: Comparison, place: int, curve: Curve, opacity: float) -> dict[str, Any]:
    """Points with error bars in the middles of the bins, each product a little aside."""
    edges = comparison.edges
    middles = (edges[:-1] + edges[1:]) / 2
    aside = (place - (len(comparison.items) - 1) / 2) * _SPREAD * np.diff(edges)
    there = np.isfinite(curve.values)
    colour, _ = PRODUCT_LINES[place]
    return {
        "x": (middles + aside)[there].astype(np.float32),
        "y": curve.values[there].astype(np.float32),
        "customdata": np.column_stack([edges[:-1], edges[1:]])[there].astype(np.float32),
        "mode": "markers",
        "marker": {"color": colour, "symbol": SYMBOLS[place], "size": 4},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": curve.err_high[there].astype(np.float32),
            "arrayminus": curve.err_low[there].astype(np.float32),
            "color": colour,
            "thickness": 1 + opacity / 4,
            "width": 0,
        },
        "hovertemplate": "%{customdata[0]:.4~g} to %{customdata[1]:.4~g}: %{y:.4~g}<extra>%{fullData.name}</extra>",
    }
