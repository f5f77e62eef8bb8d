"""Redshifts as spectrographs report them: errors, failures, and one flag scale per survey."""

from __future__ import annotations

import numpy as np

from services.models.statistics import FloatArray, IntArray

VIMOS_FLAGS = (4.0, 3.0, 2.0, 1.0, 9.0, 14.0, 13.0, 23.0, 0.0)
VIMOS_FRACTIONS = (0.42, 0.27, 0.14, 0.06, 0.05, 0.02, 0.01, 0.01, 0.02)
"""Scale of the VIMOS surveys (Le Fevre et al. 2013, A&A 559, A14): 3 and 4 secure, 9 one line, 1x broad lines."""

UNIFIED_FLAGS = (4, 3, 2, 1)
UNIFIED_FRACTIONS = (0.61, 0.22, 0.11, 0.06)
"""Scale of OzDES (Lidman et al. 2020, MNRAS 496, 19): 3 about 95 % and 4 about 99 % sure."""

WARNING_BITS = (0, 4, 32, 36)
WARNING_FRACTIONS = (0.93, 0.05, 0.015, 0.005)
"""ZWARN of redrock: 0 is good, any bit is a warning."""


def measured_redshift(rng: np.random.Generator, redshift: FloatArray, sigma: float) -> tuple[FloatArray, FloatArray]:
    """Measured redshifts and their errors, for a velocity error ``sigma`` (1 + z) that varies by a factor of two."""
    error = sigma * (1 + redshift) * rng.uniform(0.6, 1.6, redshift.size)
    return redshift + error * rng.standard_normal(redshift.size), error


def unified_flag(rng: np.random.Generator, n_objects: int) -> IntArray:
    """Quality flag 1..4, int64 (n_objects,)."""
    return rng.choice(np.array(UNIFIED_FLAGS), n_objects, p=UNIFIED_FRACTIONS)


def vimos_flag(rng: np.random.Generator, n_objects: int) -> FloatArray:
    """Quality flag on the VIMOS scale with a decimal that says how a photo-z agrees, float64 (n_objects,)."""
    return rng.choice(np.array(VIMOS_FLAGS), n_objects, p=VIMOS_FRACTIONS) + rng.choice([0.1, 0.4, 0.5], n_objects)


def warning_flag(rng: np.random.Generator, n_objects: int) -> IntArray:
    """Warning bits, int64 (n_objects,)."""
    return rng.choice(np.array(WARNING_BITS), n_objects, p=WARNING_FRACTIONS)
