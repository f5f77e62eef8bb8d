"""Cone diagram: a wedge of right ascension and redshift, RA growing to the left."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.density import heat_traces
from components.figures.numbers import Numbers, binned_numbers
from components.figures.sky import FULL_TURN_DEG, ra_ticks
from components.figures.template import empty_figure, new_figure, plain_text
from services.models.cone import ConeDensity

_Z_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_Z_TICKS = 5
_LINE = {"color": "rgba(128, 138, 148, 0.55)", "width": 1}
_HIDDEN = {"visible": False, "constrain": "domain"}
ARC_POINTS = 61
NEAR_RIM = 0.9
"""Ticks beyond this part of the largest redshift leave their label to the rim."""
BRIGHTEST = 0.01
"""Part of the filled cells that share the brightest colour."""
RIM = 1.05
"""Labels of right ascension stand this far out, in parts of the largest redshift."""


def cone_diagram(cone: ConeDensity) -> go.Figure:
    """Counts in the wedge with arcs of equal redshift."""
    if not cone.grid.counts.any():
        return empty_figure("No row has a position and a redshift inside the wedge.")
    figure = new_figure(
        xaxis={"visible": False, "range": _range(cone.grid.x_edges, 0.1, 0.25), "constrain": "domain"},
        yaxis={
            "visible": False,
            "range": _range(cone.grid.y_edges, 0.02, 0.1),
            "scaleanchor": "x",
            "constrain": "domain",
        },
        showlegend=False,
    )
    figure.add_traces(_heat(cone))
    figure.add_trace(_lines(cone))
    for label in (*_ra_labels(cone), *_z_labels(cone)):
        figure.add_annotation(**label)
    return figure


def _heat(cone: ConeDensity) -> tuple[go.Heatmap, go.Scatter]:
    """The cells; the fullest hundredth, often stars at the tip, share the brightest colour with the next ones."""
    filled = cone.grid.counts[cone.grid.counts > 0]
    hover = f"{plain_text(cone.z_label)} sin %{{x:.3f}}, cos %{{y:.3f}}"
    return heat_traces(cone.grid, hover, brightest=float(np.quantile(filled, 1 - BRIGHTEST)))


def _range(edges: np.ndarray, below: float, above: float) -> list[float]:
    length = float(edges[-1] - edges[0])
    return [float(edges[0]) - below * length, float(edges[-1]) + above * length]


def _place(cone: ConeDensity, offset_deg: float | np.ndarray, z: float | np.ndarray) -> tuple[Any, Any]:
    """Point of an offset in right ascension from the middle and a redshift."""
    angle = np.radians(np.asarray(offset_deg) * cone.stretch)
    return -z * np.sin(angle), z * np.cos(angle)


def _lines(cone: ConeDensity) -> go.Scatter:
    """Both edges of every field, and arcs at the ticks of redshift and at the rim."""
    parts = []
    for (low, high), start in zip(cone.fields, cone.offsets_deg, strict=True):
        parts += [_place(cone, edge, np.array([0.0, cone.z_max, np.nan])) for edge in (start, start + high - low)]
        offsets = np.append(np.linspace(start, start + high - low, ARC_POINTS), np.nan)
        parts += [_place(cone, offsets, z) for z in (*_z_ticks(cone), cone.z_max)]
    x, y = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
    return go.Scatter(x=x, y=y, mode="lines", line=_LINE, hoverinfo="skip")


def _z_ticks(cone: ConeDensity) -> list[float]:
    step = next((step for step in _Z_STEPS if cone.z_max / step <= _Z_TICKS), _Z_STEPS[-1])
    return [round(k * step, 6) for k in range(1, math.ceil(cone.z_max / step - 1e-9))]


def _ra_labels(cone: ConeDensity) -> list[dict[str, Any]]:
    """Right ascensions at the rim; the one next to the middle says what they are."""
    ticks = [tick for field in zip(cone.fields, cone.offsets_deg, strict=True) for tick in _field_ticks(cone, *field)]
    middle = min(range(len(ticks)), key=lambda place: round(abs(ticks[place][1]), 6), default=0)
    labels = []
    for place, (words, offset) in enumerate(ticks):
        x, y = _place(cone, offset, RIM * cone.z_max)
        labels.append(_label(f"RA {words}" if place == middle else words, float(x), float(y)))
    return labels


def _field_ticks(cone: ConeDensity, field: tuple[float, float], start: float) -> list[tuple[str, float]]:
    """Words and offsets of the ticks of one field: of several its middle; of a full turn none twice."""
    low, high = field
    if len(cone.fields) > 1:
        digits = max(0, 1 - math.floor(math.log10(high - low)))
        return [(f"{(low + high) / 2 % FULL_TURN_DEG:.{digits}f}°", start + (high - low) / 2)]
    ticks = [tick for tick in ra_ticks(low, high).tolist() if tick - low < FULL_TURN_DEG - 1e-6]
    return [(f"{tick % FULL_TURN_DEG:g}°", start + tick - low) for tick in ticks]


def _z_labels(cone: ConeDensity) -> list[dict[str, Any]]:
    """Redshifts along the edge of smallest right ascension, which is the right one."""
    ticks = [tick for tick in _z_ticks(cone) if tick < NEAR_RIM * cone.z_max] + [cone.z_max]
    labels = []
    for place, z in enumerate(ticks):
        x, y = _place(cone, cone.offsets_deg[0], z)
        words = f"{z:g}" if place else f"{plain_text(cone.z_label)} {z:g}"
        labels.append({**_label(words, float(x), float(y)), "xanchor": "left", "xshift": 6})
    return labels


def _label(words: str, x: float, y: float) -> dict[str, Any]:
    return {"text": words, "x": x, "y": y, "showarrow": False, "font": {"size": 11}}


def cone_caption(cone: ConeDensity) -> str:
    """Where the rows went, how far the opening is stretched, the columns."""
    stretched = f" · opening stretched {cone.stretch:g} times" if cone.stretch > 1 else ""
    if len(cone.fields) > 1:
        stretched += f" · {len(cone.fields)} separate fields moved together"
    columns = f"{cone.ra_column}, {cone.dec_column}, {cone.z_column}"
    return f"{tally_text(cone.grid.tally)}{stretched} · up to {cone.z_label} {cone.z_max:g} · columns {columns}"


def cone_finding(cone: ConeDensity) -> str:
    """Extent in right ascension and redshift."""
    if not cone.grid.counts.any():
        return "no row with a position and a redshift."
    ends = ((low % FULL_TURN_DEG, high % FULL_TURN_DEG) for low, high in cone.fields)
    words = ", ".join(f"{low:.4g} and {high:.4g}" for low, high in ends)
    return f"{cone.grid.tally.n_shown:,} objects between RA {words} deg, up to {cone.z_label} {cone.z_max:g}."


def cone_numbers(cone: ConeDensity) -> Numbers:
    """Filled cells of the plane, fullest first."""
    return binned_numbers(cone.grid)
