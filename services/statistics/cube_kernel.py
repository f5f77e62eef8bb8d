"""The compiled loop of the count cube."""

from __future__ import annotations

import numpy as np

from services.statistics.kernels import Array, compiled


@compiled
def _even_bin(value: float, edges: Array, scale: float) -> int:
    """Bin on equally spaced edges: a guess, moved by at most one. -1 for NaN and beyond the edges, 0 of one bin."""
    last = np.uint32(edges.size - 1)
    if not (edges[0] <= value <= edges[last]):
        return -1
    if last == 1:
        return 0  # its edges may be infinite
    k = min(np.uint32((value - edges[0]) * scale), last - np.uint32(1))
    k -= np.uint32(value < edges[k])
    k += np.uint32(value >= edges[k + np.uint32(1)])
    return min(int(k), int(last) - 1)


@compiled
def _flag_bin(value: float, edges: Array) -> int:
    """Bin among the few edges of the flags, which end at infinity; -1 for NaN."""
    if np.isnan(value):
        return -1
    k = 0
    for edge in edges[1:-1]:
        k += int(value >= edge)
    return k


@compiled
def _scale(edges: Array) -> float:
    return (edges.size - 1) / (edges[-1] - edges[0])


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
    scales = _scale(redshift_edges), _scale(magnitude_edges), _scale(ra_edges), _scale(dec_edges)
    for i in range(redshift.size):
        k0, k1 = _flag_bin(flag[i], flag_edges), _even_bin(redshift[i], redshift_edges, scales[0])
        k2 = _even_bin(magnitude[i], magnitude_edges, scales[1])
        k3, k4 = _even_bin(ra_deg[i], ra_edges, scales[2]), _even_bin(dec_deg[i], dec_edges, scales[3])
        if min(k0, k1, k2, k3, k4) >= 0:
            counts[np.uint32(k0), np.uint32(k1), np.uint32(k2), np.uint32(k3), np.uint32(k4)] += np.uint32(1)
