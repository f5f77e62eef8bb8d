"""The compiled loop that lays out a cone diagram."""

from __future__ import annotations

import math

import numpy as np

from services.statistics.kernels import Array, compiled

OUTSIDE = 1e9
"""Coordinate of rows beyond the wedge: on no map, but no missing value either."""


@compiled
def to_plane(ra_deg: Array, z: Array, middle_deg: float, half_deg: float, per_deg: float, z_max: float) -> None:
    """Turn right ascensions and redshifts in place into x = -z sin a, y = z cos a; NaN where either is NaN.

    The angle is a = per_deg x (RA - middle), by the shorter way round; rows beyond the wedge get ``OUTSIDE``.
    """
    for i in range(z.size):
        offset = ra_deg[i] - middle_deg
        offset -= 360.0 * np.floor(offset / 360.0 + 0.5)
        redshift = z[i]
        if np.isnan(offset) or np.isnan(redshift):
            ra_deg[i] = np.nan
        elif abs(offset) > half_deg or redshift < 0.0 or redshift > z_max:
            ra_deg[i], z[i] = OUTSIDE, OUTSIDE
        else:
            angle = offset * per_deg
            ra_deg[i] = -redshift * math.sin(angle)
            z[i] = redshift * math.cos(angle)
