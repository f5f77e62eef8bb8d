"""Photo-z estimates with the errors such estimates have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.models.statistics import FloatArray

BREAK_RATIO = 400.0 / 121.6
"""A Lyman break at 121.6 nm taken for the 400 nm break, or the other way round: the classic catastrophic outlier
(for instance Bernstein & Huterer 2010, MNRAS 401, 1399)."""

MAX_Z_PHOT = 3.0
GRID = np.linspace(0.0, MAX_Z_PHOT, 301)
SECOND_PEAK_WEIGHT = 0.12


@dataclass(frozen=True, eq=False, slots=True)
class Estimates:
    """Point estimates; every array float64 (n_objects,)."""

    z_phot: FloatArray
    z_err: FloatArray
    """Half the 68 % interval."""
    odds: FloatArray


def core_scatter(mag_i: FloatArray) -> FloatArray:
    """Scatter of (z_phot - z)/(1 + z) away from outliers: 0.015 for bright objects, growing with photon noise."""
    return 0.015 + 0.03 * 10 ** (0.3 * (np.minimum(mag_i, 26.0) - 24.5))


def outlier_probability(mag_i: FloatArray) -> FloatArray:
    """Fraction of catastrophic outliers: 1 % for bright, 11 % for the faintest objects."""
    return 0.01 + 0.10 / (1.0 + np.exp(-(mag_i - 24.6) / 0.4))


def _mistaken_break(redshift: FloatArray) -> FloatArray:
    """Redshift at which the other break falls on the observed wavelength of the true one."""
    low_for_high = (1 + redshift) / BREAK_RATIO - 1
    high_for_low = (1 + redshift) * BREAK_RATIO - 1
    return np.where(low_for_high > 0, low_for_high, high_for_low)


def estimate(rng: np.random.Generator, redshift: FloatArray, mag_i: FloatArray) -> Estimates:
    """Estimates with scatter sigma (1 + z) and outliers, as Ma, Hu & Huterer 2006 (ApJ 636, 21) describe them."""
    n_objects = redshift.size
    scatter = core_scatter(mag_i)
    centre = redshift.copy()
    is_outlier = rng.uniform(0, 1, n_objects) < outlier_probability(mag_i)
    is_mistaken = is_outlier & (rng.uniform(0, 1, n_objects) < 0.5)
    centre[is_outlier] = rng.uniform(0.05, MAX_Z_PHOT, int(is_outlier.sum()))
    centre[is_mistaken] = _mistaken_break(redshift[is_mistaken])
    z_phot = centre + scatter * (1 + centre) * rng.standard_normal(n_objects)
    width = np.where(is_outlier, 2.5, 1.0) * scatter * rng.uniform(0.8, 1.3, n_objects)
    z_phot = np.clip(np.abs(z_phot), 0.005, MAX_Z_PHOT - 0.005)
    odds = np.clip(np.exp(-((width / 0.09) ** 2)) + 0.02 * rng.standard_normal(n_objects), 0.05, 1.0)
    return Estimates(z_phot, width * (1 + z_phot), odds)


def probability_densities(rng: np.random.Generator, estimates: Estimates, redshift: FloatArray) -> FloatArray:
    """p(z) on ``GRID``, float32 (n_objects, 301): a main peak at the estimate and a small second one, unit integral."""
    step = GRID[1] - GRID[0]
    width = np.maximum(estimates.z_err, 2 * step)[:, None]
    main = np.exp(-0.5 * ((GRID - estimates.z_phot[:, None]) / width) ** 2) / width
    other = np.exp(-0.5 * ((GRID - _mistaken_break(redshift)[:, None]) / (2 * width)) ** 2) / (2 * width)
    weight = SECOND_PEAK_WEIGHT * rng.uniform(0, 1, (redshift.size, 1))
    density = (1 - weight) * main + weight * other
    return (density / np.trapezoid(density, GRID, axis=1)[:, None]).astype(np.float32)
