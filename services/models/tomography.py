"""Tomographic bins: objects chosen by their estimate, and the true redshifts that came with them."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import FloatArray, IntArray, Tally


@dataclass(frozen=True, slots=True)
class TomographicBin:
    """Objects with ``low <= z_phot < high``: their number, mean and standard deviation of the true redshifts."""

    low: float
    high: float
    n: int
    mean: float
    std: float


@dataclass(frozen=True, eq=False, slots=True)
class Tomography(Detail):
    """True redshift distributions of tomographic bins.

    ``counts`` (int64, bins x redshifts) lie on ``edges``. ``overlap`` (float64, bins x bins) is the area that two
    normalised distributions share: 1 on the diagonal, 0 for bins that are apart.
    """

    z_spec: str
    z_phot: str
    edges: FloatArray
    bins: tuple[TomographicBin, ...]
    counts: IntArray
    overlap: FloatArray
    tally: Tally
