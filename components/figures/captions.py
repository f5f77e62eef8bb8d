"""What stands under a plot, and the one sentence that tells it to people who do not see it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from components.figures.density import readable
from services.models.statistics import (
    CategoryCounts,
    Density,
    Histogram,
    HistogramSet,
    SkyDensity,
    Statistic,
    Tally,
)

FEWEST_CELLS = 30
"""HEALPix cells with objects below which their area says nothing about the footprint."""


def tally_text(tally: Tally) -> str:
    """``N shown / N total / N missing`` and, when there are any, values beyond the axis and rows cut away."""
    parts = [f"{tally.n_shown:,} shown", f"{tally.n_total:,} total", f"{tally.n_missing:,} missing"]
    text = " / ".join(parts)
    if tally.n_outside:
        text += f" · {tally.n_outside:,} outside the axis"
    if tally.n_cut:
        text += f" · {tally.n_cut:,} cut away"
    return text


def columns_used(statistic: Statistic) -> tuple[str, ...]:
    """Names of the table columns a statistic was computed from."""
    match statistic:
        case HistogramSet():
            return tuple(item.column for item in statistic.items)
        case SkyDensity():
            return columns_used(statistic.grid)
        case Density():
            return (statistic.x_column, statistic.y_column)
        case Histogram() | CategoryCounts():
            return (statistic.column,)
        case _:
            return ()


def caption(statistic: Statistic) -> str:
    """Line under a plot: where every row went and which columns were used."""
    columns = columns_used(statistic)
    word = "column" if len(columns) == 1 else "columns"
    return f"{_tallies(statistic)} · {word} {', '.join(columns)}"


def _tallies(statistic: Statistic) -> str:
    match statistic:
        case HistogramSet():
            return tallies_text([item.tally for item in statistic.items])
        case SkyDensity():
            return tally_text(statistic.grid.tally) + _area_text(statistic) + _cell_text(statistic.grid)
        case Density():
            return tally_text(statistic.tally) + _cell_text(statistic)
        case Histogram() | CategoryCounts():
            return tally_text(statistic.tally)
        case _:
            return f"{statistic.n:,} pairs / {statistic.n_dropped:,} dropped"


def _cell_text(density: Density) -> str:
    """Size of one cell as it is drawn, x by y, with units."""
    density = readable(density)
    x_step, y_step = (float(edges[1] - edges[0]) for edges in (density.x_edges, density.y_edges))
    x_unit, y_unit = (f" {unit}" if unit else "" for unit in (density.x_unit, density.y_unit))
    if x_unit == y_unit:
        x_unit = ""
    return f" · cells of {x_step:.3g}{x_unit} × {y_step:.3g}{y_unit}"


def _area_text(sky: SkyDensity) -> str:
    """Area of the HEALPix cells with objects; none when they are so few that single cells decide it."""
    if sky.pixels.size < FEWEST_CELLS:
        return " · too sparse to tell an area"
    return f" · {sky.area_deg2:,.3g} deg² at nside {sky.nside:,}"


def tallies_text(tallies: Sequence[Tally]) -> str:
    """As ``tally_text`` for several bands: ranges where they differ."""
    if not tallies:
        return "0 shown"
    if len({(tally.n_shown, tally.n_missing, tally.n_outside) for tally in tallies}) == 1:
        return tally_text(tallies[0])
    shown = [tally.n_shown for tally in tallies]
    missing = [tally.n_missing for tally in tallies]
    outside = sum(tally.n_outside for tally in tallies)
    text = f"{_span(shown)} shown / {tallies[0].n_total:,} total / {_span(missing)} missing per band"
    text += f" · {outside:,} outside the axis" if outside else ""
    return text + (f" · {tallies[0].n_cut:,} cut away" if tallies[0].n_cut else "")


def _span(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def finding(statistic: Statistic) -> str:
    """One sentence on what the plot shows."""
    match statistic:
        case Histogram():
            return _histogram_finding(statistic)
        case HistogramSet():
            return f"histograms of {len(statistic.items)} bands: {', '.join(_band_peaks(statistic)) or 'all empty'}."
        case SkyDensity():
            return _sky_finding(statistic)
        case Density():
            return _density_finding(statistic)
        case CategoryCounts():
            return _category_finding(statistic)
        case _:
            return f"bias {statistic.bias:.4f}, scatter {statistic.sigma_nmad:.4f}."


def _histogram_finding(histogram: Histogram) -> str:
    if not histogram.counts.any():
        return "no valid value."
    low, high = _filled_ends(histogram.edges, histogram.counts)
    return f"values from {low:g} to {high:g}, most of them near {_peak(histogram):g}."


def _band_peaks(histograms: HistogramSet) -> list[str]:
    return [f"{item.band or item.label} peaks at {_peak(item):g}" for item in histograms.items if item.counts.any()]


def _sky_finding(sky: SkyDensity) -> str:
    if not sky.grid.counts.any():
        return "no valid position."
    ra_low, ra_high = _filled_ends(sky.grid.x_edges, sky.grid.counts.sum(axis=0))
    dec_low, dec_high = _filled_ends(sky.grid.y_edges, sky.grid.counts.sum(axis=1))
    return f"objects between RA {ra_low % 360:g} and {ra_high % 360:g} deg, Dec {dec_low:g} and {dec_high:g} deg."


def _density_finding(density: Density) -> str:
    if not density.counts.any():
        return "no row with both values."
    row, column = np.unravel_index(int(density.counts.argmax()), density.counts.shape)
    x = (density.x_edges[column] + density.x_edges[column + 1]) / 2
    y = (density.y_edges[row] + density.y_edges[row + 1]) / 2
    return f"densest near {density.x_label} {x:.4g} and {density.y_label} {y:.4g}."


def _category_finding(categories: CategoryCounts) -> str:
    filled = [pair for pair in zip(categories.counts, categories.values, strict=True) if pair[0]]
    if not filled:
        return "no value."
    count, value = max(filled, key=lambda pair: pair[0])
    share = count / max(categories.tally.n_shown, 1)
    return f"{len(filled):,} values, the most frequent is {value} ({share:.0%})."


def _filled_ends(edges: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    filled = np.flatnonzero(counts)
    return float(edges[filled[0]]), float(edges[filled[-1] + 1])


def _peak(histogram: Histogram) -> float:
    at = int(histogram.counts.argmax())
    return round(float((histogram.edges[at] + histogram.edges[at + 1]) / 2), 6)
