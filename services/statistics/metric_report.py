"""Metrics of point estimates with errors and in bins of redshift and magnitude: exact, in memory that does not grow."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from services.columns.sentinels import MAGNITUDE_RANGE, REDSHIFT_RANGE
from services.cuts.bound import Bound
from services.models.measures import MetricsBin, MetricsReport
from services.statistics.binned import Binned, FloatArray, IntArray, bin_numbers, laid_out, stretches
from services.statistics.bootstrap import bootstrap_errors
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import n_cut, walked
from services.statistics.measured import Measured
from services.statistics.metrics import metrics_of_errors, valid_or_nan

Z_WIDTH = 0.2
MAG_WIDTH = 0.5
"""Widths of the bins by redshift and by magnitude, as domain conventions have them."""
FEWEST_PAIRS = 30
"""Bins with fewer pairs say nothing and are left out."""
BIN_PAIRS = 2_000
"""Pairs of a bin that are resampled for its errors, see ``BOOTSTRAP_PAIRS``."""


@dataclass(frozen=True, slots=True)
class MetricBins:
    """Bins of a report: widths in redshift and in magnitude, and the magnitude to bin by, if one is known."""

    z_width: float = Z_WIDTH
    mag_width: float = MAG_WIDTH
    magnitude: Measured | None = None


@dataclass(slots=True)
class BinnedPairs:
    """Walks over dz of all pairs and the bins of one of the quantities they come with; tells who was left out."""

    table: CanonicalTable
    quantities: Sequence[Measured]
    """Truth, estimate, and perhaps a third to bin by."""
    cut: Bound | None
    axis: int
    """Which of the quantities the bins are of."""
    edges: FloatArray
    n_dropped: int = 0
    n_cut: int = 0
    n_binned: int = 0
    """Pairs that lie in a bin."""

    def __call__(self) -> Iterator[tuple[FloatArray, IntArray]]:
        self.n_dropped = self.n_cut = self.n_binned = 0
        wanted = tuple((measured.column, measured.transform) for measured in self.quantities)
        for numbers, keep in walked(self.table, wanted, self.cut):
            valid = [valid_or_nan(n, measured) for n, measured in zip(numbers, self.quantities, strict=True)]
            spec, phot = valid[:2]
            kept = keep if keep.size else np.ones(spec.size, np.bool_)
            good = kept & ~np.isnan(spec) & ~np.isnan(phot)
            self.n_dropped += int(np.count_nonzero(kept) - np.count_nonzero(good))
            self.n_cut += n_cut(keep)
            spec, phot = spec[good], phot[good]
            bins = bin_numbers(valid[self.axis][good], self.edges)
            self.n_binned += int(np.count_nonzero(bins >= 0))
            yield (phot - spec) / (1 + spec), bins


def metric_report(
    table: CanonicalTable, truth: Measured, estimate: Measured, cut: Bound | None, asked: MetricBins | None = None
) -> MetricsReport:
    """All metrics of ``estimate`` against ``truth`` over the rows that pass a cut; formulas in ``metrics``."""
    asked = asked or MetricBins()
    z_edges = edges_of_width(REDSHIFT_RANGE, asked.z_width)
    pairs = BinnedPairs(table, (truth, estimate), cut, 0, z_edges)
    with tempfile.TemporaryFile() as spool:
        binned = laid_out(pairs, z_edges.size - 1, spool)
        whole = metrics_of_errors(stretches(binned.values))
        return MetricsReport(
            z_phot=estimate.column,
            z_spec=truth.column,
            n_cut=pairs.n_cut,
            n_dropped=pairs.n_dropped,
            metrics=whole,
            errors=bootstrap_errors(binned.values) if whole else {},
            bins=tuple(_bins(binned, z_edges)),
            bins_by_z_phot=bins_by(BinnedPairs(table, (truth, estimate), cut, 1, z_edges)),
            bins_by_magnitude=_by_magnitude(table, truth, estimate, cut, asked),
            magnitude=asked.magnitude.column if asked.magnitude else None,
        )


def _by_magnitude(
    table: CanonicalTable, truth: Measured, estimate: Measured, cut: Bound | None, asked: MetricBins
) -> tuple[MetricsBin, ...]:
    if asked.magnitude is None:
        return ()
    edges = edges_of_width(MAGNITUDE_RANGE, asked.mag_width)
    return bins_by(BinnedPairs(table, (truth, estimate, asked.magnitude), cut, 2, edges))


def edges_of_width(limits: tuple[float, float], width: float) -> FloatArray:
    """Multiples of the width, each the correctly rounded decimal, over all values that are valid."""
    step, (low, high) = Decimal(str(width)), limits
    return np.array([float(k * step) for k in range(math.floor(low / width), math.ceil(high / width) + 1)])


def bins_by(pairs: BinnedPairs) -> tuple[MetricsBin, ...]:
    """Metrics of the bins that hold enough pairs, lowest first."""
    with tempfile.TemporaryFile() as spool:
        return tuple(_bins(laid_out(pairs, pairs.edges.size - 1, spool), pairs.edges))


def _bins(binned: Binned, edges: FloatArray) -> Iterator[MetricsBin]:
    for k in binned.filled(FEWEST_PAIRS):
        found = metrics_of_errors(binned.walk(k))
        assert found is not None
        errors = bootstrap_errors(binned.of(k), BIN_PAIRS)
        yield MetricsBin(float(edges[k]), float(edges[k + 1]), found, errors)
