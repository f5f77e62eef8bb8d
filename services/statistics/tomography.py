"""Five tomographic bins with equal numbers of objects by z_phot, and the true redshifts in each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.models.binnings import EQUAL
from services.models.details import AnyStatistic
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.models.tomography import TomographicBin, Tomography
from services.statistics.canonical import CanonicalTable
from services.statistics.edges import FloatArray, redshift_edges
from services.statistics.measured import Measured, measured_role
from services.statistics.metrics import valid_or_nan
from services.statistics.splits import tomographic


class _Bins:
    """What has been met so far: counts on the redshift axis, number, sum and sum of squares of each bin."""

    def __init__(self, n_bins: int, z_edges: FloatArray) -> None:
        self.z_edges = z_edges
        self.counts = np.zeros((n_bins, z_edges.size - 1), np.int64)
        self.sums = np.zeros((3, n_bins))
        self.missing = 0

    def add(self, z_spec: FloatArray, z_phot: FloatArray, edges: FloatArray) -> None:
        both = ~np.isnan(z_spec) & ~np.isnan(z_phot)
        self.missing += int(both.size - np.count_nonzero(both))
        spec, phot = z_spec[both], z_phot[both]
        place = np.searchsorted(edges, phot, side="right") - 1
        inside = (place >= 0) & (place < self.counts.shape[0])
        for k in range(self.counts.shape[0]):
            mine = spec[inside & (place == k)]
            self.counts[k] += np.histogram(mine, self.z_edges)[0]
            self.sums[:, k] += mine.size, mine.sum(), mine @ mine


def tomography(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> Tomography | None:
    """Bins of all rows, also under a cut; None without a single pair of estimate and truth."""
    truth, estimate = measured_role(roles, "redshift"), measured_role(roles, "z_phot")
    if truth is None or estimate is None:
        return None
    if isinstance(whole, Tomography):
        edges = np.array([*(one.low for one in whole.bins), whole.bins[-1].high])
        found = _Bins(edges.size - 1, np.asarray(whole.edges, np.float64))
    elif truth.summary(table).n_used and estimate.summary(table).n_used:
        edges = tomographic(table, roles, EQUAL).edges
        found = _Bins(edges.size - 1, redshift_edges(truth.summary(table)))
    else:
        return None
    wanted = ((truth.column, truth.transform), (estimate.column, estimate.transform))
    for z_spec, z_phot in table.columns_chunks(wanted):
        found.add(valid_or_nan(z_spec, truth), valid_or_nan(z_phot, estimate), edges)
    return _assembled(table, truth, estimate, edges, found) if found.sums[0].any() else None


def _assembled(
    table: CanonicalTable, truth: Measured, estimate: Measured, edges: FloatArray, found: _Bins
) -> Tomography:
    n, totals, squares = found.sums
    means = np.divide(totals, n, out=np.full(n.size, np.nan), where=n > 0)
    spreads = np.sqrt(np.maximum(np.divide(squares, n, out=np.full(n.size, np.nan), where=n > 0) - means**2, 0))
    facts: Any = zip(edges[:-1].tolist(), edges[1:].tolist(), n.astype(int).tolist(), means, spreads, strict=True)
    bins = tuple(TomographicBin(low, high, count, float(mean), float(std)) for low, high, count, mean, std in facts)
    shown = int(n.sum())
    tally = Tally(table.n_rows, shown, found.missing, table.n_rows - shown - found.missing)
    return Tomography(truth.column, estimate.column, found.z_edges, bins, found.counts, overlaps(found.counts), tally)


def overlaps(counts: NDArray[np.int64]) -> FloatArray:
    """Area two normalised histograms on the same edges share, for each pair of rows; NaN where one is empty."""
    sums = counts.sum(axis=1, keepdims=True)
    parts = np.divide(counts, sums, out=np.full(counts.shape, np.nan), where=sums > 0)
    return np.minimum(parts[:, None, :], parts[None, :, :]).sum(axis=2)
