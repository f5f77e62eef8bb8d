"""The compiled loop that takes the moments of a chunk."""

from __future__ import annotations

import numpy as np

from services.statistics.kernels import Array, compiled, is_sentinel

LANES = 16
"""Sums taken side by side, because the compiler keeps the order of a single one."""

Range = tuple[float, float]


@compiled
def _gap_around(values: Array, sentinels: Array) -> Range:
    """Open interval without sentinels around the first value that is none: two comparisons clear most others."""
    for i in range(values.size):
        value = np.float64(values[i])
        if -np.inf < value < np.inf and not is_sentinel(value, sentinels):
            below, above = -np.inf, np.inf
            for sentinel in sentinels:
                below = max(below, sentinel) if sentinel < value else below
                above = min(above, sentinel) if sentinel > value else above
            return below, above
    return np.inf, -np.inf


@compiled
def _lane_sums(
    values: Array, gap: Range, core: Range, ends: tuple[Array, Array], totals: Array, n: tuple[Array, Array, Array]
) -> None:
    """First pass: extremes, sums and numbers of values in the core, numbers of those in the gap and of all others."""
    low, high = core
    below, above = gap
    least, most = ends
    quiet, used, left = n
    for start in range(0, values.size // LANES * LANES, LANES):
        for j in range(LANES):
            value = np.float64(values[start + j])
            in_gap = (value > below) & (value < above)
            in_core = (value > low) & (value < high)
            quiet[j] += in_gap
            used[j] += in_core
            left[j] += (value == value) & ~in_gap
            totals[j] += value if in_core else 0.0
            under = value if in_core else np.inf
            over = value if in_core else -np.inf
            least[j] = under if under < least[j] else least[j]
            most[j] = over if over > most[j] else most[j]


@compiled
def _lane_squares(values: Array, core: Range, mean: float, squares: Array, drift: Array) -> None:
    """Second pass: squares of the deviations from a mean, and the deviations."""
    low, high = core
    for start in range(0, values.size // LANES * LANES, LANES):
        for j in range(LANES):
            value = np.float64(values[start + j])
            away = value - mean if (value > low) & (value < high) else 0.0
            squares[j] += away * away
            drift[j] += away


@compiled
def summarise(
    values: Array, low: float, high: float, sentinels: Array
) -> tuple[int, int, int, float, float, float, float]:
    """One chunk in numbers: finite values, sentinels, values that count, their min, max, mean and squared deviations.

    The deviations are about the chunk's own mean (two passes over a chunk that is still in the cache), so that chunks
    merge without the cancellation of a sum of squares. Values beyond the gap are looked at one by one.
    """
    gap = _gap_around(values, sentinels)
    core = max(low, gap[0]), min(high, gap[1])
    least, most, totals = np.full(LANES, np.inf), np.full(LANES, -np.inf), np.zeros(LANES)
    quiet, used, left = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    _lane_sums(values, gap, core, (least, most), totals, (quiet, used, left))
    n_even, n_left = values.size // LANES * LANES, left.sum()
    n_finite, n_sentinel, n_rest = quiet.sum(), 0, 0
    rest = np.empty(n_left + values.size - n_even)
    for i in range(0 if n_left else n_even, values.size):
        value = np.float64(values[i])
        if (i < n_even and gap[0] < value < gap[1]) or not (-np.inf < value < np.inf):
            continue
        n_finite += 1
        if is_sentinel(value, sentinels):
            n_sentinel += 1
        elif low < value < high:
            rest[n_rest] = value
            n_rest += 1
    rest = rest[:n_rest]
    n_used = used.sum() + n_rest
    lowest, highest = least.min(), most.max()
    mean = (totals.sum() + rest.sum()) / n_used if n_used else 0.0
    totals[:] = 0.0
    away = np.zeros(LANES)
    _lane_squares(values, core, mean, totals, away)
    squares, drift = totals.sum(), away.sum()
    for value in rest:
        lowest, highest = min(lowest, value), max(highest, value)
        squares += (value - mean) * (value - mean)
        drift += value - mean
    if n_used:
        mean += drift / n_used  # takes out the rounding of the first sum
        squares -= drift * drift / n_used
    return n_finite, n_sentinel, n_used, lowest, highest, mean, squares
