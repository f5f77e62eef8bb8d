"""A histogram in parts as step lines: N(z) by quality flag or survey."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.numbers import Cell, Numbers
from components.figures.template import (
    BAND_COLOURS,
    COUNT_AXIS,
    axis_title,
    empty_figure,
    new_figure,
    plain_text,
    smallest_ints,
)
from services.models.groups import GroupedHistogram

COLOURS = tuple(BAND_COLOURS.values())
DASHES = ("solid", "dash", "dot")
LONGEST_NAME = 20


def grouped_histogram(found: GroupedHistogram) -> go.Figure:
    """One step line per group on common edges."""
    if not found.counts.any():
        return empty_figure(f"No valid value in {found.whole.column}.")
    edges, whole = found.whole.edges, found.whole
    figure = new_figure(
        xaxis={
            "title": {"text": axis_title(whole.label, whole.column, whole.unit)},
            "range": [min(0.0, float(edges[0])), float(edges[-1])],
        },
        yaxis={"title": {"text": f"objects per {np.diff(edges)[0]:g} bin"}, **COUNT_AXIS},
        showlegend=True,
    )
    for place, (name, counts) in enumerate(zip(found.groups, found.counts, strict=True)):
        figure.add_trace(_line(edges, name, counts, place))
    return figure


def _line(edges: np.ndarray, name: str, counts: np.ndarray, place: int) -> go.Scatter:
    return go.Scatter(
        x=np.concatenate([edges[:1], edges]),
        y=smallest_ints(np.concatenate([[0], counts, [0]])),
        mode="lines",
        line={
            "shape": "hv",
            "width": 2,
            "color": COLOURS[place % len(COLOURS)],
            "dash": DASHES[place % len(DASHES)],
        },
        name=plain_text(name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"),
        hovertemplate="from %{x:.4~g}: %{y:,} objects<extra>%{fullData.name}</extra>",
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
