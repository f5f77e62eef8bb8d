"""Error bars of counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

LOWER_TAIL, UPPER_TAIL = 0.15865, 0.84135
"""Probabilities that bound the central 68.27 % of a normal distribution."""


def poisson_errors(counts: NDArray[np.integer[Any]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lengths of the error bars of counts, below and above (Garwood 1936).

    lo = chi2.ppf(0.15865, 2N) / 2 (0 for N = 0) and hi = chi2.ppf(0.84135, 2N + 2) / 2, which are the inverses of the
    regularised incomplete gamma function at N and N + 1.

    Parameters
    ----------
    counts : integer, shape (n,)

    Returns
    -------
    tuple of float64 arrays, shape (n,)
        N - lo and hi - N, both never negative.
    """
    n = counts.astype(np.float64)
    low = np.where(n > 0, gammaincinv(np.maximum(n, 1), LOWER_TAIL), 0.0)
    high = gammaincinv(n + 1, UPPER_TAIL)
    return n - low, high - n
