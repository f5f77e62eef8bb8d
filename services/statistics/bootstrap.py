"""Errors of metrics by resampling the pairs, fixed seed (Efron 1979).

Few pairs are resampled one by one. Many are known by their counts in fine cells, and resamples are drawn by groups of
neighbouring cells, inside which all come equally often: how often each of the groups comes is multinomial, which is
normal where groups are large (weighted bootstrap: Praestgaard & Wellner 1993). These resamples are made to have exactly
the covariances of infinitely many, so that their number adds no noise. Errors of means are those of infinitely many
resamples, without drawing any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
RESAMPLES_OF_JUMPS = 4000
MOST_DRAWN = 1000
"""Cells up to which each is drawn on its own where quantiles jump."""
FEWEST_CELLS = 8
"""Cells between the quarters of pairs from which their counts say enough."""
SHORTEST_RUN = 4
"""Filled cells next to each other from which values are taken to be spread over them."""
FEW_ALONE = 0.05
"""Share of pairs in cells with fewer neighbours beyond which values are discrete: their quantiles jump, which takes
more resamples, and counts drawn as they are instead of normal deviates."""
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
    if values.size <= FEW_PAIRS:
        squares, n_beyond = np.square(values), int(np.count_nonzero(np.abs(values) > OUTLIER_LIMIT))
        means = _errors_of_means(values.size, (squares.sum(), np.square(squares).sum()), n_beyond)
        return _named(_places_of_few(np.sort(values)), means)
    some = np.sort(values[:: values.size // FEW_PAIRS])
    counts, sums, n_beyond = np.zeros(N_CELLS, np.int64), np.zeros(2), 0
    for at in range(0, values.size, AT_ONCE):
        n_beyond += _count(np.asarray(values[at : at + AT_ONCE]), some[some.size // 2], counts, sums)
        let_go(values)
    return _named(_places_of_many(counts), _errors_of_means(values.size, sums, n_beyond))


def _count(values: FloatArray, centre: float, counts: NDArray[np.int64], sums: FloatArray) -> int:
    """Add values by cell of their distance from a centre, near which cells are finest, and their squares and fourth
    powers; gives how many are outliers."""
    cells = np.empty(values.size, np.int32)
    cells_of(values - centre, cells)
    counts += np.bincount(cells, minlength=N_CELLS)
    squares = np.square(values)
    sums += squares.sum(), squares @ squares
    return int(np.count_nonzero(np.abs(values) > OUTLIER_LIMIT))


def errors_of_counts(counts: NDArray[np.int64], n_beyond: int) -> Mapping[str, float]:
    """The same of many pairs that are counted in the cells of ``error_cells``, with the number of outliers among them.

    Only for pairs whose quarters are some cells apart, see ``is_coarse``.
    """
    squares = MIDDLE**2
    means = _errors_of_means(int(counts.sum()), (counts @ squares, counts @ squares**2), n_beyond)
    return _named(_places_of_many(counts), means)


def is_coarse(counts: NDArray[np.uint32]) -> bool:
    """Whether counts in cells are too coarse or too few for errors, so that these need the values."""
    below = np.cumsum(counts, dtype=np.int64)
    first, last = np.searchsorted(below, (below[-1] * 0.25, below[-1] * 0.75))
    return bool(below[-1] <= FEW_PAIRS or last - first < FEWEST_CELLS)


def _named(places: FloatArray, means: tuple[float, float]) -> Mapping[str, float]:
    low, q25, median, q75, high, deviation = places.T
    widths = (median, NMAD_SCALE * deviation, (high - low) / 2, (q75 - q25) / IQR_SCALE)
    errors = (*(values.std(ddof=1) for values in widths), *means)
    return {name: float(error) for name, error in zip(ERROR_NAMES, errors, strict=True)}


def _places_of_few(ordered: FloatArray) -> FloatArray:
    """Quantiles at _PARTS and the median deviation, a row for each resample of sorted values."""
    found = np.empty((RESAMPLES_OF_FEW, _PARTS.size + 1))
    resampled_places(ordered, SEED, _PARTS, found)
    return found


def _places_of_many(counts: NDArray[np.int64]) -> FloatArray:
    """The same of counts in cells: cells with few neighbours are one value each, all others are filled evenly."""
    filled = np.flatnonzero(counts)
    sizes = counts[filled].astype(np.float64)
    runs = np.cumsum(np.diff(filled, prepend=0) > 1)
    alone = np.bincount(runs)[runs] < SHORTEST_RUN
    most = HIGH[-2]
    low, high = (np.where(alone, MIDDLE[filled], ends[filled].clip(-most, most)) for ends in (LOW, HIGH))
    jumps = sizes[alone].sum() >= FEW_ALONE * sizes.sum()
    groups = np.arange(filled.size) if jumps and filled.size <= MOST_DRAWN else _groups(sizes)
    totals: FloatArray = np.bincount(groups, sizes).astype(np.float64)
    drawn = _drawn_one_by_one(totals) if jumps else _drawn(totals)
    found = np.empty((drawn.shape[0], _PARTS.size + 1))
    shares = sizes / totals[groups]
    grouped_places(np.column_stack([low, high]).ravel(), shares, groups, drawn, _PARTS, found)
    return found


def _errors_of_means(n: int, sums: Sequence[float] | FloatArray, n_beyond: int) -> tuple[float, float]:
    """Of the root of the mean square, by its slope, and of the share of outliers: both are means over pairs."""
    mean_square, mean_fourth, share = sums[0] / n, sums[1] / n, n_beyond / n
    spread = max(mean_fourth - mean_square**2, 0.0)
    rms = np.sqrt(spread / n) / (2 * np.sqrt(mean_square)) if mean_square else 0.0
    return rms, np.sqrt(share * (1 - share) / n)


def _groups(sizes: FloatArray) -> NDArray[np.int64]:
    """Group of each filled cell: neighbours together, as equal as cells can make them."""
    below = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    _, groups = np.unique((GROUPS * below).astype(np.int64), return_inverse=True)
    return groups


def _drawn(sizes: FloatArray) -> FloatArray:
    """How often each group comes in each resample."""
    moved = _deviates()[:, : sizes.size] * np.sqrt(sizes)
    drawn: FloatArray = sizes + moved - moved.sum(axis=1, keepdims=True) * (sizes / sizes.sum())
    return drawn


def _drawn_one_by_one(sizes: FloatArray) -> FloatArray:
    """The same without the normal limit, which is not exact enough where quantiles jump between small groups."""
    n = sizes.sum()
    drawn = np.random.default_rng(SEED).multinomial(int(n), sizes / n, RESAMPLES_OF_JUMPS)
    return drawn.astype(np.float64)


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
