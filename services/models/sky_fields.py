"""Separate fields on the sky."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import Density, IntArray, Tally


@dataclass(frozen=True, eq=False, slots=True)
class SkyField:
    """One field: a grid of its own, whose RA runs on past 360 deg across 0h, and the coarse pixels it consists of.

    ``pixels`` are nested HEALPix numbers (int64) of the resolution that ``SkyFields`` names.
    """

    grid: Density
    pixels: IntArray

    @property
    def n_objects(self) -> int:
        """Objects of the field that are in the grid."""
        return int(self.grid.counts.sum())


@dataclass(frozen=True, eq=False, slots=True)
class SkyFields(Detail):
    """The largest separate fields of a table, that with most objects first.

    Fields are groups of HEALPix pixels (at ``nside``) that touch. ``n_fields`` counts all of them; objects of those
    without a grid are outside in the tally.
    """

    ra_column: str
    dec_column: str
    nside: int
    n_fields: int
    fields: tuple[SkyField, ...]
    tally: Tally
