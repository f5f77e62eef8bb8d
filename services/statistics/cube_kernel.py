"""The compiled loop of the count cube."""

from __future__ import annotations

import numpy as np

from services.statistics.kernels import Array, compiled


@compiled
def _cube_bin(value: float, edges: Array) -> int:
    """Bin by bisection, for axes that may end at infinity; -1 for NaN and for values beyond the edges."""
    last = edges.size - 1
    if not (edges[0] <= value <= edges[last]):
        return -1
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        if value < edges[middle]:
            high = middle
        else:
            low = middle
    return low


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
    """Add one chunk of rows to a five-dimensional cube (uint32); rows with a value beyond an axis are left out."""
    for i in range(redshift.size):
        k1 = _cube_bin(redshift[i], redshift_edges)
        k2 = _cube_bin(magnitude[i], magnitude_edges)
        if k1 < 0 or k2 < 0:
            continue
        k0, k3, k4 = _cube_bin(flag[i], flag_edges), _cube_bin(ra_deg[i], ra_edges), _cube_bin(dec_deg[i], dec_edges)
        if k0 >= 0 and k3 >= 0 and k4 >= 0:
            counts[k0, k1, k2, k3, k4] += np.uint32(1)
