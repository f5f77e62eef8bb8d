"""The compiled loop of the count cube."""

from __future__ import annotations

import numpy as np

from services.statistics.kernels import Array, compiled

BLOCK = 2048
"""Rows placed at a time, one axis after the other."""

OUT = -(2**40)
"""Place of a row that is beyond an axis: so far below zero that later axes do not lift it."""


@compiled
def _along_axis(values: Array, edges: Array, places: Array) -> None:
    """``places = places * n_bins + bin`` for equally spaced edges: a guess without branches, moved by at most one."""
    n_bins = edges.size - 1
    first, final = edges[0], edges[n_bins]
    if n_bins == 1:  # its edges may be infinite
        for i in range(values.size):
            places[i] += 0 if first <= values[i] <= final else OUT
        return
    scale = n_bins / (final - first)
    for i in range(values.size):
        inside = (values[i] >= first) & (values[i] <= final)
        value = values[i] if inside else first
        k = min(np.uint32(np.int32((value - first) * scale)), np.uint32(n_bins - 1))
        k -= np.uint32(value < edges[k])
        k += np.uint32(value >= edges[k + np.uint32(1)])
        k = min(k, np.uint32(n_bins - 1))
        places[i] = places[i] * n_bins + (np.int64(k) if inside else OUT)


@compiled
def _along_flags(values: Array, edges: Array, places: Array) -> None:
    """The first axis: places among few edges of any distances, which end at infinity."""
    for i in range(values.size):
        places[i] = OUT if np.isnan(values[i]) else 0
    for edge in edges[1:-1]:
        for i in range(values.size):
            places[i] += np.int64(values[i] >= edge)


@compiled
def cube_counts(
    flag: Array,
    redshift: Array,
    magnitude: Array,
    ra_deg: Array,
    dec_deg: Array,
    flag_edges: Array,
    redshift_edges: Array,
    magnitude_edges: Array,
    ra_edges: Array,
    dec_edges: Array,
    counts: Array,
) -> None:
    """Add one chunk of rows to a five-dimensional cube (uint32); rows with a value beyond an axis are left out.

    Flags have edges of any distances, the other axes equally spaced ones.
    """
    flat = counts.ravel()
    buffer = np.empty(BLOCK, np.int64)
    for start in range(0, redshift.size, BLOCK):
        stop = min(start + BLOCK, redshift.size)
        places = buffer[: stop - start]
        _along_flags(flag[start:stop], flag_edges, places)
        _along_axis(redshift[start:stop], redshift_edges, places)
        _along_axis(magnitude[start:stop], magnitude_edges, places)
        _along_axis(ra_deg[start:stop], ra_edges, places)
        _along_axis(dec_deg[start:stop], dec_edges, places)
        for place in places:
            if place >= 0:
                flat[np.uint64(place)] += np.uint32(1)
