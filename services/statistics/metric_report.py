"""Metrics of point estimates with errors and in bins of the true redshift: exact, in memory that does not grow.

The scaled errors dz of all pairs are laid out bin after bin, in memory while they are few and in a temporary file
beyond, so that each bin is one stretch that can be walked over as often as its quantiles need.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cuts.bound import Bound
from services.models.measures import MetricsBin, MetricsReport
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import n_cut, walked
from services.statistics.edges import multiples
from services.statistics.measured import Measured
from services.statistics.metrics import (
    CENTRAL_68,
    IQR_SCALE,
    NMAD_SCALE,
    OUTLIER_LIMIT,
    metrics_of_errors,
    valid_or_nan,
)

FloatArray = NDArray[np.float64]

Z_BINS = multiples(0.2, -1, 60)
"""Bins of z_spec, 0.2 wide, over all valid redshifts."""
FEWEST_PAIRS = 30
"""Bins with fewer pairs say nothing and are left out."""
RESAMPLES = 200
SEED = 20_260_101
BOOTSTRAP_PAIRS = 20_000
"""Pairs resampled at most. Of more, a seeded sample is taken and its errors scaled by sqrt(m / n): m out of n bootstrap
(Bickel, Goetze & van Zwet 1997)."""
IN_MEMORY = 2**21
"""Pairs kept in memory (16 MiB); more go to a temporary file."""
STRETCH = 2**18
ERROR_NAMES = ("bias", "sigma_nmad", "sigma_68", "sigma_iqr", "rms", "outlier_fraction")


@dataclass(frozen=True, slots=True)
class _Pairs:
    """dz of all pairs by bin: that of bin k is ``values[starts[k]:starts[k + 1]]``."""

    values: FloatArray
    starts: NDArray[np.int64]
    n_dropped: int
    n_cut: int

    def walk(self, start: int, stop: int) -> Callable[[], Iterator[FloatArray]]:
        return lambda: (self.values[at : min(at + STRETCH, stop)] for at in range(start, stop, STRETCH))


def metric_report(table: CanonicalTable, truth: Measured, estimate: Measured, cut: Bound | None) -> MetricsReport:
    """All metrics of ``estimate`` against ``truth`` over the rows that pass a cut; formulas in ``metrics``."""
    with tempfile.TemporaryFile() as spool:
        pairs = _laid_out(table, truth, estimate, cut, spool)
        whole = metrics_of_errors(pairs.walk(0, pairs.values.size))
        return MetricsReport(
            z_phot=estimate.column,
            z_spec=truth.column,
            n_cut=pairs.n_cut,
            n_dropped=pairs.n_dropped,
            metrics=whole,
            errors=bootstrap_errors(pairs.values) if whole else {},
            bins=tuple(_bins(pairs)),
        )


def _chunks(
    table: CanonicalTable, truth: Measured, estimate: Measured, cut: Bound | None
) -> Iterator[tuple[FloatArray, NDArray[np.int64], int, int]]:
    """Per row group: dz of its pairs, their bins, how many rows were dropped, how many cut away."""
    wanted = ((truth.column, truth.transform), (estimate.column, estimate.transform))
    for (z_spec, z_phot), keep in walked(table, wanted, cut):
        spec, phot = valid_or_nan(z_spec, truth), valid_or_nan(z_phot, estimate)
        kept = keep if keep.size else np.ones(spec.size, np.bool_)
        good = kept & ~np.isnan(spec) & ~np.isnan(phot)
        spec, phot = spec[good], phot[good]
        bins = np.searchsorted(Z_BINS, spec, side="right") - 1
        yield (phot - spec) / (1 + spec), bins, int(np.count_nonzero(kept)) - spec.size, n_cut(keep)


def _laid_out(table: CanonicalTable, truth: Measured, estimate: Measured, cut: Bound | None, spool: Any) -> _Pairs:
    counts, dropped, away = np.zeros(Z_BINS.size, np.int64), 0, 0
    for _, bins, n_dropped, n_away in _chunks(table, truth, estimate, cut):
        counts += np.bincount(bins, minlength=Z_BINS.size)
        dropped, away = dropped + n_dropped, away + n_away
    starts = np.concatenate([[0], np.cumsum(counts)])
    values: FloatArray = np.empty(0)
    if starts[-1] > IN_MEMORY:
        values = np.memmap(spool, np.float64, "w+", shape=(int(starts[-1]),))
    elif starts[-1]:
        values = np.empty(int(starts[-1]))
    free = starts[:-1].copy()
    for dz, bins, _, _ in _chunks(table, truth, estimate, cut):
        ordered = dz[np.argsort(bins, kind="stable")]
        found = np.bincount(bins, minlength=Z_BINS.size)
        ends = np.cumsum(found)
        for k in np.flatnonzero(found):
            values[free[k] : free[k] + found[k]] = ordered[ends[k] - found[k] : ends[k]]
        free += found
    return _Pairs(values, starts, dropped, away)


def _bins(pairs: _Pairs) -> Iterator[MetricsBin]:
    for k in range(Z_BINS.size - 1):
        start, stop = int(pairs.starts[k]), int(pairs.starts[k + 1])
        if stop - start >= FEWEST_PAIRS:
            found = metrics_of_errors(pairs.walk(start, stop))
            assert found is not None
            yield MetricsBin(float(Z_BINS[k]), float(Z_BINS[k + 1]), found)


def bootstrap_errors(values: FloatArray) -> Mapping[str, float]:
    """Standard deviation of each metric over 200 resamples of the pairs, fixed seed (Efron 1979)."""
    random = np.random.default_rng(SEED)
    sample, scale = values, 1.0
    if values.size > BOOTSTRAP_PAIRS:
        sample = values[np.sort(random.choice(values.size, BOOTSTRAP_PAIRS, replace=False, shuffle=False))]
        scale = float(np.sqrt(BOOTSTRAP_PAIRS / values.size))
    sample = np.asarray(sample)
    drawn = np.stack([_point(sample[random.integers(0, sample.size, sample.size)]) for _ in range(RESAMPLES)])
    return dict(zip(ERROR_NAMES, (drawn.std(axis=0, ddof=1) * scale).tolist(), strict=True))


def _point(dz: FloatArray) -> FloatArray:
    """The metrics of ERROR_NAMES, as ``metrics_of_errors`` defines them, of a few values in memory."""
    low, q25, median, q75, high = np.quantile(dz, (CENTRAL_68[0], 0.25, 0.5, 0.75, CENTRAL_68[1]))
    nmad = NMAD_SCALE * np.median(np.abs(dz - median))
    outliers = np.count_nonzero(np.abs(dz) > OUTLIER_LIMIT) / dz.size
    rms = np.sqrt(np.mean(dz * dz))
    return np.array([median, nmad, (high - low) / 2, (q75 - q25) / IQR_SCALE, rms, outliers])
