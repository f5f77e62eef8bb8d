"""Number counts and errors against magnitude, band by band in their fixed hues, fainter to the right."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from components.figures.captions import tallies_text
from components.figures.numbers import Cell, Numbers
from components.figures.template import band_line, empty_figure, new_figure, plain_text
from services.models.depth import BandDepth, DepthReport, LimitingMagnitude, NumberCounts

FIVE_SIGMA_MAG = 0.2171
"""Error in magnitudes at S/N = 5."""
FIT_WIDTH_MAG = 3.0
"""Length of the drawn slope: that of the bins it is fitted to."""
DECADES_FROM = 1000
"""Largest count from which only powers of ten are named."""
MOST_RANGES = 6
"""Bands up to which the middle 68 % of the errors is drawn too."""
FEWEST_ERRORS_MAG = 0.0005
"""The axis of errors starts here at the lowest."""
_ERROR_TICKS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


def number_counts(report: DepthReport) -> go.Figure:
    """Objects per half magnitude on a logarithmic axis; the slope bright of the peak as a wide pale line."""
    bands = [band for band in report.bands if band.counts.counts.size]
    if not bands:
        return empty_figure("No valid magnitude in any band.")
    per_area = " per deg²" if report.area_deg2 else ""
    figure = new_figure(
        xaxis={"title": {"text": "magnitude [mag]"}},
        yaxis={"title": {"text": f"objects per 0.5 mag{per_area}"}, "type": "log", **_decades(bands)},
        showlegend=True,
    )
    for place, band in enumerate(bands):
        figure.add_trace(_counts_line(band, place, report.area_deg2 or 1.0))
        if band.counts.slope is not None and band.counts.intercept is not None:
            figure.add_trace(_slope_line(band, place, report.area_deg2 or 1.0))
    return figure


def _decades(bands: list[BandDepth]) -> dict[str, int]:
    """Ticks at powers of ten where there are enough of them."""
    return {"dtick": 1} if max(int(band.counts.counts.max()) for band in bands) >= DECADES_FROM else {}


def _full_name(band: BandDepth) -> str:
    return plain_text(band.band if band.column == band.band else f"{band.band} ({band.column})")


def _counts_line(band: BandDepth, place: int, area_deg2: float) -> go.Scatter:
    counts = band.counts
    filled = counts.counts > 0
    return go.Scatter(
        x=(counts.edges[:-1] + counts.edges[1:]) / 2,
        y=np.where(filled, counts.counts / area_deg2, np.nan),
        customdata=counts.counts,
        mode="lines+markers",
        marker={"size": 5},
        line={"width": 2, **band_line(band.band, place)},
        name=plain_text(band.band),
        legendgroup=band.column,
        connectgaps=False,
        hovertemplate=f"%{{x:.4~g}} ± 0.25 mag: %{{customdata:,}} objects<extra>{_full_name(band)}</extra>",
    )


def _slope_line(band: BandDepth, place: int, area_deg2: float) -> go.Scatter:
    counts = band.counts
    assert counts.peak_mag is not None
    assert counts.slope is not None
    assert counts.intercept is not None
    x = np.array([max(counts.peak_mag - FIT_WIDTH_MAG, float(counts.edges[0])), counts.peak_mag])
    return go.Scatter(
        x=x,
        y=10 ** (counts.intercept + counts.slope * x) / area_deg2,
        mode="lines",
        line={"width": 7, "color": band_line(band.band, place)["color"]},
        opacity=0.3,
        showlegend=False,
        legendgroup=band.column,
        hovertemplate=f"{plain_text(band.band)}: slope {counts.slope:.3f}<extra></extra>",
    )


def counts_caption(report: DepthReport) -> str:
    """Where the rows went, the area and the columns."""
    area = "" if report.area_deg2 is None else f" · area {report.area_deg2:,.3g} deg² at nside {report.nside}"
    fit = "wide lines: slope through up to 6 bins bright of the peak"
    return f"{tallies_text([band.tally for band in report.bands])}{area} · {fit} · {_columns(report)}"


def _columns(report: DepthReport, *, with_errors: bool = False) -> str:
    errors = [band.error_column for band in report.bands if with_errors and band.error_column]
    names = ", ".join([*(band.column for band in report.bands), *errors])
    left_out = f" · {report.n_left_out:,} more bands are not drawn" if report.n_left_out else ""
    return f"columns {names}{left_out}"


def counts_finding(report: DepthReport) -> str:
    """Slope and peak of every band."""
    found = [_slope_words(band) for band in report.bands if band.counts.peak_mag is not None]
    return "; ".join(found) + "." if found else "no valid magnitude."


def _slope_words(band: BandDepth) -> str:
    slope = "too few objects for a slope" if band.counts.slope is None else f"slope {band.counts.slope:.3f}"
    return f"{band.band} {slope}, peak at {band.counts.peak_mag:g} mag"


def counts_numbers(report: DepthReport) -> Numbers:
    """One row per band and bin, with slope and peak of the band."""
    header = ("band", "mag_low", "mag_high", "count", "count_per_deg2", "slope", "peak_mag")
    return Numbers(header, tuple(row for band in report.bands for row in _count_rows(band, report.area_deg2)))


def _count_rows(band: BandDepth, area_deg2: float | None) -> Iterator[tuple[Cell, ...]]:
    counts: NumberCounts = band.counts
    ends = ("" if counts.slope is None else round(counts.slope, 4), "" if counts.peak_mag is None else counts.peak_mag)
    edges = counts.edges.tolist()
    for low, high, n in zip(edges[:-1], edges[1:], counts.counts.tolist(), strict=True):
        yield (band.band, low, high, n, round(n / area_deg2, 4) if area_deg2 else "", *ends)


def magnitude_errors(report: DepthReport) -> go.Figure:
    """Median error per half magnitude with the middle 68 %, the line of S/N = 5 and the depth of every band on it."""
    bands = [band for band in report.bands if band.errors]
    if not bands:
        return empty_figure("No band has errors of 10 objects in half a magnitude.")
    figure = new_figure(
        xaxis={"title": {"text": "magnitude [mag]"}},
        yaxis={
            "title": {"text": "error [mag]"},
            "type": "log",
            "range": _error_range(bands),
            "tickvals": _ERROR_TICKS,
            "ticktext": [f"{tick:g}" for tick in _ERROR_TICKS],
        },
        showlegend=True,
    )
    for place, band in enumerate(bands):
        if len(bands) <= MOST_RANGES:
            figure.add_trace(_middle_range(band, place))
        figure.add_trace(_median_line(band, place))
    figure.add_hline(y=FIVE_SIGMA_MAG, line={"color": "#7c8792", "width": 1.5, "dash": "dash"})
    figure.add_annotation(**_five_sigma_words())
    for place, band in enumerate(bands):
        if band.limit is not None and (depth := depth_mag(band.limit)) is not None:
            figure.add_trace(_depth_mark(band, band.limit, depth, place))
    return figure


def _five_sigma_words() -> dict[str, object]:
    return {
        "text": f"S/N = 5 (error {FIVE_SIGMA_MAG})",
        "x": 0.01,
        "xref": "paper",
        "y": math.log10(FIVE_SIGMA_MAG),
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11},
    }


def _error_range(bands: list[BandDepth]) -> list[float]:
    """Axis from the smallest to the largest error shown and the line of S/N = 5, in decades."""
    low = min(one.q16 for band in bands for one in band.errors)
    high = max(one.q84 for band in bands for one in band.errors)
    low, high = max(low, FEWEST_ERRORS_MAG), min(max(high, FIVE_SIGMA_MAG), 5.0)
    return [math.log10(low) - 0.15, math.log10(high) + 0.25]


def _middle_range(band: BandDepth, place: int) -> go.Scatter:
    x = [(one.low + one.high) / 2 for one in band.errors]
    upper, lower = [one.q84 for one in band.errors], [one.q16 for one in band.errors]
    red, green, blue = hex_to_rgb(band_line(band.band, place)["color"])
    return go.Scatter(
        x=[*x, *reversed(x)],
        y=[*upper, *reversed(lower)],
        mode="lines",
        fill="toself",
        fillcolor=f"rgba({red}, {green}, {blue}, 0.18)",
        line={"width": 0},
        legendgroup=band.column,
        showlegend=False,
        hoverinfo="skip",
    )


def _median_line(band: BandDepth, place: int) -> go.Scatter:
    return go.Scatter(
        x=[(one.low + one.high) / 2 for one in band.errors],
        y=[one.median for one in band.errors],
        customdata=[[one.n, one.q16, one.q84] for one in band.errors],
        mode="lines+markers",
        marker={"size": 4},
        line={"width": 2, **band_line(band.band, place)},
        name=plain_text(band.band),
        legendgroup=band.column,
        hovertemplate="%{x:.4~g} ± 0.25 mag: error %{y:.3~g} (%{customdata[1]:.3~g} to %{customdata[2]:.3~g}), "
        f"%{{customdata[0]:,}} objects<extra>{_full_name(band)}</extra>",
    )


def depth_mag(limit: LimitingMagnitude) -> float | None:
    """The measured depth, else the extrapolated one."""
    return limit.extrapolated if limit.value is None else limit.value


def _depth_mark(band: BandDepth, limit: LimitingMagnitude, depth: float, place: int) -> go.Scatter:
    colour = band_line(band.band, place)["color"]
    kind = "" if limit.value is not None else " (extrapolated)"
    return go.Scatter(
        x=[depth],
        y=[FIVE_SIGMA_MAG],
        mode="markers",
        marker={
            "size": 11,
            "symbol": "diamond-open" if kind else "diamond",
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
        legendgroup=band.column,
        showlegend=False,
        hovertemplate=f"{plain_text(band.band)}: 5σ depth {depth:.3f} mag{kind}<extra></extra>",
    )


def errors_caption(report: DepthReport) -> str:
    """Where the rows went, how to read the marks, the columns."""
    marks = "lines: median and 16-84 %; diamonds: 5σ depth, open where extrapolated"
    tallies = tallies_text([band.tally for band in report.bands])
    return f"{tallies} · {marks} · {_columns(report, with_errors=True)}"


def errors_finding(report: DepthReport) -> str:
    """The 5-sigma depth of every band."""
    found = [f"{band.band} {depth_words(band.limit)}" for band in report.bands if band.limit is not None]
    return f"5σ depth: {'; '.join(found)}." if found else "no errors of magnitudes."


def depth_words(limit: LimitingMagnitude) -> str:
    """A depth as people say it: measured, extrapolated, or only known to be deeper than the faintest object."""
    if limit.value is not None:
        return f"{limit.value:.3f}"
    if limit.extrapolated is None:
        return "not known"
    words = f"about {limit.extrapolated:.2f} (extrapolated)"
    if limit.is_beyond_faintest:
        return f"deeper than the faintest object at {limit.faintest:.2f}, {words}"
    return words


def errors_numbers(report: DepthReport) -> Numbers:
    """Depth of every band, then its errors per half magnitude."""
    header = ("band", "what", "mag_low", "mag_high", "n", "value", "q16", "q84", "note")
    depths = [row for band in report.bands for row in _depth_rows(band)]
    return Numbers(header, (*depths, *(row for band in report.bands for row in _error_rows(band))))


def _depth_rows(band: BandDepth) -> Iterator[tuple[Cell, ...]]:
    limit = band.limit
    if limit is None:
        return
    depth = depth_mag(limit)
    note = "" if limit.value is not None else depth_words(limit)
    yield band.band, "5-sigma depth", "", "", limit.n, "" if depth is None else round(depth, 4), "", "", note


def _error_rows(band: BandDepth) -> Iterator[tuple[Cell, ...]]:
    for one in band.errors:
        values = (round(value, 6) for value in (one.median, one.q16, one.q84))
        yield (band.band, "median error", one.low, one.high, one.n, *values, "")
