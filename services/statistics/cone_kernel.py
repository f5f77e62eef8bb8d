"""The compiled loop that lays out a cone diagram."""

from __future__ import annotations

import math

import numpy as np

from services.statistics.kernels import Array, compiled

OUTSIDE = 1e9
"""Coordinate of rows beyond the wedge: on no map, but no missing value either."""


@compiled
def to_plane(ra_deg: Array, z: Array, lows: Array, widths: Array, offsets: Array, per_deg: float, z_max: float) -> None:
    """Turn right ascensions and redshifts in place into x = -z sin a, y = z cos a; NaN where either is NaN.

    Each field begins at a right ascension of ``lows`` and, in the diagram, at one of ``offsets``; the angle is
    a = per_deg x offset. Rows in no field and beyond ``z_max`` get ``OUTSIDE``.
    """
    for i in range(z.size):
        if np.isnan(ra_deg[i]) or np.isnan(z[i]):
            ra_deg[i] = np.nan
            continue
        redshift, ra, inside = z[i], ra_deg[i], False
        if 0.0 <= redshift <= z_max:
            for k in range(lows.size):
                beyond = ra - lows[k]
                beyond -= 360.0 * np.floor(beyond / 360.0)
                if beyond <= widths[k]:
                    angle = (offsets[k] + beyond) * per_deg
                    ra_deg[i], z[i] = -redshift * math.sin(angle), redshift * math.cos(angle)
                    inside = True
                    break
        if not inside:
            ra_deg[i], z[i] = OUTSIDE, OUTSIDE
