"""Objects per HEALPix pixel, as a map."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import Density, FloatArray, IntArray


@dataclass(frozen=True, eq=False, slots=True)
class HealpixMap(Detail):
    """Density in HEALPix pixels (nested) of one size.

    ``grid`` draws them: each cell holds the objects of the pixel its centre lies in, so its counts do not add up to the
    objects; the tally is that of the rows. ``pixels`` (int64, sorted) and ``counts`` are the occupied pixels.
    ``area_deg2`` is their area at ``area_nside``, where the median occupied pixel holds five objects; ``nside`` is the
    same or coarser, so that pixels are larger than cells.
    """

    grid: Density
    nside: int
    pixels: IntArray
    counts: IntArray
    ra_deg: FloatArray
    """Centres of the pixels."""
    dec_deg: FloatArray
    area_nside: int
    area_deg2: float
    pixel_deg2: float
    """Area of one pixel at ``nside``."""
