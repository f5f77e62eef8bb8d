"""Objects per HEALPix pixel, under a cut."""

from __future__ import annotations

import numpy as np

from services.cuts.bound import Bound
from services.errors import InvalidInput
from services.models.measures import SkyPixels
from services.models.statistics import Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import n_cut, walked
from services.statistics.sky import FINEST_NSIDE, SPHERE_DEG2, PixelCounter, Positions

MOST_SENT = 1_000_000
"""Occupied pixels an answer holds at most."""


def sky_pixels(table: CanonicalTable, where: Positions, nside: int | None, cut: Bound | None) -> SkyPixels:
    """Counts per occupied pixel, nested order.

    Parameters
    ----------
    nside : int, optional
        Power of two up to 4096; chosen so that the median occupied pixel holds at least 5 objects when not given.

    Raises
    ------
    InvalidInput
        If nside is none of these, or so fine that a million pixels are occupied.
    """
    if nside is not None and (not 1 <= nside <= FINEST_NSIDE or nside & (nside - 1)):
        raise InvalidInput(f"nside must be a power of two between 1 and {FINEST_NSIDE}.", field="nside")
    pixels, missing, away = PixelCounter(nside), 0, 0
    for (ra_raw, dec_raw), keep in walked(table, where.wanted, cut):
        ra_deg, dec_deg = where.valid(ra_raw, dec_raw)
        kept = keep if keep.size else np.ones(ra_deg.size, np.bool_)
        present = ~np.isnan(ra_deg) & kept
        missing += int(np.count_nonzero(kept)) - int(np.count_nonzero(present))
        away += n_cut(keep)
        pixels.add(ra_deg[present], dec_deg[present])
        if pixels.n_pixels > MOST_SENT:
            raise InvalidInput(f"More than {MOST_SENT:,} pixels are occupied. Ask for a smaller nside.", field="nside")
    found, numbers, counts = pixels.result()
    area_deg2 = numbers.size * SPHERE_DEG2 / (12 * found * found)
    tally = Tally(table.n_rows, int(counts.sum()), missing, 0, away)
    return SkyPixels(found, numbers, counts, area_deg2, tally)
