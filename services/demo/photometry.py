"""Colours of galaxies, and what a ten-year Rubin survey would measure of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.models.statistics import FloatArray

BANDS = ("u", "g", "r", "i", "z", "y")

WAVELENGTH_NM = {"u": 368.0, "g": 480.0, "r": 622.0, "i": 754.0, "z": 869.0, "y": 971.0}
"""Effective wavelengths of the Rubin bands."""

DEPTH_MAG = {"u": 26.1, "g": 27.4, "r": 27.5, "i": 26.8, "z": 26.1, "y": 24.9}
"""5-sigma depths for points after ten years, Ivezic et al. 2019 (ApJ 873, 111), table 1."""

GAMMA = {"u": 0.038, "g": 0.039, "r": 0.039, "i": 0.039, "z": 0.039, "y": 0.039}
"""Sky-noise parameter of the error model, table 2 of the same paper."""

SIGMA_SYS_MAG = 0.005
COLOUR_SCATTER_MAG = 0.06
MAG_PER_RELATIVE_FLUX = 2.5 / np.log(10)
LOWEST_SNR = 1.0
"""Below this signal-to-noise ratio an object counts as not detected in a band."""


@dataclass(frozen=True, eq=False, slots=True)
class Photometry:
    """Observed AB magnitudes and errors: band to float32 (n_objects,); NaN where not detected."""

    mag: dict[str, FloatArray]
    mag_err: dict[str, FloatArray]


def _break_step(wavelength_nm: FloatArray, centre_nm: float, width_nm: float) -> FloatArray:
    return 1.0 / (1.0 + np.exp(np.clip((centre_nm - wavelength_nm) / width_nm, -50, 50)))


def relative_flux(wavelength_nm: FloatArray, blueness: FloatArray) -> FloatArray:
    """f_nu of a galaxy at rest wavelengths, any unit, for blueness 0 (old stars) to 1 (young stars).

    A power law with the 4000 Angstrom break (depth about 2.4 for old and 1.1 for young stars: Kauffmann et al. 2003,
    MNRAS 341, 33, fig. 2) and the Lyman break of intergalactic hydrogen (Madau 1995, ApJ 441, 18), both smoothed.
    """
    slope = 2.0 - 2.2 * blueness
    depth = 2.4 - 1.3 * blueness
    above_4000 = _break_step(wavelength_nm, 400.0, 18.0)
    continuum = (wavelength_nm / 400.0) ** slope * (1.0 + (depth - 1.0) * above_4000) / depth
    return continuum * (2e-3 + _break_step(wavelength_nm, 118.0, 5.0))


def draw_blueness(rng: np.random.Generator, redshift: FloatArray) -> FloatArray:
    """Blueness 0..1: a red sequence that thins out with redshift, and a broad blue cloud."""
    is_red = rng.uniform(0, 1, redshift.size) < 0.35 * np.exp(-redshift)
    return np.where(is_red, rng.beta(1.5, 12, redshift.size), rng.beta(5, 2.5, redshift.size))


def true_magnitudes(rng: np.random.Generator, redshift: FloatArray, mag_i: FloatArray) -> dict[str, FloatArray]:
    """Noiseless AB magnitudes per band, float64 (n_objects,), anchored at ``mag_i``."""
    blueness = draw_blueness(rng, redshift)
    anchor = relative_flux(WAVELENGTH_NM["i"] / (1 + redshift), blueness)
    magnitudes: dict[str, FloatArray] = {}
    for band in BANDS:
        flux = relative_flux(WAVELENGTH_NM[band] / (1 + redshift), blueness)
        scatter = 0.0 if band == "i" else COLOUR_SCATTER_MAG * rng.standard_normal(redshift.size)
        magnitudes[band] = mag_i - 2.5 * np.log10(flux / anchor) + scatter
    return magnitudes


def magnitude_error(mag: FloatArray, band: str) -> FloatArray:
    """Photometric error in magnitudes, shape of ``mag``.

    sigma^2 = sigma_sys^2 + (0.04 - gamma) x + gamma x^2 with x = 10^(0.4 (m - m5)),
    Ivezic et al. 2019 (ApJ 873, 111), equations 4 and 5.
    """
    x = 10 ** (0.4 * (mag - DEPTH_MAG[band]))
    return np.sqrt(SIGMA_SYS_MAG**2 + (0.04 - GAMMA[band]) * x + GAMMA[band] * x**2)


def observe(rng: np.random.Generator, magnitudes: dict[str, FloatArray]) -> Photometry:
    """Magnitudes with noise added to the flux; a flux below its own error is not detected."""
    mag, mag_err = {}, {}
    for band, true in magnitudes.items():
        relative_error = magnitude_error(true, band) / MAG_PER_RELATIVE_FLUX
        flux_ratio = 1.0 + relative_error * rng.standard_normal(true.size)
        detected = flux_ratio > LOWEST_SNR * relative_error
        with np.errstate(invalid="ignore", divide="ignore"):
            observed = np.where(detected, true - 2.5 * np.log10(flux_ratio), np.nan)
        mag[band] = observed.astype(np.float32)
        mag_err[band] = magnitude_error(observed, band).astype(np.float32)
    return Photometry(mag, mag_err)
