"""Objects per HEALPix pixel, under a cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import hpgeom
import numpy as np
from numpy.typing import NDArray

from services.cuts.bound import Bound
from services.errors import InvalidInput
from services.models.measures import SkyPixels
from services.models.statistics import Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_masks import Mask
from services.statistics.cuts import n_cut, tallied, walked
from services.statistics.sky import FINEST_NSIDE, TURN_DEG, PixelCounter, Positions, pixel_deg2

FloatArray = NDArray[np.float64]

MOST_SENT = 1_000_000
"""Occupied pixels an answer holds at most."""
FINEST_DENSE = 256
"""Up to here the counts of all pixels are kept in one array (6 MiB), which two threads fill twice as fast."""


@dataclass(slots=True)
class _Rest:
    """Rows that are in no pixel: without a position, or cut away."""

    missing: int = 0
    away: int = 0

    def present(self, ra_deg: FloatArray, keep: Mask) -> Mask:
        """Rows that have a position and pass; the others are counted."""
        here = ~np.isnan(ra_deg)
        if keep.size:
            here &= keep
        kept = int(np.count_nonzero(keep)) if keep.size else ra_deg.size
        self.missing += kept - int(np.count_nonzero(here))
        self.away += n_cut(keep)
        return here


@dataclass(slots=True)
class _Dense:
    """Counts of one thread: int64 per pixel of the whole sky."""

    counts: NDArray[np.int64]
    rest: _Rest


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
    if nside is not None and nside <= FINEST_DENSE:
        return _dense(table, where, nside, cut)
    pixels, rest = PixelCounter(nside), _Rest()
    for raw, keep in walked(table, where.wanted, cut):
        ra_deg, dec_deg = where.valid(*raw)
        here = rest.present(ra_deg, keep)
        pixels.add(ra_deg[here], dec_deg[here])
        if pixels.n_pixels > MOST_SENT:
            raise InvalidInput(f"More than {MOST_SENT:,} pixels are occupied. Ask for a smaller nside.", field="nside")
    found, numbers, counts = pixels.result()
    return _assembled(table, found, numbers, counts, [rest])


def _dense(table: CanonicalTable, where: Positions, nside: int, cut: Bound | None) -> SkyPixels:
    def step(state: _Dense, raw: tuple[NDArray[Any], ...], keep: Mask) -> None:
        ra_deg, dec_deg = where.valid(*raw)
        here = state.rest.present(ra_deg, keep)
        found = hpgeom.angle_to_pixel(nside, ra_deg[here] % TURN_DEG, dec_deg[here], nest=True) if here.any() else []
        state.counts += np.bincount(np.asarray(found, np.int64), minlength=state.counts.size)

    def start() -> _Dense:
        return _Dense(np.zeros(12 * nside * nside, np.int64), _Rest())

    parts = tallied(table, where.wanted, cut, start, step)
    total = np.sum([part.counts for part in parts], axis=0)
    numbers = np.flatnonzero(total)
    return _assembled(table, nside, numbers, total[numbers], [part.rest for part in parts])


def _assembled(
    table: CanonicalTable, nside: int, numbers: NDArray[np.int64], counts: NDArray[np.int64], rests: Sequence[_Rest]
) -> SkyPixels:
    missing, away = sum(rest.missing for rest in rests), sum(rest.away for rest in rests)
    tally = Tally(table.n_rows, int(counts.sum()), missing, 0, away)
    return SkyPixels(nside, numbers, counts, numbers.size * pixel_deg2(nside), tally)
