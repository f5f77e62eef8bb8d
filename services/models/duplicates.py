"""Objects of a table that lie very close together: the same one twice, or a blend."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import Density, FloatArray, IntArray, Tally

DUPLICATE_RADIUS_ARCSEC = 1.0
CONFLICT_DZ = 0.01
"""Two redshifts of one object conflict when they differ by more than this times (1 + z)."""


@dataclass(frozen=True, eq=False, slots=True)
class CloseObjects(Detail):
    """All ``n_pairs`` pairs of rows within 1 arcsec: int64 ``counts`` of their separations between ``edges`` (arcsec).

    ``first``, ``second`` are numbers of rows in the file (from 1) of the pairs listed, conflicts first, then by
    separation; with them ``separation`` in arcsec and the redshifts, NaN where missing. ``grid`` counts separation
    against log10 of |dz| / (1 + z) when there are more pairs than are listed. ``tally`` counts rows with a position.
    """

    ra_column: str
    dec_column: str
    z_column: str
    z_label: str
    n_pairs: int
    n_compared: int
    """Pairs with both redshifts."""
    n_conflicts: int
    edges: FloatArray
    counts: IntArray
    first: IntArray
    second: IntArray
    separation: FloatArray
    z_first: FloatArray
    z_second: FloatArray
    tally: Tally
    grid: Density | None = None
