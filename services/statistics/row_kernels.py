"""Compiled loops that turn rows into numbers and positions that count, NaN for those that do not."""

from __future__ import annotations

import numpy as np

from services.statistics.kernels import Array, compiled

TURN_DEG = 360.0


@compiled
def valid_numbers(values: Array, low: float, high: float, sentinels: Array, out: Array) -> None:
    """Fill in ``out`` (float64): values with ``low < x < high`` that are no sentinels."""
    for i in range(values.size):
        value = np.float64(values[i])
        valid = (low < value) & (value < high)
        for sentinel in sentinels:
            valid &= value != sentinel
        out[i] = value if valid else np.nan


@compiled
def valid_positions(
    ra_raw: Array,
    dec_raw: Array,
    ra_range: tuple[float, float],
    dec_range: tuple[float, float],
    ra_sentinels: Array,
    dec_sentinels: Array,
    ra_deg: Array,
    dec_deg: Array,
) -> None:
    """Fill in RA in 0..360 and Dec (float64); both NaN where either is missing, or both are exactly 0."""
    for i in range(ra_raw.size):
        ra, dec = np.float64(ra_raw[i]), np.float64(dec_raw[i])
        valid = (ra_range[0] < ra) & (ra < ra_range[1]) & (dec_range[0] < dec) & (dec < dec_range[1])
        valid &= (ra != 0.0) | (dec != 0.0)
        for sentinel in ra_sentinels:
            valid &= ra != sentinel
        for sentinel in dec_sentinels:
            valid &= dec != sentinel
        ra_deg[i] = (ra + TURN_DEG if ra < 0.0 else ra) if valid else np.nan
        dec_deg[i] = dec if valid else np.nan


@compiled
def mark_bins(values: Array, bins_per_unit: float, occupied: Array) -> None:
    """Set ``occupied`` (bool) for the bins that hold a value; what lies beyond the last one starts again."""
    for value in values:
        if not np.isnan(value):
            occupied[np.int64(value * bins_per_unit) % occupied.size] = True


@compiled
def widen(ra_deg: Array, dec_deg: Array, start_deg: float, ends: Array) -> None:
    """Widen ``ends`` (RA from, to, Dec from, to) by positions; RA below the start goes on past 360."""
    for i in range(ra_deg.size):
        ra, dec = ra_deg[i], dec_deg[i]
        if not np.isnan(ra):
            ra = ra + TURN_DEG if ra < start_deg else ra
            ends[0], ends[1] = min(ends[0], ra), max(ends[1], ra)
            ends[2], ends[3] = min(ends[2], dec), max(ends[3], dec)


@compiled
def count_invalid(values: Array, low: float, high: float, sentinels: Array) -> int:
    """How many values are not ``low < x < high`` or are sentinels."""
    n = 0
    for i in range(values.size):
        value = np.float64(values[i])
        valid = (low < value) & (value < high)
        for sentinel in sentinels:
            valid &= value != sentinel
        n += not valid
    return n


@compiled
def count_bins(bins: Array, counts: Array) -> None:
    """Add to ``counts`` (int64) how many values are in each bin; those of negative bins are in none."""
    for place in bins:
        if place >= 0:
            counts[place] += 1


@compiled
def put_in_place(numbers: Array, bins: Array, free: Array, values: Array) -> None:
    """Copy numbers to the free places of their bins in ``values``; ``free`` (int64 per bin) moves on."""
    for i in range(numbers.size):
        place = bins[i]
        if place >= 0:
            values[free[place]] = numbers[i]
            free[place] += 1
