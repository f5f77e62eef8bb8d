"""How many galaxies there are at each magnitude and redshift."""

from __future__ import annotations

import numpy as np

from services.models.statistics import FloatArray

COUNTS_SLOPE = 0.31
"""log10 N per magnitude in i: N(<i) goes as 10^(0.31 (i - 25)), LSST Science Book (arXiv:0912.0201), sect. 3.7."""

SHAPE = 3.0
"""Shape of the gamma distribution that z^2 exp(-z/z0) is."""

MAX_REDSHIFT = 5.0
MIN_SCALE = 0.02
"""Floor of z0: the linear law below is a fit to faint samples and crosses zero near i = 17.8."""


def draw_mag_i(rng: np.random.Generator, n_objects: int, bright: float, faint: float) -> FloatArray:
    """AB magnitudes in i between two limits, float64 (n_objects,), from power-law number counts."""
    low, high = 10 ** (COUNTS_SLOPE * bright), 10 ** (COUNTS_SLOPE * faint)
    return np.log10(rng.uniform(low, high, n_objects)) / COUNTS_SLOPE


def draw_redshift(rng: np.random.Generator, mag_i: FloatArray) -> FloatArray:
    """True redshifts, float64 of the shape of ``mag_i``.

    n(z) proportional to z^2 exp(-(z/z0)^alpha) (Smail et al. 1994, MNRAS 270, 245) with alpha = 1 and
    z0 = 0.0417 i - 0.744 (LSST Science Book, arXiv:0912.0201, sect. 3.7), cut at z = 5.
    """
    scale = np.maximum(0.0417 * mag_i - 0.744, MIN_SCALE)
    redshift = rng.gamma(SHAPE, scale)
    while (beyond := redshift > MAX_REDSHIFT).any():
        redshift[beyond] = rng.gamma(SHAPE, scale[beyond])
    return redshift
