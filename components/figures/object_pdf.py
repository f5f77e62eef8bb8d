"""The PDF of one object with its redshifts and its central interval."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components.figures.template import LINE_COLOUR, PHOTOZ_COLOUR, TRUTH_COLOUR, new_figure
from services.models.validation import ObjectPdf

VISIBLE = 1e-4
"""Part of the highest density below which the ends of a PDF are left out of the axis."""
INTERVAL_COLOUR = "rgba(194, 85, 155, 0.28)"


def object_pdf_figure(found: ObjectPdf) -> go.Figure:
    """Density against redshift, the central 68 % shaded, lines at z_spec and z_phot."""
    figure = new_figure(
        xaxis={"title": {"text": "redshift"}, "range": _axis(found)},
        yaxis={"title": {"text": "density"}, "rangemode": "tozero"},
        showlegend=True,
    )
    figure.add_scatter(**_interval(found))
    figure.add_scatter(
        x=found.redshifts,
        y=found.density,
        mode="lines",
        line={"color": PHOTOZ_COLOUR, "width": 2},
        name="PDF",
        hovertemplate="%{x:.4~f}: %{y:.4~g}<extra></extra>",
    )
    top = float(found.density.max())
    lines = (("z_spec", found.z_spec, TRUTH_COLOUR, "solid"), ("z_phot", found.z_phot, LINE_COLOUR, "dash"))
    for name, value, colour, dash in lines:
        if value is not None:
            figure.add_scatter(
                x=[value, value],
                y=[0, top],
                mode="lines",
                line={"color": colour, "width": 2, "dash": dash},
                name=name,
                hovertemplate=f"{name} {value:.4f}<extra></extra>",
            )
    return figure


def _interval(found: ObjectPdf) -> dict[str, object]:
    inside = (found.redshifts > found.low) & (found.redshifts < found.high)
    ends = np.interp([found.low, found.high], found.redshifts, found.density)
    return {
        "x": np.concatenate([[found.low], found.redshifts[inside], [found.high]]),
        "y": np.concatenate([ends[:1], found.density[inside], ends[1:]]),
        "mode": "lines",
        "line": {"width": 0},
        "fill": "tozeroy",
        "fillcolor": INTERVAL_COLOUR,
        "name": "central 68 %",
        "hoverinfo": "skip",
    }


def _axis(found: ObjectPdf) -> list[float]:
    seen = found.redshifts[found.density > VISIBLE * found.density.max()]
    known = [value for value in (found.z_spec, found.z_phot) if value is not None]
    low, high = min(float(seen[0]), *known, found.low), max(float(seen[-1]), *known, found.high)
    room = 0.05 * (high - low)
    return [max(low - room, min(0.0, low)), high + room]


def object_pdf_words(found: ObjectPdf) -> str:
    """The numbers of the object in one line."""
    name = f"id {found.object_id} · " if found.object_id is not None else ""
    parts = [f"{name}row {found.row:,} of {found.n_rows:,}"]
    parts += [
        f"{label} {value:.4f}"
        for label, value in (("z_spec", found.z_spec), ("z_phot", found.z_phot), ("median", found.median))
        if value is not None
    ]
    parts.append(f"68 % from {found.low:.4f} to {found.high:.4f}")
    if found.pit is not None:
        parts.append(f"PIT {found.pit:.4f}")
    return " · ".join(parts)
