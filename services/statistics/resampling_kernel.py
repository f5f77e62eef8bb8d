"""The compiled loops that resample values and take quantiles of each resample."""

from __future__ import annotations

from typing import Any

import numpy as np

from services.statistics.kernels import Array, compiled

STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
HALF, A, B, C = np.uint64(32), np.uint64(30), np.uint64(27), np.uint64(31)
BISECTIONS = 40


@compiled
def _scrambled(number: Any) -> Any:
    """64 bits that look random, from a number (the finaliser of SplitMix64: Steele, Lea & Flood 2014)."""
    bits = np.uint64(number) * STEP
    bits = (bits ^ (bits >> A)) * FIRST
    bits = (bits ^ (bits >> B)) * SECOND
    return bits ^ (bits >> C)


@compiled
def _n_at_most(ordered: Array, value: float) -> int:
    """How many of some ordered values are at most this one (numpy's search takes seconds to compile)."""
    low, high = 0, ordered.size
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _draw(start: int, drawn: Array) -> None:
    """How often each value is drawn (int32), as many draws as there are values."""
    n = np.uint64(drawn.size)
    drawn[:] = 0
    for i in range(drawn.size):
        bits = _scrambled(np.uint64(start) + np.uint64(i))
        drawn[np.int64(((bits >> HALF) * n) >> HALF)] += 1


@compiled
def _at_places(ordered: Array, drawn: Array, places: Array, found: Array) -> None:
    """Quantiles of a resample at places in its order, which rise (numpy "linear")."""
    n_before, k = 0, 0
    for i in range(ordered.size):
        n_before += drawn[i]
        while k < places.size and n_before > np.int64(places[k]):
            part = places[k] - np.int64(places[k])
            found[k] = ordered[i]
            if part > 0.0 and n_before <= np.int64(places[k]) + 1:
                j = i + 1
                while drawn[j] == 0:
                    j += 1
                found[k] += (ordered[j] - ordered[i]) * part
            k += 1


@compiled
def _middle_distance(ordered: Array, drawn: Array, centre: float) -> float:
    """Median of the distances of a resample from a centre, by going outwards from it."""
    right = _n_at_most(ordered, centre)
    left = right - 1
    place = 0.5 * (ordered.size - 1)
    low = np.int64(place)
    n_before = 0
    first = np.nan
    while True:
        if left >= 0 and (right >= ordered.size or centre - ordered[left] <= ordered[right] - centre):
            distance = centre - ordered[left]
            n_before += drawn[left]
            left -= 1
        else:
            distance = ordered[right] - centre
            n_before += drawn[right]
            right += 1
        if n_before > low and np.isnan(first):
            first = distance
            if place == low:
                return first
        if n_before > low + 1:
            return first + (distance - first) * (place - low)


@compiled
def resampled_places(ordered: Array, seed: int, parts: Array, found: Array) -> None:
    """Fill in a row for each resample: its quantiles at the parts, which rise, and its median distance from the one in
    the middle."""
    n = ordered.size
    drawn = np.zeros(n, np.int32)
    places = parts * (n - 1)
    for row in range(found.shape[0]):
        _draw(seed + row * n, drawn)
        _at_places(ordered, drawn, places, found[row])
        found[row, parts.size] = _middle_distance(ordered, drawn, found[row, parts.size // 2])


@compiled
def _share_below(value: float, ends: Array, below: Array) -> float:
    """Share below a value, of shares below the ends of groups: linear inside each."""
    if value <= ends[0]:
        return 0.0
    if value >= ends[ends.size - 1]:
        return 1.0
    k = _n_at_most(ends, value) - 1
    return below[k] + (below[k + 1] - below[k]) * (value - ends[k]) / (ends[k + 1] - ends[k])


@compiled
def _value_at(part: float, ends: Array, below: Array) -> float:
    """The value that a share lies below."""
    k = min(max(_n_at_most(below, part) - 1, 0), ends.size - 2)
    share = below[k + 1] - below[k]
    return ends[k] + (ends[k + 1] - ends[k]) * min(max((part - below[k]) / share, 0.0), 1.0) if share > 0 else ends[k]


@compiled
def _middle_spread(centre: float, ends: Array, below: Array) -> float:
    """Distance from a centre within which half of everything lies."""
    near, far = 0.0, max(abs(ends[0] - centre), abs(ends[ends.size - 1] - centre))
    for _ in range(BISECTIONS):
        distance = (near + far) / 2
        inside = _share_below(centre + distance, ends, below) - _share_below(centre - distance, ends, below)
        if inside < 0.5:
            near = distance
        else:
            far = distance
    return (near + far) / 2


@compiled
def grouped_places(ends: Array, shares: Array, groups: Array, drawn: Array, parts: Array, found: Array) -> None:
    """As ``resampled_places`` of resamples that are given by how often each group of cells was drawn: a row each.

    Cell k lies between ``ends[2 * k]`` and ``ends[2 * k + 1]``, which may be equal, and is a share of its group.
    """
    below = np.zeros(ends.size)
    for row in range(found.shape[0]):
        total = 0.0
        for k in range(shares.size):
            below[2 * k] = total
            total += max(drawn[row, groups[k]], 0.0) * shares[k]
            below[2 * k + 1] = total
        below /= total
        for k in range(parts.size):
            found[row, k] = _value_at(parts[k], ends, below)
        found[row, parts.size] = _middle_spread(found[row, parts.size // 2], ends, below)
