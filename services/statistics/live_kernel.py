"""The compiled loops of the live cube."""

from __future__ import annotations

from typing import Any

import numpy as np

from services.statistics.kernels import NO_SENTINELS, Array, compiled, is_sentinel


@compiled
def number_places(
    values: Array, edges: Array, low: float, high: float, sentinels: Array, every: float, places: Array
) -> None:
    """``places = places * n + place``: 0 missing, 1 below the edges, from 2 the bins, then above.

    Bins are half-open, the last one closed; edges about ``every`` apart: a guess, moved by at most one.
    """
    n_bins = edges.size - 1
    first, final = edges[0], edges[n_bins]
    for i in range(values.size):
        value = np.float64(values[i])
        if not (low < value < high) or is_sentinel(value, sentinels):
            place: Any = 0
        elif value < first:
            place = 1
        elif value > final:
            place = n_bins + 2
        else:
            k: Any = min(np.int64((value - first) / every), n_bins - 1)
            k -= np.int64(value < edges[k])
            k += np.int64(value >= edges[k + 1])
            place = min(k, n_bins - 1) + 2
        places[i] = places[i] * (n_bins + 3) + place


@compiled
def add_places(places: Array, counts: Array) -> None:
    """Count rows by their places."""
    for place in places:
        counts[place] += np.uint32(1)


def warm_live_kernels() -> None:
    """Compile, or load from disk, what the first live cube needs."""
    places, edges = np.zeros(2, np.int64), np.array([0.0, 1.0, 2.0])
    for kind in (np.float32, np.float64):
        values = np.ones(2, kind)
        values.flags.writeable = False
        number_places(values, edges, -np.inf, np.inf, NO_SENTINELS, 1.0, places)
    add_places(np.zeros(2, np.int64), np.zeros(1, np.uint32))
