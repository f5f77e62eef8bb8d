"""The bins in which PDFs described by parameters are written out: fine where they lie, coarse where only tails do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

FEWEST, MOST = 400, 2000
WING = 100
"""At most so many bins on either side of those where the PDFs lie."""
OUTSIDE = 0.005
"""Share of the summed PDFs that is left to a wing."""
A_WIDTH = 5
"""Bins in the width of a narrow PDF."""
NARROW = 5.0
"""Percentile of the widths that stands for narrow PDFs."""

TOO_COARSE = " Most are narrower than a bin ({:.2g}), which makes them look as wide as one."


@dataclass(frozen=True, slots=True)
class Bins:
    """Edges of the bins, and a sentence for people when these are wider than most PDFs."""

    edges: FloatArray
    words: str = ""


def found_bins(cumulative: Callable[[FloatArray], FloatArray], low: float, high: float) -> Bins:
    """Bins from ``low`` to ``high`` for PDFs of which ``cumulative`` tells F of some, as it does for all."""
    even = np.linspace(low, high, FEWEST + 1)
    fine = np.linspace(low, high, MOST + 1)
    found = cumulative(fine)
    found = found[np.isfinite(found).all(axis=1)]
    if not len(found):
        return Bins(even)
    bin_width = float(np.percentile(_widths(found, fine), NARROW)) / A_WIDTH
    if bin_width * FEWEST >= high - low:
        return Bins(even)
    edges = _winged(*_core(found, fine), low, high, bin_width)
    finest = float(np.diff(edges).min())
    is_coarse = finest > np.nanmedian(_widths(cumulative(edges), edges))
    return Bins(edges, TOO_COARSE.format(finest) if is_coarse else "")


def _widths(cumulative: FloatArray, edges: FloatArray) -> FloatArray:
    """Widths of PDFs: the sigma of the Gaussian whose density has the same integral of its square."""
    squares = (np.diff(cumulative, axis=1) ** 2 / np.diff(edges)).sum(axis=1)
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (2 * np.sqrt(np.pi) * squares))


def _core(cumulative: FloatArray, edges: FloatArray) -> tuple[float, float]:
    """Where the sum of the PDFs lies, but for a small share."""
    mean = cumulative.mean(axis=0)
    share = (mean - mean[0]) / (mean[-1] - mean[0])
    first, last = np.searchsorted(share, [OUTSIDE, 1 - OUTSIDE])
    return float(edges[max(first - 1, 0)]), float(edges[last])


def _winged(start: float, end: float, low: float, high: float, bin_width: float) -> FloatArray:
    """Even bins from start to end, and beyond them wider and wider ones."""
    n_core = int(np.clip(np.ceil((end - start) / bin_width), FEWEST, MOST - 2 * WING))
    core = np.linspace(start, end, n_core + 1)
    first = (end - start) / n_core
    return np.concatenate([(start - _wing(start - low, first))[::-1], core, end + _wing(high - end, first)])


def _wing(span: float, first: float) -> FloatArray:
    """Distances from the core of the edges beyond it, the first of about a bin of the core."""
    n_bins = min(WING, int(np.ceil(span / first - 1e-6)))
    if n_bins < 1:
        return np.empty(0)
    power = max(1.0, np.log(span / first) / np.log(n_bins)) if n_bins > 1 else 1.0
    return span * (np.arange(1, n_bins + 1) / n_bins) ** power
