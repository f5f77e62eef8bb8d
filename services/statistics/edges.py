"""Bin edges people can read: multiples of a round step, each the correctly rounded decimal."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from services.errors import InvalidInput
from services.statistics.quantiles import Summary

FloatArray = NDArray[np.float64]

FEWEST_BINS, MOST_BINS = 5, 200
LARGEST_BIN_COUNT = 100_000
"""More bins than this are a mistake in a request, not a histogram."""

MOST_DRAWN = 1_000
"""Bins a person may ask a plot for."""

REDSHIFT_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1)
MAGNITUDE_STEPS = (0.1, 0.2, 0.25, 0.5)


def multiples(step: float, first: int, last: int) -> FloatArray:
    """The numbers k x step for k = first..last, correctly rounded: 3 / 10 is 0.3, while 3 * 0.1 is not."""
    k = np.arange(first, last + 1, dtype=np.float64)
    inverse = round(1 / step) if step <= 1 else 0
    return k / inverse if inverse and math.isclose(inverse * step, 1.0, rel_tol=1e-12) else k * step


def readable_steps(lowest: float, highest: float) -> tuple[float, ...]:
    """Steps 1, 2, 5 times powers of ten that lie between two numbers, bounds included."""
    powers = range(math.floor(math.log10(lowest)) - 1, math.ceil(math.log10(highest)) + 2)
    steps = [_decimal(digit, power) for power in powers for digit in (1, 2, 5)]
    return tuple(s for s in steps if lowest * (1 - 1e-9) <= s <= highest * (1 + 1e-9))


def _decimal(digit: int, power: int) -> float:
    return digit * 10.0**power if power >= 0 else digit / 10.0**-power


def freedman_diaconis_width(summary: Summary) -> float:
    """Width 2 (q75 - q25) n^(-1/3) of Freedman & Diaconis (1981); 0 when the middle half of the values is one value."""
    return 2 * (summary.q75 - summary.q25) * summary.n_used ** (-1 / 3) if summary.n_used else 0.0


def nearest_step(width: float, steps: tuple[float, ...]) -> float:
    """The step nearest to a width by ratio; the smallest for a width of 0."""
    return min(steps, key=lambda step: abs(math.log(step / width))) if 0 < width < math.inf else steps[0]


def covering(low: float, high: float, step: float) -> FloatArray:
    """Edges on multiples of the step from at or below ``low`` to above ``high``."""
    first, last = math.floor(low / step), math.floor(high / step) + 1
    edges = multiples(step, first - 1, last + 1)
    start = int(np.searchsorted(edges, low, side="right")) - 1
    stop = int(np.searchsorted(edges, high, side="right"))
    return edges[max(start, 0) : stop + 1]


def fitted_edges(low: float, high: float, step: float, ladder: tuple[float, ...] = ()) -> FloatArray:
    """Edges that cover a range in 5 to 200 bins: with the step if that works, else with the nearest one that does.

    Steps are tried on the ladder first; beyond its ends they go on as 1, 2, 5 times powers of ten. A range of a single
    value gets empty bins beside it.
    """
    span = max(high - low, step)
    steps = sorted({*ladder, *readable_steps(span / (20 * MOST_BINS), 10 * span)})
    fewest = [s for s in steps if s <= step and FEWEST_BINS <= covering_bins(low, high, s) <= MOST_BINS]
    coarser = [s for s in steps if s > step and covering_bins(low, high, s) <= MOST_BINS]
    if fewest:
        return covering(low, high, fewest[-1])
    if covering_bins(low, high, step) > MOST_BINS and coarser:
        return covering(low, high, coarser[0])
    return _padded(covering(low, high, step), step)


def covering_bins(low: float, high: float, step: float) -> int:
    """Number of bins ``covering`` would make, without making them."""
    return math.floor(high / step) - math.floor(low / step) + 1


def _padded(edges: FloatArray, step: float) -> FloatArray:
    first = round(float(edges[0]) / step)
    return multiples(step, first, first + FEWEST_BINS)


def redshift_edges(summary: Summary) -> FloatArray:
    """Edges for N(z): from 0, or from below the smallest value if that is negative, to above the largest."""
    step = nearest_step(freedman_diaconis_width(summary), REDSHIFT_STEPS)
    return fitted_edges(min(0.0, summary.min), summary.max, step, REDSHIFT_STEPS)


def magnitude_edges(summaries: list[Summary]) -> FloatArray:
    """Common edges for several bands: the step of the band with most objects, the range of all."""
    largest = max(summaries, key=lambda s: s.n_used)
    step = nearest_step(freedman_diaconis_width(largest), MAGNITUDE_STEPS)
    return fitted_edges(min(s.min for s in summaries), max(s.max for s in summaries), step, MAGNITUDE_STEPS)


def general_edges(summary: Summary, low: float | None = None, high: float | None = None) -> FloatArray:
    """Edges for any quantity: Freedman-Diaconis width on a 1, 2, 5 ladder."""
    low = summary.min if low is None else low
    high = summary.max if high is None else high
    span = high - low
    if span <= 0:
        step = readable_steps(max(abs(low), 1e-3) / 100, max(abs(low), 1e-3) / 10)[0]
        return covering(low, high, step) if low == 0 else _padded(covering(low, high, step), step)
    ladder = readable_steps(span / MOST_BINS / 10, span * 2)
    return fitted_edges(low, high, nearest_step(freedman_diaconis_width(summary), ladder), ladder)


def rebinned(edges: FloatArray, width: float) -> FloatArray:
    """Multiples of a width over the range of known edges.

    Raises
    ------
    InvalidInput
        If the width gives no readable plot.
    """
    low, high = float(edges[0]), float(edges[-1])
    if not (width > 0 and math.isfinite(width)) or (high - low) / width > MOST_DRAWN:
        least = (high - low) / MOST_DRAWN
        raise InvalidInput(f"Bins of {width:g} would be too many to draw. Choose at least {least:.2g}.", field="width")
    first, last = math.floor(low / width + 1e-9), math.ceil(high / width - 1e-9)
    return multiples(width, first, max(last, first + 1))


def map_edges(low: float, high: float, most_bins: int = MOST_BINS) -> FloatArray:
    """Edges of one axis of a density map: the smallest readable step that needs at most ``most_bins`` bins."""
    span = high - low if high > low else max(abs(low), 1.0) / 10
    for step in readable_steps(span / most_bins / 2, span * 10):
        if covering_bins(low, high, step) <= most_bins:
            return covering(low, high, step)
    raise InvalidInput("The range of this axis is too wide to be drawn. Give a smaller one.")


def asked_edges(low: float, high: float, *, n_bins: int | None = None, width: float | None = None) -> FloatArray:
    """Edges for a request: a number of equal bins between two numbers, or multiples of a width that cover them.

    Raises
    ------
    InvalidInput
        If the numbers make no histogram.
    """
    if width is not None:
        if not (width > 0 and math.isfinite(width)) or (high - low) / width > LARGEST_BIN_COUNT:
            raise InvalidInput(
                "The bin width must be a positive number that gives at most 100,000 bins.", field="width"
            )
        return covering(low, high, width)
    count = 100 if n_bins is None else n_bins
    if not 1 <= count <= LARGEST_BIN_COUNT:
        raise InvalidInput("The number of bins must lie between 1 and 100,000.", field="bins")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InvalidInput("The lower end of the range must be below the upper end.", field="min")
    return np.linspace(low, high, count + 1)
