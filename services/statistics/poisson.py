"""Error bars of counts."""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOWER_TAIL, UPPER_TAIL = 0.15865, 0.84135
"""Probabilities that bound the central 68.27 % of a normal distribution."""

_TABLE_SIZE = 1000
"""Beyond this shape the expansion alone is right to 1e-8 of an error bar."""

_NEWTON_STEPS = 4
_SERIES_TERMS = 400
"""Terms fall below 1e-17 after some nine times the root of the shape."""


def poisson_errors(counts: NDArray[np.integer[Any]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lengths of the error bars of counts, below and above (Garwood 1936).

    lo = chi2.ppf(0.15865, 2N) / 2 (0 for N = 0) and hi = chi2.ppf(0.84135, 2N + 2) / 2, which are the quantiles of
    gamma distributions of shapes N and N + 1.

    Parameters
    ----------
    counts : integer, shape (n,)

    Returns
    -------
    tuple of float64 arrays, shape (n,)
        N - lo and hi - N, both never negative.
    """
    n = counts.astype(np.float64)
    low = np.where(n > 0, _gamma_quantile(np.maximum(n, 1), LOWER_TAIL), 0.0)
    return n - low, _gamma_quantile(n + 1, UPPER_TAIL) - n


def _gamma_quantile(shape: NDArray[np.float64], probability: float) -> NDArray[np.float64]:
    """Quantile of gamma distributions of whole-numbered shapes, each at least 1."""
    table = _small_quantiles(probability)
    places = np.minimum(shape, _TABLE_SIZE).astype(np.int64) - 1
    return np.where(shape <= _TABLE_SIZE, table[places], _expanded(shape, probability))


def _expanded(shape: NDArray[np.float64], probability: float) -> NDArray[np.float64]:
    """Cornish-Fisher expansion of the quantile (Goldberg & Levine 1946, Ann. Math. Stat. 17, 216)."""
    z, root = NormalDist().inv_cdf(probability), np.sqrt(shape)
    start = shape + z * root + (z**2 - 1) / 3 + (z**3 - 7 * z) / (36 * root)
    expanded: NDArray[np.float64] = start - (3 * z**4 + 7 * z**2 - 16) / (810 * shape)
    return expanded


@cache
def _small_quantiles(probability: float) -> NDArray[np.float64]:
    """Quantiles for the shapes 1, 2, ..., by Newton's method on the distribution function."""
    shape = np.arange(1, _TABLE_SIZE + 1, dtype=np.float64)
    log_gamma = np.array([math.lgamma(a) for a in shape])
    x = _expanded(shape, probability)
    for _ in range(_NEWTON_STEPS):
        density = np.exp((shape - 1) * np.log(x) - x - log_gamma)
        x -= (density * x / shape * _series(shape, x) - probability) / density
    return x


def _series(shape: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 + x/(a+1) + x^2/((a+1)(a+2)) + ...: the incomplete gamma function over its leading factor (DLMF 8.7.1)."""
    term, total = np.ones_like(x), np.ones_like(x)
    for number in range(1, _SERIES_TERMS):
        term = term * x / (shape + number)
        total += term
    return total
