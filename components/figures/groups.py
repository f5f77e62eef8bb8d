"""A histogram in parts as step lines: N(z) by quality flag or survey, any histogram split by a column or by bins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.heights import height_words, heights_of, unit_area
from components.figures.numbers import Cell, Numbers
from components.figures.redshift import axis_range, steps
from components.figures.template import COUNT_AXIS, axis_title, empty_figure, new_figure, plain_text, series_line
from services.models.groups import GroupedHistogram

LONGEST_NAME = 28
GROUND = "rgba(124, 135, 146, 0.25)"
"""The whole, behind its parts."""


def grouped_histogram(found: GroupedHistogram, *, normalised: bool = False) -> go.Figure:
    """One step line per group on common edges, over the whole as a grey ground; each has the area 1 when normalised."""
    whole = found.whole
    if not whole.counts.any():
        return empty_figure(f"No valid value in {whole.column}.")
    title, hover = height_words(whole.edges, normalised=normalised)
    figure = new_figure(
        xaxis={"title": {"text": axis_title(whole.label, whole.column, whole.unit)}, "range": axis_range(whole.edges)},
        yaxis={"title": {"text": title}, **COUNT_AXIS},
        showlegend=True,
    )
    figure.add_trace(_ground(found, normalised=normalised))
    for place, (name, counts) in enumerate(zip(found.groups, found.counts, strict=True)):
        heights = counts * unit_area(counts, whole.edges) if normalised else counts
        figure.add_trace(_line(whole.edges, name, heights, place, hover))
    return figure


def _ground(found: GroupedHistogram, *, normalised: bool) -> go.Scatter:
    x, y = steps(found.whole.edges, heights_of(found.whole, normalised=normalised).values)
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"shape": "hv", "width": 0},
        fill="tozeroy",
        fillcolor=GROUND,
        name="all",
        hoverinfo="skip",
    )


def _line(edges: np.ndarray, name: str, heights: np.ndarray, place: int, hover: str) -> go.Scatter:
    x, y = steps(edges, heights)
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"shape": "hv", "width": 2, **series_line(place)},
        name=plain_text(name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"),
        hovertemplate="from %{x:.4~g}: " + hover + "<extra>%{fullData.name}</extra>",
    )


def grouped_caption(found: GroupedHistogram) -> str:
    """Where the rows went, by which column they are parted."""
    return f"{tally_text(found.whole.tally)} · columns {found.whole.column}, {found.column}"


def grouped_finding(found: GroupedHistogram) -> str:
    """Objects and fullest bin of every group."""
    parts = [
        words for name, counts in zip(found.groups, found.counts, strict=True) if (words := _peak(found, name, counts))
    ]
    return f"{found.label}: {'; '.join(parts)}." if parts else "no valid value."


def _peak(found: GroupedHistogram, name: str, counts: np.ndarray) -> str:
    if not counts.any():
        return ""
    at, edges = int(counts.argmax()), found.whole.edges
    return f"{name} {int(counts.sum()):,} objects, most near {(edges[at] + edges[at + 1]) / 2:.4g}"


def grouped_numbers(found: GroupedHistogram) -> Numbers:
    """One row per bin, one column per group."""
    header = ("bin_low", "bin_high", *(f"count_{name}" for name in found.groups))
    return Numbers(header, tuple(_rows(found)))


def _rows(found: GroupedHistogram) -> Iterator[tuple[Cell, ...]]:
    edges = found.whole.edges.tolist()
    for low, high, counts in zip(edges[:-1], edges[1:], found.counts.T.tolist(), strict=True):
        yield (low, high, *counts)
