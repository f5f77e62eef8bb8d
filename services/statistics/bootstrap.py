"""Errors of metrics by resampling the pairs, fixed seed (Efron 1979).

Pairs are known by their counts in fine cells. Few are resampled one by one. Of many, resamples are drawn by groups of
neighbouring cells: how often each of the groups comes is multinomial, which is normal where groups are large (weighted
bootstrap: Praestgaard & Wellner 1993). These resamples are made to have exactly the covariances of infinitely many, so
that their number adds no noise. Errors of means are those of infinitely many resamples, without drawing any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from services.statistics.binned import let_go
from services.statistics.error_cells import HIGH, LOW, MIDDLE, N_CELLS, cells_of
from services.statistics.metrics import CENTRAL_68, IQR_SCALE, NMAD_SCALE, OUTLIER_LIMIT
from services.statistics.resampling_kernel import grouped_places, resampled_places

FloatArray = NDArray[np.float64]

RESAMPLES = 200
RESAMPLES_OF_FEW = 1000
SEED = 20_260_101
FEW_PAIRS = 2_000
"""Pairs up to which each is drawn on its own; as that is quick, more often."""
GROUPS = 192
"""Groups of many pairs; fewer than resamples, else their covariances could not be exact."""
BOOTSTRAP_PAIRS = 20_000
"""Pairs resampled at most by ``resampled_errors``. Of more, a seeded sample is taken and its errors scaled by
sqrt(m / n): m out of n bootstrap (Bickel, Goetze & van Zwet 1997)."""
AT_ONCE = 2**18
"""Values drawn at once (2 MiB): several resamples of a small sample."""
ERROR_NAMES = ("bias", "sigma_nmad", "sigma_68", "sigma_iqr", "rms", "outlier_fraction")
_PARTS = np.array([CENTRAL_68[0], 0.25, 0.5, 0.75, CENTRAL_68[1]])


def bootstrap_errors(values: FloatArray) -> Mapping[str, float]:
    """Standard deviation of each metric of ERROR_NAMES over resamples of the pairs."""
    counts, n_beyond = np.zeros(N_CELLS, np.int64), 0
    for at in range(0, values.size, AT_ONCE):
        some = np.asarray(values[at : at + AT_ONCE])
        cells = np.empty(some.size, np.int32)
        cells_of(some, cells)
        counts += np.bincount(cells, minlength=N_CELLS)
        n_beyond += int(np.count_nonzero(np.abs(some) > OUTLIER_LIMIT))
        let_go(values)
    return errors_of_counts(counts, n_beyond)


def errors_of_counts(counts: NDArray[np.int64], n_beyond: int) -> Mapping[str, float]:
    """The same of pairs that are counted in the cells of ``error_cells``, with the number of outliers among them."""
    low, q25, median, q75, high, deviation = _places(counts).T
    widths = (median, NMAD_SCALE * deviation, (high - low) / 2, (q75 - q25) / IQR_SCALE)
    errors = (*(values.std(ddof=1) for values in widths), *_errors_of_means(counts, n_beyond))
    return {name: float(error) for name, error in zip(ERROR_NAMES, errors, strict=True)}


def _places(counts: NDArray[np.int64]) -> FloatArray:
    """Quantiles at _PARTS and the median deviation, a row for each resample."""
    if counts.sum() <= FEW_PAIRS:
        found = np.empty((RESAMPLES_OF_FEW, _PARTS.size + 1))
        resampled_places(np.repeat(MIDDLE, counts), SEED, _PARTS, found)
        return found
    found = np.empty((RESAMPLES, _PARTS.size + 1))
    ends, sizes = _grouped(counts)
    grouped_places(ends, _drawn(sizes), _PARTS, found)
    return found


def _errors_of_means(counts: NDArray[np.int64], n_beyond: int) -> tuple[float, float]:
    """Of the root of the mean square, by its slope, and of the share of outliers: both are means over pairs."""
    n, squares = counts.sum(), MIDDLE**2
    mean_square, share = counts @ squares / n, n_beyond / n
    spread = max(counts @ squares**2 / n - mean_square**2, 0.0)
    rms = np.sqrt(spread / n) / (2 * np.sqrt(mean_square)) if mean_square else 0.0
    return rms, np.sqrt(share * (1 - share) / n)


def _grouped(counts: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    """Ends and sizes of groups of neighbouring cells, as equal as cells can make them."""
    filled = np.flatnonzero(counts)
    sizes = counts[filled].astype(np.float64)
    below = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    _, first = np.unique((GROUPS * below).astype(np.int64), return_index=True)
    most = HIGH[-2]
    ends = np.append(LOW[filled[first]], HIGH[filled[-1]]).clip(-most, most)
    return ends, np.add.reduceat(sizes, first)


def _drawn(sizes: FloatArray) -> FloatArray:
    """How often each group comes in each resample."""
    moved = _deviates()[:, : sizes.size] * np.sqrt(sizes)
    drawn: FloatArray = sizes + moved - moved.sum(axis=1, keepdims=True) * (sizes / sizes.sum())
    return drawn


@cache
def _deviates() -> FloatArray:
    """Normal deviates, a row for each resample; over the resamples columns have mean 0, variance 1, no covariance."""
    drawn = np.random.default_rng(SEED).standard_normal((RESAMPLES, GROUPS))
    basis, _ = np.linalg.qr(drawn - drawn.mean(axis=0))
    deviates: FloatArray = basis * np.sqrt(RESAMPLES - 1)
    return deviates


def resampled_errors(
    values: FloatArray, points: Callable[[FloatArray], FloatArray], most_pairs: int = BOOTSTRAP_PAIRS
) -> list[float]:
    """Standard deviations over 200 resamples of any numbers that ``points`` gives (m, k) of m sorted resamples."""
    random = np.random.default_rng(SEED)
    sample, scale = values, 1.0
    if values.size > most_pairs:
        sample = values[np.sort(random.choice(values.size, most_pairs, replace=False, shuffle=False))]
        let_go(values)
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


def quantile_of_rows(ordered: FloatArray, part: float) -> FloatArray:
    """Quantile of each sorted row, numpy "linear"."""
    place = part * (ordered.shape[1] - 1)
    low = int(place)
    high = min(low + 1, ordered.shape[1] - 1)
    found: FloatArray = ordered[:, low] + (ordered[:, high] - ordered[:, low]) * (place - low)
    return found
