"""How far two samples are apart: exact over all their values, which are sorted outside of memory when they are many."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from services.models.comparison import Sample, TwoSample
from services.statistics.binned import room
from services.statistics.canonical import CanonicalTable
from services.statistics.kernels import compiled
from services.statistics.measured import Measured
from services.statistics.metrics import valid_or_nan

DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        "ks": "Kolmogorov-Smirnov distance D: the largest difference of the two cumulative distributions, over all "
        "values and without bins. 0 for equal samples, 1 for samples that do not overlap.",
        "ks_p": "Probability of a distance of D or more between two samples of one population, by the limit for large "
        "samples (Smirnov 1948): 2 Σ (-1)^(k-1) exp(-2 k² λ²) with λ = D √(n₁ n₂ / (n₁ + n₂)). Large samples find "
        "the smallest difference: look at D itself too.",
        "wasserstein": "Wasserstein-1 distance: the area between the two cumulative distributions, over all values and "
        "without bins; how far the values must be moved on average, in the unit of the quantity.",
        "kl": "Kullback-Leibler divergence Σ p ln(p / q) in nats (natural logarithm) of this product (p) from the "
        "first one (q), on the bins shown. Half an object is added to each bin in which either has one, so that a bin "
        "that only one of them fills does not make it infinite; bins that both leave empty are left out. It depends "
        "on the bin width.",
        "median_difference": "Median of this product less that of the first one.",
        "mean_difference": "Mean of this product less that of the first one; its error is √(s₁²/n₁ + s₂²/n₂).",
    }
)
"""What each number is, in words for the page and the API."""

PRIOR = 0.5
"""Added to each bin of a divergence (Krichevsky & Trofimov 1981)."""
SWITCH = 1.18
"""Below this the sum over k converges slowly, and its theta transform at once (Marsaglia et al. 2003)."""
TERMS = 20


def sorted_values(table: CanonicalTable, measured: Measured, spool: IO[bytes], *, single: bool) -> NDArray[Any]:
    """All values that count, ascending; in ``spool``, an open temporary file, when they are many.

    Parameters
    ----------
    single : bool
        Give float32 in place of float64, so that numbers of a float32 column tie with those of a float64 one.
    """
    n_rows = max(table.n_rows, 2)
    values = room((n_rows + 1) // 2, spool).view(np.float32) if single else room(n_rows, spool)
    n = 0
    for chunk in measured.chunks(table):
        valid = valid_or_nan(chunk, measured)
        valid = valid[~np.isnan(valid)]
        values[n : n + valid.size] = valid
        n += valid.size
    found = values[:n]
    found.sort()
    return found


def sample_of(values: NDArray[Any]) -> Sample:
    """Sorted values in numbers."""
    n = values.size
    if n == 0:
        return Sample(0, *(math.nan,) * 5)
    median = (float(values[(n - 1) // 2]) + float(values[n // 2])) / 2
    mean = float(np.mean(values, dtype=np.float64))
    return Sample(n, mean, _deviation(values, mean), median, float(values[0]), float(values[-1]))


def _deviation(values: NDArray[Any], mean: float) -> float:
    """Standard deviation about the mean (ddof 0), a stretch at a time."""
    pieces = (values[at : at + 2**18].astype(np.float64) for at in range(0, values.size, 2**18))
    return math.sqrt(math.fsum(float(np.square(piece - mean).sum()) for piece in pieces) / values.size)


@compiled
def _walk(first: NDArray[Any], second: NDArray[Any]) -> tuple[float, float]:
    """Largest difference of two cumulative distributions and the area between them; both sorted, none empty."""
    i, j, largest, area, gap = 0, 0, 0.0, 0.0, 0.0
    before = np.float64(min(first[0], second[0]))
    while i < first.size or j < second.size:
        is_first = j == second.size or (i < first.size and first[i] <= second[j])
        here = np.float64(first[i] if is_first else second[j])
        area += gap * (here - before)
        while i < first.size and first[i] == here:
            i += 1
        while j < second.size and second[j] == here:
            j += 1
        gap = abs(i / first.size - j / second.size)
        largest = max(largest, gap)
        before = here
    return largest, area


def ks_and_wasserstein(first: NDArray[Any], second: NDArray[Any]) -> tuple[float, float]:
    """Both distances of two sorted samples; NaN when one of them is empty."""
    if not (first.size and second.size):
        return math.nan, math.nan
    ks, area = _walk(np.asarray(first), np.asarray(second))
    return float(ks), float(area)


def warm_walk() -> None:
    """Compile the walk, or load it from disk, for both precisions."""
    for kind in (np.float32, np.float64):
        _walk(np.ones(2, kind), np.ones(2, kind))


def kolmogorov_tail(x: float) -> float:
    """Probability that the limiting distribution of Kolmogorov exceeds x."""
    if math.isnan(x) or x <= 0:
        return x if math.isnan(x) else 1.0
    if x < SWITCH:
        terms = (math.exp(-(((2 * k - 1) * math.pi) ** 2) / (8 * x * x)) for k in range(1, TERMS))
        return 1 - math.sqrt(2 * math.pi) / x * sum(terms)
    return max(0.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, TERMS)))


def kl_divergence(p_counts: NDArray[Any], q_counts: NDArray[Any]) -> float:
    """Divergence of p from q in nats, see DEFINITIONS; NaN when one of them has no count."""
    filled = (p_counts > 0) | (q_counts > 0)
    if not (p_counts.any() and q_counts.any()):
        return math.nan
    p, q = (counts[filled].astype(np.float64) + PRIOR for counts in (p_counts, q_counts))
    p, q = p / p.sum(), q / q.sum()
    return max(0.0, float(np.sum(p * np.log(p / q))))


def two_sample(first: Sample, second: Sample, distances: tuple[float, float], kl: float) -> TwoSample:
    """The second sample against the first."""
    ks, area = distances
    n_pairs = first.n * second.n / max(first.n + second.n, 1)
    is_known = bool(first.n and second.n)
    error = math.sqrt(first.std**2 / first.n + second.std**2 / second.n) if is_known else math.nan
    return TwoSample(
        ks=ks,
        ks_p=kolmogorov_tail(ks * math.sqrt(n_pairs)),
        wasserstein=area,
        kl=kl,
        median_difference=second.median - first.median,
        mean_difference=second.mean - first.mean,
        mean_difference_err=error,
    )
