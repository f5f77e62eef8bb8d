"""Common bins of several tables, and what is drawn of them: densities, differences and ratios with their errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.errors import InvalidInput
from services.models.comparison import Curve
from services.models.statistics import Histogram
from services.statistics.edges import (
    MAGNITUDE_STEPS,
    REDSHIFT_STEPS,
    FloatArray,
    asked_edges,
    covering_bins,
    fitted_edges,
    freedman_diaconis_width,
    multiples,
    nearest_step,
    readable_steps,
)
from services.statistics.quantiles import Summary

MOST_COMPARED_BINS = 2000
"""More bins than this are more than a screen can show."""
LONG_TAIL = 4.0
"""A range this many times as wide as the bulk of the values is cut down to the bulk: the rest counts as outside."""
SMALLEST_SPAN = 1e-290


def common_edges(word: str, summaries: Sequence[Summary], width: float | None) -> FloatArray:
    """Edges for all samples: as wide as the sample that needs the widest bins (Freedman & Diaconis 1981), or as asked.

    Raises
    ------
    InvalidInput
        If the width makes no histogram that could be shown.
    """
    filled = [summary for summary in summaries if summary.n_used]
    if not filled:
        return multiples(0.1, 0, 10)
    ladder = _ladder(word)
    low, high = _range(filled, is_known=bool(ladder), from_zero=ladder == REDSHIFT_STEPS)
    if width is not None:
        return _of_width(low, high, width)
    span = high - low
    if not span > SMALLEST_SPAN:
        ladder = ladder or readable_steps(max(abs(low), 1e-3) / 100, max(abs(low), 1e-3) / 10)
    ladder = ladder or readable_steps(span / 2000, span)
    step = nearest_step(max(freedman_diaconis_width(summary) for summary in filled), ladder)
    return fitted_edges(low, high, step, ladder)


def _ladder(word: str) -> tuple[float, ...]:
    if word in ("redshift", "z_phot", "any_z"):
        return REDSHIFT_STEPS
    return MAGNITUDE_STEPS if word.startswith("mag_") or word == "ref_mag" else ()


def _range(filled: Sequence[Summary], *, is_known: bool, from_zero: bool) -> tuple[float, float]:
    low, high = min(summary.min for summary in filled), max(summary.max for summary in filled)
    if from_zero:
        return min(low, 0.0), high
    bulk = min(summary.bulk[0] for summary in filled), max(summary.bulk[1] for summary in filled)
    is_long = bulk[1] > bulk[0] and high - low > LONG_TAIL * (bulk[1] - bulk[0])
    return bulk if is_long and not is_known else (low, high)


def _of_width(low: float, high: float, width: float) -> FloatArray:
    if not (width > 0 and np.isfinite(width)) or (high - low) / width > MOST_COMPARED_BINS:
        raise InvalidInput(
            f"The bin width must be a positive number that gives at most {MOST_COMPARED_BINS:,} bins.", field="width"
        )
    if covering_bins(low, high, width) < 1:
        raise InvalidInput("This bin width makes no bins.", field="width")
    return asked_edges(low, high, width=width)


def curve_of(histogram: Histogram, *, is_normalised: bool) -> Curve:
    """What is drawn of a histogram: counts, or counts / (n x width), n being the objects in the bins."""
    scale = np.ones(histogram.counts.size)
    if is_normalised:
        n_shown = int(histogram.counts.sum())
        scale = 1 / (n_shown * np.diff(histogram.edges)) if n_shown else scale
    parts = (histogram.counts, histogram.err_low, histogram.err_high)
    return Curve(*(np.asarray(part, np.float64) * scale for part in parts))


def difference(curve: Curve, first: Curve) -> Curve:
    """A curve less the first one; errors added in quadrature. NaN where both are empty."""
    there = (curve.values > 0) | (first.values > 0)
    return Curve(
        _where(there, curve.values - first.values),
        _where(there, np.hypot(curve.err_low, first.err_high)),
        _where(there, np.hypot(curve.err_high, first.err_low)),
    )


def ratio(curve: Curve, first: Curve) -> Curve:
    """A curve by the first one; relative errors added in quadrature. NaN where either is empty."""
    there = (curve.values > 0) & (first.values > 0)
    a, b = (np.where(there, one.values, 1.0) for one in (curve, first))
    return Curve(
        _where(there, a / b),
        _where(there, a / b * np.hypot(curve.err_low / a, first.err_high / b)),
        _where(there, a / b * np.hypot(curve.err_high / a, first.err_low / b)),
    )


def _where(there: NDArray[np.bool_], values: NDArray[Any]) -> FloatArray:
    return np.where(there, values, np.nan)
