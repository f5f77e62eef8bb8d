"""Tomographic bins: the true redshifts of each, with their mean; overlaps in the numbers."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.heights import unit_area
from components.figures.numbers import Cell, Numbers
from components.figures.redshift import axis_range, steps
from components.figures.template import axis_title, empty_figure, new_figure, plain_text, series_line
from services.models.tomography import TomographicBin, Tomography


def tomographic_bins(found: Tomography) -> go.Figure:
    """Normalised N(z_spec) of each bin; a dotted line stands at its mean."""
    if not found.counts.any():
        return empty_figure("No object has both an estimate and a true redshift.")
    figure = new_figure(
        xaxis={"title": {"text": axis_title("z_spec", found.z_spec)}, "range": axis_range(found.edges)},
        yaxis={"title": {"text": "normalised to area 1"}, "rangemode": "tozero"},
        showlegend=True,
    )
    for place, one in enumerate(found.bins):
        if one.n:
            heights = found.counts[place] * unit_area(found.counts[place], found.edges)
            figure.add_trace(_outline(found, one, heights, place))
            figure.add_trace(_mean(one, float(heights.max()), place))
    return figure


def _outline(found: Tomography, one: TomographicBin, heights: np.ndarray, place: int) -> go.Scatter:
    x, y = steps(found.edges, heights)
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"shape": "hv", "width": 2, **series_line(place)},
        name=plain_text(bin_words(found, one)),
        hovertemplate="from %{x:.4~g}: %{y:.4~g}<extra>%{fullData.name}</extra>",
    )


def _mean(one: TomographicBin, height: float, place: int) -> go.Scatter:
    return go.Scatter(
        x=np.array([one.mean, one.mean]),
        y=np.array([0, height]),
        mode="lines",
        line={"width": 1, "color": series_line(place)["color"], "dash": "dot"},
        showlegend=False,
        hovertemplate=f"mean {one.mean:.3f}, width {one.std:.3f}<extra></extra>",
    )


def bin_words(found: Tomography, one: TomographicBin) -> str:
    """A bin as people read it; the first and the last one are open."""
    if one is found.bins[0]:
        return f"z_phot < {one.high:.3g}"
    return f"z_phot ≥ {one.low:.3g}" if one is found.bins[-1] else f"{one.low:.3g} ≤ z_phot < {one.high:.3g}"


def tomography_caption(found: Tomography) -> str:
    """Line under the plot."""
    return (
        f"{tally_text(found.tally)} · five bins of z_phot with equal numbers over all rows · "
        f"columns {found.z_phot}, {found.z_spec}"
    )


def tomography_finding(found: Tomography) -> str:
    """One sentence on what the plot shows."""
    parts = (f"{one.mean:.3f} ± {one.std:.3f}" for one in found.bins if one.n)
    away = found.overlap[~np.eye(len(found.bins), dtype=bool)]
    largest = f" Two bins share at most {np.nanmax(away):.0%} of their area." if np.isfinite(away).any() else ""
    return f"mean and width of the true redshifts: {', '.join(parts)}.{largest}"


def tomography_numbers(found: Tomography) -> Numbers:
    """A row per bin: ends, number, mean, width, and the overlap with every bin."""
    header = ("z_phot_low", "z_phot_high", "n", "mean_z_spec", "std_z_spec")
    overlaps = tuple(f"overlap_{place}" for place in range(1, len(found.bins) + 1))
    return Numbers((*header, *overlaps), tuple(_row(found, place) for place in range(len(found.bins))))


def _row(found: Tomography, place: int) -> tuple[Cell, ...]:
    one = found.bins[place]
    shared = (round(float(value), 4) for value in found.overlap[place])
    return (one.low, one.high, one.n, round(one.mean, 5), round(one.std, 5), *shared)
