"""Objects without a photo-z: their share against magnitude, or why there is none."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.numbers import Numbers
from components.figures.template import COUNT_AXIS, PHOTOZ_COLOUR, axis_title, empty_figure, new_figure
from services.models.validation import FailedEstimates

FEWEST = 30
"""Rows below which the share of a bin is not drawn."""
KINDS = ("no value", "stands for none", "out of range")


def failed_estimates(found: FailedEstimates) -> go.Figure:
    """Share of the rows of each bin of magnitude that have no estimate, with 68 % Wilson intervals.

    Counts by reason where no magnitude is known.
    """
    if not found.tally.n_missing:
        return empty_figure("Every object has a photo-z.")
    return _by_magnitude(found) if (found.counts >= FEWEST).any() else _by_reason(found)


def _by_magnitude(found: FailedEstimates) -> go.Figure:
    drawn = found.counts >= FEWEST
    n, failed = found.counts[drawn], found.failed[drawn]
    share = failed / n
    low, high = _wilson(share, n)
    figure = new_figure(
        xaxis={"title": {"text": axis_title(found.label, found.column or "", found.unit)}},
        yaxis={"title": {"text": "share without a photo-z"}, "tickformat": ".2~%", "rangemode": "tozero"},
        showlegend=False,
    )
    figure.add_scatter(
        x=((found.edges[:-1] + found.edges[1:]) / 2)[drawn],
        y=share,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": high - share,
            "arrayminus": share - low,
            "thickness": 1.25,
            "width": 3,
        },
        customdata=np.column_stack([found.edges[:-1][drawn], found.edges[1:][drawn], failed, n]),
        mode="lines+markers",
        line={"width": 1, "color": PHOTOZ_COLOUR},
        marker={"size": 6, "color": PHOTOZ_COLOUR},
        hovertemplate=(
            "%{customdata[0]:.4~g} to %{customdata[1]:.4~g}<br>%{y:.2%}: %{customdata[2]:,} of %{customdata[3]:,}"
            "<extra></extra>"
        ),
    )
    return figure


def _wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Interval of 68 % (Wilson 1927)."""
    middle = (share + 1 / (2 * n)) / (1 + 1 / n)
    half = np.sqrt(share * (1 - share) / n + 1 / (4 * n * n)) / (1 + 1 / n)
    return np.clip(middle - half, 0, share), np.clip(middle + half, share, 1)


def _by_reason(found: FailedEstimates) -> go.Figure:
    counts = [found.n_missing, found.n_sentinel, found.n_outside]
    figure = new_figure(
        xaxis={"title": {"text": "objects"}, **COUNT_AXIS, "range": [0, max(1.0, 1.1 * max(counts))]},
        yaxis={"autorange": "reversed", "showgrid": False},
        showlegend=False,
    )
    figure.add_bar(
        x=counts,
        y=list(KINDS),
        orientation="h",
        text=[f"{count:,}" for count in counts],
        textposition="auto",
        textangle=0,
        marker={"color": PHOTOZ_COLOUR, "opacity": 0.75},
        hovertemplate="%{y}: %{x:,} objects<extra></extra>",
    )
    figure.update_layout(bargap=0.35)
    return figure


def failed_caption(found: FailedEstimates) -> str:
    """Where every row went, why there is no estimate, and which columns were used."""
    counts = zip(KINDS, (found.n_missing, found.n_sentinel, found.n_outside), strict=True)
    reasons = " / ".join(f"{count:,} {kind}" for kind, count in counts)
    columns = f"columns {found.z_phot}, {found.column}" if found.column else f"column {found.z_phot}"
    return f"{tally_text(found.tally)}: {reasons} · {columns}"


def failed_finding(found: FailedEstimates) -> str:
    """Share of the objects without an estimate."""
    n_rows, n_failed = found.tally.n_shown + found.tally.n_missing, found.tally.n_missing
    return f"{n_failed / max(n_rows, 1):.2%} of the objects have no photo-z."


def failed_numbers(found: FailedEstimates) -> Numbers:
    """A row for each bin; without a magnitude a row for each reason."""
    if found.column is None:
        counts = (found.n_missing, found.n_sentinel, found.n_outside)
        return Numbers(("reason", "count"), tuple(zip(KINDS, counts, strict=True)))
    columns = (found.edges[:-1].tolist(), found.edges[1:].tolist(), found.counts.tolist(), found.failed.tolist())
    return Numbers(
        (f"{found.label}_low", f"{found.label}_high", "n", "without_photo_z"), tuple(zip(*columns, strict=True))
    )
