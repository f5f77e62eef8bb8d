"""One simulated sample of galaxies: the stuff every demo product is cut from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.demo.photometry import Photometry, observe, true_magnitudes
from services.demo.positions import Field, place
from services.demo.redshifts import draw_mag_i, draw_redshift
from services.models.statistics import FloatArray, IntArray

FIRST_OBJECT_ID = 1_249_537_790_362_809_400
"""Rubin object ids have 19 digits: more than a double holds."""


@dataclass(frozen=True, eq=False, slots=True)
class Galaxies:
    """A sample with truth and observation; every array has shape (n_objects,)."""

    object_id: IntArray
    ra_deg: FloatArray
    dec_deg: FloatArray
    redshift: FloatArray
    mag_i: FloatArray
    """Noiseless AB magnitude in i."""
    photometry: Photometry

    @property
    def n_objects(self) -> int:
        """Number of galaxies."""
        return self.object_id.size


def simulate(
    rng: np.random.Generator, field: Field, n_objects: int, *, bright: float = 17.0, faint: float = 25.3
) -> Galaxies:
    """Galaxies of one field between two magnitudes in i, in random order."""
    mag_i = draw_mag_i(rng, n_objects, bright, faint)
    ra_deg, dec_deg, redshift = place(rng, field, draw_redshift(rng, mag_i))
    photometry = observe(rng, true_magnitudes(rng, redshift, mag_i))
    gaps = rng.integers(1, 5000, n_objects)
    return Galaxies(FIRST_OBJECT_ID + np.cumsum(gaps), ra_deg, dec_deg, redshift, mag_i, photometry)
