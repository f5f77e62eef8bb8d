"""Histograms over all rows: N(z), magnitudes per band, errors, odds, and any column on request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cuts.bound import Bound
from services.models.roles import RoleMap
from services.models.statistics import Histogram, HistogramSet, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import EVERY_ROW, n_cut, tallied
from services.statistics.edges import general_edges, magnitude_edges, multiples, redshift_edges
from services.statistics.kernels import histogram_1d_masked
from services.statistics.measured import Measured, any_redshift, magnitudes, measured_role
from services.statistics.poisson import poisson_errors
from services.statistics.quantiles import quantiles_of

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

FEWEST_ROWS = 30
"""Below this the values themselves are shown: a histogram of a handful misleads."""

ERROR_AXIS_FRACTION = 0.995
"""The axis of an error distribution ends here, since its tail is long; what lies beyond is counted as outside."""


def histogram(table: CanonicalTable, measured: Measured, edges: FloatArray, cut: Bound | None = None) -> Histogram:
    """Counts of one quantity over all rows that pass a cut.

    Parameters
    ----------
    edges : float64, shape (n_bins + 1,)
        Increasing; equally spaced edges are counted by the compiled loop, others by numpy.
    """

    def count(part: Part, chunk: tuple[NDArray[Any], ...], keep: Mask) -> None:
        part.add(chunk[0], measured, edges, keep)

    wanted = ((measured.column, measured.transform),)
    return merged(table, measured, edges, tallied(table, wanted, cut, lambda: Part.over(edges), count))


@dataclass(slots=True)
class Part:
    """Counts of some row groups: int64 per bin, missing values among the rows kept, rows cut away."""

    counts: NDArray[np.int64]
    missing: int = 0
    away: int = 0

    @classmethod
    def over(cls, edges: FloatArray) -> Part:
        """Nothing counted yet."""
        return cls(np.zeros(edges.size - 1, np.int64))

    def add(self, values: NDArray[Any], measured: Measured, edges: FloatArray, keep: Mask = EVERY_ROW) -> None:
        """Count one chunk; an empty mask keeps all rows."""
        self.missing += add_counts(values, measured, edges, self.counts, keep)
        self.away += n_cut(keep)


def merged(table: CanonicalTable, measured: Measured, edges: FloatArray, parts: Sequence[Part]) -> Histogram:
    """One histogram of all parts of a table."""
    counts = np.stack([part.counts for part in parts]).sum(axis=0)
    missing, away = sum(part.missing for part in parts), sum(part.away for part in parts)
    return finished(measured, edges, counts, Tally(table.n_rows, int(counts.sum()), missing, 0, away))


def finished(measured: Measured, edges: FloatArray, counts: NDArray[np.int64], tally: Tally) -> Histogram:
    """A histogram from its counts: rows beyond the edges follow from the other numbers of the tally."""
    outside = tally.n_total - tally.n_shown - tally.n_missing - tally.n_cut
    err_low, err_high = poisson_errors(counts)
    return Histogram(
        label=measured.label,
        column=measured.column,
        edges=edges,
        counts=counts,
        err_low=err_low,
        err_high=err_high,
        tally=Tally(tally.n_total, tally.n_shown, tally.n_missing, outside, tally.n_cut),
        unit=measured.unit,
        band=measured.band,
    )


def add_counts(
    values: NDArray[Any], measured: Measured, edges: FloatArray, counts: NDArray[np.int64], keep: Mask = EVERY_ROW
) -> int:
    """Add one chunk to the counts; gives the number of missing values among the rows kept (an empty mask: all)."""
    quantity, sentinels = measured.quantity, measured.sentinels(values.dtype)
    if not equally_spaced(edges):
        return _add_uneven(values[keep] if keep.size else values, measured, edges, counts)
    return int(histogram_1d_masked(values, keep, edges, quantity.low, quantity.high, sentinels, counts))


def equally_spaced(edges: FloatArray) -> bool:
    """Whether a multiplication finds the bin of a value to within one."""
    even = np.linspace(edges[0], edges[-1], edges.size)
    return bool(np.all(np.abs(edges - even) < 0.25 * (edges[-1] - edges[0]) / (edges.size - 1)))


def _add_uneven(values: NDArray[Any], measured: Measured, edges: FloatArray, counts: NDArray[np.int64]) -> int:
    wide = values.astype(np.float64)
    valid = (wide > measured.quantity.low) & (wide < measured.quantity.high)
    valid &= ~np.isin(wide, measured.sentinels(values.dtype))
    counts += np.histogram(wide[valid], edges)[0]
    return int(valid.size - np.count_nonzero(valid))


def with_rug(table: CanonicalTable, measured: Measured, found: Histogram) -> Histogram:
    """The same histogram, with the values themselves when there are fewer than 30."""
    if not 0 < found.tally.n_shown < FEWEST_ROWS:
        return found
    values = np.concatenate([chunk.astype(np.float64) for chunk in measured.chunks(table)])
    marks = np.concatenate([measured.sentinels(chunk.dtype) for chunk in measured.chunks(table)])
    quantity = measured.quantity
    valid = (values > quantity.low) & (values < quantity.high) & ~np.isin(values, marks)
    parts = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return Histogram(**{**parts, "rug": np.sort(values[valid])})


def _redshift_histogram(table: CanonicalTable, measured: Measured) -> Histogram:
    summary = measured.summary(table)
    edges = redshift_edges(summary) if summary.n_used else multiples(0.1, 0, 10)
    return with_rug(table, measured, histogram(table, measured, edges))


def n_z(table: CanonicalTable, roles: RoleMap) -> Histogram | None:
    """N(z) of the spectroscopic redshifts."""
    measured = measured_role(roles, "redshift")
    return _redshift_histogram(table, measured) if measured else None


def n_z_phot(table: CanonicalTable, roles: RoleMap) -> Histogram | None:
    """N(z) of the photometric redshifts."""
    measured = measured_role(roles, "z_phot")
    return _redshift_histogram(table, measured) if measured else None


def magnitude_histograms(table: CanonicalTable, roles: RoleMap) -> HistogramSet | None:
    """Magnitudes in every band on common edges; objects without a positive flux are missing."""
    bands = magnitudes(roles)
    summaries = [summary for band in bands if (summary := band.summary(table)).n_used]
    if not summaries:
        return None
    items = histograms_together(table, bands, magnitude_edges(summaries))
    return HistogramSet("Magnitude", items)


def histograms_together(
    table: CanonicalTable, quantities: Sequence[Measured], edges: FloatArray
) -> tuple[Histogram, ...]:
    """Histograms of several quantities on the same edges, one column after the other."""
    return tuple(histogram(table, measured, edges) for measured in quantities)


def z_error(table: CanonicalTable, roles: RoleMap) -> Histogram | None:
    """Distribution of the redshift errors, from 0 to the value that 99.5 % of them stay below."""
    name = "redshift_err" if roles.has("redshift_err") or not roles.has("z_phot_err") else "z_phot_err"
    measured = measured_role(roles, name)
    if measured is None or not measured.summary(table).n_used:
        return None
    (end,) = quantiles_of(lambda: measured.chunks(table), (ERROR_AXIS_FRACTION,), measured.quantity)
    edges = general_edges(measured.summary(table), 0.0, end)
    return with_rug(table, measured, histogram(table, measured, edges))


def odds(table: CanonicalTable, roles: RoleMap) -> Histogram | None:
    """Distribution of the odds in bins of 0.02; other quality numbers on edges of their own."""
    measured = measured_role(roles, "odds")
    if measured is None:
        return None
    return with_rug(table, measured, histogram(table, measured, multiples(0.02, 0, 50)))


def redshift_on(table: CanonicalTable, roles: RoleMap, edges: FloatArray) -> Histogram | None:
    """N(z) on given edges, for overlays and comparisons."""
    measured = any_redshift(roles)
    return histogram(table, measured, edges) if measured else None
