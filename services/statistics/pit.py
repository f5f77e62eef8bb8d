"""How uniform probability integral transforms are: histogram, distances to uniform, quantiles for a QQ plot."""

from __future__ import annotations

import numpy as np

from services.models.measures import PitStatistics
from services.statistics.binned import STRETCH, FloatArray

PIT_BINS = 20
QQ_POINTS = 201
"""Levels of the QQ plot, both ends included."""
TAIL = 1e-4
"""A PIT closer than this to 0 or 1 is an outlier (Schmidt, Malz et al. 2020)."""
AD_RANGE = (0.01, 0.99)
"""The ends are left out of the distance of Anderson and Darling: it weighs them without bound."""


def pit_statistics(pits: FloatArray) -> PitStatistics:
    """Statistics of PITs, which are sorted in place; at least one.

    KS = max |F_emp - F_uni|; CvM = 1 / (12 n) + sum ((2 i - 1) / (2 n) - u_i)^2 over the sorted values (Stephens 1974).
    """
    pits.sort()
    n = pits.size
    largest, squares, total, spread = 0.0, 0.0, 0.0, 0.0
    mean = float(np.mean(pits))
    for at in range(0, n, STRETCH):
        values = np.asarray(pits[at : at + STRETCH])
        rank = np.arange(at, at + values.size)
        largest = max(largest, float(np.max((rank + 1) / n - values)), float(np.max(values - rank / n)))
        squares += float(np.sum(((rank + 0.5) / n - values) ** 2))
        total += values.size
        spread += float(np.sum((values - mean) ** 2))
    levels = np.linspace(0, 1, QQ_POINTS)
    return PitStatistics(
        mean=mean,
        std=float(np.sqrt(spread / n)),
        ks=largest,
        cvm=1 / (12 * n) + squares,
        outlier_fraction=float(np.searchsorted(pits, TAIL) + n - np.searchsorted(pits, 1 - TAIL, side="right")) / n,
        edges=np.arange(PIT_BINS + 1) / PIT_BINS,
        counts=_counts(pits),
        levels=levels,
        quantiles=_quantiles(pits, levels),
        ad=_anderson_darling(pits),
    )


def _anderson_darling(pits: FloatArray) -> float:
    """n times the integral of (F_emp - u)^2 / (u (1 - u)) over [0.01, 0.99], exact for sorted values.

    Between two values F_emp is a constant c, where the integral is -u + c^2 ln u - (1 - c)^2 ln(1 - u).
    """
    n = pits.size
    low, high = (int(np.searchsorted(pits, end, side="right")) for end in AD_RANGE)
    total, start = 0.0, AD_RANGE[0]
    for at in range(low, high + 1, STRETCH):
        stop = min(at + STRETCH, high + 1)
        ends = np.asarray(pits[at : min(stop, high)])
        if stop == high + 1:
            ends = np.append(ends, AD_RANGE[1])
        starts, level = np.concatenate([[start], ends[:-1]]), np.arange(at, stop) / n
        total += float(np.sum(_primitive(level, ends) - _primitive(level, starts)))
        start = float(ends[-1])
    return n * total


def _primitive(level: FloatArray, u: FloatArray) -> FloatArray:
    found: FloatArray = -u + level**2 * np.log(u) - (1 - level) ** 2 * np.log1p(-u)
    return found


def _counts(pits: FloatArray) -> np.ndarray:
    inner = np.searchsorted(pits, np.arange(1, PIT_BINS) / PIT_BINS)
    return np.diff(np.concatenate([[0], inner, [pits.size]]))


def _quantiles(pits: FloatArray, levels: FloatArray) -> FloatArray:
    """Quantiles of sorted values, numpy "linear", reading only those that matter."""
    place = levels * (pits.size - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, pits.size - 1)
    found: FloatArray = pits[low] + (pits[high] - pits[low]) * (place - low)
    return found
