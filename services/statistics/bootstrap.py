"""Errors of metrics by resampling the pairs, fixed seed (Efron 1979)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from services.statistics.metrics import CENTRAL_68, IQR_SCALE, NMAD_SCALE, OUTLIER_LIMIT

FloatArray = NDArray[np.float64]

RESAMPLES = 200
SEED = 20_260_101
BOOTSTRAP_PAIRS = 20_000
"""Pairs resampled at most. Of more, a seeded sample is taken and its errors scaled by sqrt(m / n): m out of n bootstrap
(Bickel, Goetze & van Zwet 1997)."""
AT_ONCE = 2**18
"""Values drawn at once (2 MiB): several resamples of a small sample."""
ERROR_NAMES = ("bias", "sigma_nmad", "sigma_68", "sigma_iqr", "rms", "outlier_fraction")


def bootstrap_errors(values: FloatArray, most_pairs: int = BOOTSTRAP_PAIRS) -> Mapping[str, float]:
    """Standard deviation of each metric of ERROR_NAMES over 200 resamples of the pairs."""
    return dict(zip(ERROR_NAMES, resampled_errors(values, _points, most_pairs), strict=True))


def resampled_errors(
    values: FloatArray, points: Callable[[FloatArray], FloatArray], most_pairs: int = BOOTSTRAP_PAIRS
) -> list[float]:
    """Standard deviations over 200 resamples of any numbers that ``points`` gives (m, k) of m sorted resamples."""
    random = np.random.default_rng(SEED)
    sample, scale = values, 1.0
    if values.size > most_pairs:
        sample = values[np.sort(random.choice(values.size, most_pairs, replace=False, shuffle=False))]
        scale = float(np.sqrt(most_pairs / values.size))
    drawn = np.concatenate([points(dz) for dz in _resamples(np.sort(sample), random)])
    found: list[float] = (drawn.std(axis=0, ddof=1) * scale).tolist()
    return found


def _resamples(ordered: FloatArray, random: np.random.Generator) -> Iterator[FloatArray]:
    """Resamples as sorted rows: ranks are drawn and sorted, which is quicker than sorting values."""
    n_at_once = max(1, AT_ONCE // ordered.size)
    for at in range(0, RESAMPLES, n_at_once):
        shape = (min(n_at_once, RESAMPLES - at), ordered.size)
        ranks = random.integers(0, ordered.size, shape, dtype=np.int32)
        ranks.sort(axis=1)
        yield ordered[ranks]


def _points(dz: FloatArray) -> FloatArray:
    """The metrics of ERROR_NAMES, as ``metrics_of_errors`` defines them, of each sorted row."""
    low, q25, median, q75, high = (
        quantile_of_rows(dz, part) for part in (CENTRAL_68[0], 0.25, 0.5, 0.75, CENTRAL_68[1])
    )
    deviations = np.abs(dz - median[:, None])
    deviations.sort(axis=1)
    nmad = NMAD_SCALE * quantile_of_rows(deviations, 0.5)
    outliers = np.count_nonzero(np.abs(dz) > OUTLIER_LIMIT, axis=1) / dz.shape[1]
    rms = np.sqrt(np.mean(dz * dz, axis=1))
    return np.stack([median, nmad, (high - low) / 2, (q75 - q25) / IQR_SCALE, rms, outliers], axis=1)


def quantile_of_rows(ordered: FloatArray, part: float) -> FloatArray:
    """Quantile of each sorted row, numpy "linear"."""
    place = part * (ordered.shape[1] - 1)
    low = int(place)
    high = min(low + 1, ordered.shape[1] - 1)
    found: FloatArray = ordered[:, low] + (ordered[:, high] - ordered[:, low]) * (place - low)
    return found
