"""A histogram split by another column: one outline a value over the whole, in bins they share."""

from __future__ import annotations

import plotly.graph_objects as go

from components.figures.captions import caption, finding
from components.figures.heights import height_words, heights_of, unit_area
from components.figures.numbers import Numbers
from components.figures.redshift import axis_range, steps
from components.figures.template import (
    COUNT_AXIS,
    OTHER_COLOUR,
    axis_title,
    empty_figure,
    new_figure,
    plain_text,
    series_line,
)
from services.models.measures import CategoryValue, Series, SplitHistogram

LONGEST_NAME = 28


def split_histogram(split: SplitHistogram, *, normalised: bool = False) -> go.Figure:
    """Outlines of all series; the whole is a grey ground behind them, unless each has the area 1."""
    whole = split.whole
    if not whole.counts.any():
        return empty_figure(f"No valid value in {whole.column}.")
    title, hover = height_words(whole.edges, normalised=normalised)
    figure = new_figure(
        xaxis={
            "title": {"text": axis_title(whole.label, whole.column, whole.unit)},
            "range": axis_range(whole.edges),
        },
        yaxis={"title": {"text": title}, **COUNT_AXIS},
        showlegend=True,
    )
    x, y = steps(whole.edges, heights_of(whole, normalised=normalised).values)
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"shape": "hv", "width": 0},
        fill="tozeroy",
        fillcolor="rgba(124, 135, 146, 0.25)",
        marker={"color": OTHER_COLOUR},
        name="all",
        hoverinfo="skip",
    )
    for place, one in enumerate(split.series):
        figure.add_trace(_outline(split, one, place, hover, normalised=normalised))
    return figure


def _outline(split: SplitHistogram, one: Series, place: int, hover: str, *, normalised: bool) -> go.Scatter:
    heights = one.counts * unit_area(one.counts, split.whole.edges) if normalised else one.counts
    x, y = steps(split.whole.edges, heights)
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"shape": "hv", "width": 2, **series_line(place)},
        name=plain_text(_short(value_words(one.value))),
        hovertemplate="from %{x:.4~g}: " + hover + "<extra>%{fullData.name}</extra>",
    )


def value_words(value: CategoryValue) -> str:
    """A value as people read it."""
    return "missing" if value is None else str(value) or "(blank)"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def split_caption(split: SplitHistogram) -> str:
    """Line under the plot."""
    return f"{caption(split.whole)} · split by {split.by}"


def split_finding(split: SplitHistogram) -> str:
    """One sentence on what the plot shows."""
    parts = (f"{value_words(one.value)} {int(one.counts.sum()):,}" for one in split.series)
    return f"{finding(split.whole)} Split by {split.by}: {', '.join(parts)}."


def split_numbers(split: SplitHistogram) -> Numbers:
    """Counts of every series in every bin."""
    edges = split.whole.edges.tolist()
    columns = [one.counts.tolist() for one in split.series]
    header = ("bin_low", "bin_high", "count", *(f"count_{value_words(one.value)}" for one in split.series))
    rows = zip(edges[:-1], edges[1:], split.whole.counts.tolist(), *columns, strict=True)
    return Numbers(header, tuple(rows))
