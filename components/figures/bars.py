"""Counts per value of a flag, a survey or any other word."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components.figures.template import (
    COUNT_AXIS,
    TRUTH_COLOUR,
    axis_title,
    empty_figure,
    new_figure,
    plain_text,
    smallest_ints,
)
from services.models.statistics import CategoryCounts

_LONGEST_LABEL = 24


def category_bars(categories: CategoryCounts) -> go.Figure:
    """Horizontal bars, most frequent on top; rarer values together in a last bar."""
    if not categories.values:
        return empty_figure(f"No value in {categories.column}.")
    names, counts = _rows(categories)
    places = np.arange(len(names), dtype=np.int16)
    figure = new_figure(
        xaxis={"title": {"text": "objects"}, **COUNT_AXIS},
        yaxis={
            "title": {"text": axis_title(categories.label, categories.column)},
            "tickvals": places,
            "ticktext": [plain_text(_short(name)) for name in names],
            "autorange": "reversed",
            "showgrid": False,
        },
        showlegend=False,
    )
    figure.add_bar(
        x=counts,
        y=places,
        customdata=[plain_text(name) for name in names],
        orientation="h",
        marker={"color": TRUTH_COLOUR, "opacity": 0.75},
        text=[f"{count:,}" for count in counts.tolist()],
        textposition="auto",
        textangle=0,
        hovertemplate="%{customdata}: %{x:,} objects<extra></extra>",
    )
    figure.update_layout(bargap=0.25, hovermode="y")  # so that short bars can be pointed at, too
    return figure


def _rows(categories: CategoryCounts) -> tuple[list[str], np.ndarray]:
    names = [value or "(blank)" for value in categories.values]
    counts = list(categories.counts)
    if categories.n_other:
        names.append("all others")
        counts.append(categories.n_other)
    return names, smallest_ints(np.asarray(counts, dtype=np.int64))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…"
