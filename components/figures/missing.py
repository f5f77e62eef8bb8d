"""Missing values: columns against the position in the file, colour by the fraction that is missing."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.numbers import Cell, Numbers
from components.figures.template import DENSITY_COLOURS, empty_figure, new_figure, plain_text, smallest_ints
from services.models.missing import MissingMap

LONGEST_LABEL = 18
SMALL_LABELS_FROM = 28
"""Columns from which their names are written smaller."""
MOST_LABELS = 45
"""Names that fit beside the plot; of more columns every second one is named, the others when pointed at."""
HEIGHT_PX = 520
_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Ends of the colours: the first that no fraction exceeds."""
NAMED = 3
"""Columns that the finding names."""


def missing_values(found: MissingMap) -> go.Figure:
    """Heat map of fractions; blocks without a missing value are left blank."""
    if not found.columns:
        return empty_figure("The table has no columns.")
    sizes = np.diff(found.row_edges)
    fractions = found.counts / np.maximum(sizes, 1)
    figure = new_figure(
        xaxis={
            "title": {"text": "row among those left" if found.tally.n_cut else "row of the file"},
            "range": [0, int(found.row_edges[-1])],
            "tickformat": "~s",
            "nticks": 5,
            "tickangle": 0,
        },
        yaxis=_column_axis(found.columns),
    )
    top = next(end for end in _TOPS if end >= min(float(fractions.max()), 1.0))
    figure.add_trace(_heat(found, fractions, top))
    if not found.counts.any():
        figure.update_traces(showscale=False)
        figure.add_annotation(
            text="No value is missing", x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 14}
        )
    return figure


def _column_axis(columns: tuple[str, ...]) -> dict[str, object]:
    n = len(columns)
    named = columns[:: math.ceil(n / MOST_LABELS)]
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": [plain_text(name) for name in columns],
        "tickvals": [plain_text(name) for name in named],
        "ticktext": [plain_text(_short(name)) for name in named],
        "tickfont": {"size": 9 if n >= SMALL_LABELS_FROM else 11},
        "range": [n - 0.5, -0.5],
        "showgrid": False,
    }


def _short(name: str) -> str:
    """Both ends of a long name: bands mostly stand at the end."""
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL // 2 - 1]}…{name[-LONGEST_LABEL // 2 :]}"


def _heat(found: MissingMap, fractions: np.ndarray, top: float) -> go.Heatmap:
    return go.Heatmap(
        x=found.row_edges,
        y=[plain_text(name) for name in found.columns],
        z=np.where(found.counts > 0, fractions, np.nan).astype(np.float32),
        customdata=smallest_ints(found.counts),
        zmin=0.0,
        zmax=top,
        colorscale=DENSITY_COLOURS,
        hoverongaps=False,
        hovertemplate="%{y}, about row %{x:,.0f}<br>%{customdata:,} missing (%{z:.2%})<extra></extra>",
        colorbar={
            "title": {"text": "missing", "side": "right", "font": {"size": 12}},
            "thickness": 10,
            "outlinewidth": 0,
            "tickformat": ".0%" if top >= 0.1 else ".1%",
        },
    )


def missing_caption(found: MissingMap) -> str:
    """How many rows and columns, what counts as missing."""
    hidden = len(found.all_columns) - len(found.columns)
    columns = f"{len(found.columns):,} columns" + (f", {hidden:,} more are not drawn" if hidden else "")
    rows = tally_text(found.tally).split(" / ")[0].removesuffix(" shown")
    cut = f" · {found.tally.n_cut:,} cut away" if found.tally.n_cut else ""
    blocks = f"{len(found.row_edges) - 1} blocks of rows"
    what = "missing: no value, a number that stands for none, or outside the valid range of its role"
    return f"{rows} rows / {found.tally.n_total:,} total{cut} · {columns} · {blocks} · {what}"


def missing_finding(found: MissingMap) -> str:
    """The columns that miss most."""
    order = np.argsort(-found.totals, kind="stable")
    named = [k for k in order.tolist() if found.totals[k]][:NAMED]
    if not named:
        return "no value is missing in any column."
    n_with = int(np.count_nonzero(found.totals))
    n_rows = max(int(found.row_edges[-1]), 1)
    parts = [f"{found.all_columns[k]} ({_share(int(found.totals[k]), n_rows)})" for k in named]
    return f"{n_with:,} of {len(found.all_columns):,} columns miss values, most of all {', '.join(parts)}."


def _share(n: int, n_rows: int) -> str:
    return f"{n / n_rows:.1%}" if n >= 0.001 * n_rows else "less than 0.1%"


def missing_numbers(found: MissingMap) -> Numbers:
    """One row per column of the table: role, missing values, their share."""
    roles = dict(zip(found.columns, found.roles, strict=True))
    n_rows = max(int(found.row_edges[-1]), 1)
    rows: list[tuple[Cell, ...]] = [
        (name, roles.get(name, ""), total, round(total / n_rows, 6), "yes" if name in roles else "no")
        for name, total in zip(found.all_columns, found.totals.tolist(), strict=True)
    ]
    return Numbers(("column", "role", "missing", "fraction", "drawn"), tuple(rows))
