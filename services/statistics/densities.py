"""Counts over two quantities, up to 200 x 200 cells, over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cuts.bound import Bound
from services.models.roles import RoleMap
from services.models.statistics import Density, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import n_cut, tallied
from services.statistics.edges import map_edges
from services.statistics.histograms import Part
from services.statistics.kernels import histogram_2d
from services.statistics.measured import Measured, any_redshift, measured_role, reference_magnitude
from services.statistics.quantiles import Summary

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

SMALL_TABLE = 10_000
"""Up to this many rows a map spans all values; larger ones leave out the outermost thousandth."""


def density(
    table: CanonicalTable,
    x: Measured,
    y: Measured,
    edges: tuple[FloatArray, FloatArray],
    cut: Bound | None = None,
) -> Density:
    """Counts of two quantities over all rows that pass a cut; a row is missing when either value is.

    Parameters
    ----------
    edges : pair of float64 arrays
        Equally spaced edges of x and of y.
    """
    x_edges, y_edges = edges
    wanted = ((x.column, x.transform), (y.column, y.transform))

    def count(part: Part, chunk: tuple[NDArray[Any], ...], keep: Mask) -> None:
        xs, ys = chunk
        part.missing += histogram_2d(
            *(xs, ys, keep, x_edges, y_edges),
            *((x.quantity.low, x.quantity.high), (y.quantity.low, y.quantity.high)),
            *(x.sentinels(xs.dtype), y.sentinels(ys.dtype), part.counts),
        )
        part.away += n_cut(keep)

    def start() -> Part:
        return Part(np.zeros((y_edges.size - 1, x_edges.size - 1), np.int64))

    return _assembled(table.n_rows, x, y, edges, tallied(table, wanted, cut, start, count))


def _assembled(
    n_rows: int, x: Measured, y: Measured, edges: tuple[FloatArray, FloatArray], parts: Sequence[Part]
) -> Density:
    counts = np.stack([part.counts for part in parts]).sum(axis=0)
    missing, away, shown = sum(part.missing for part in parts), sum(part.away for part in parts), int(counts.sum())
    tally = Tally(n_rows, shown, missing, n_rows - shown - missing - away, away)
    return Density(
        x_label=x.label,
        y_label=y.label,
        x_column=x.column,
        y_column=y.column,
        x_edges=edges[0],
        y_edges=edges[1],
        counts=counts,
        tally=tally,
        x_unit=x.unit,
        y_unit=y.unit,
    )


def _span(summary: Summary) -> tuple[float, float]:
    return summary.bulk if summary.n_used > SMALL_TABLE else (summary.min, summary.max)


def redshift_axis(summary: Summary) -> FloatArray:
    """Edges of a redshift axis of a map: from 0, or below it where redshifts are negative."""
    low, high = _span(summary)
    return map_edges(min(0.0, low), max(high, 0.01))


def z_magnitude(table: CanonicalTable, roles: RoleMap) -> Density | None:
    """Redshift against magnitude: magnitude on x (fainter right), redshift on y."""
    redshift, magnitude = any_redshift(roles), reference_magnitude(roles)
    if redshift is None or magnitude is None:
        return None
    z_summary, mag_summary = redshift.summary(table), magnitude.summary(table)
    if not (z_summary.n_used and mag_summary.n_used):
        return None
    return density(table, magnitude, redshift, (map_edges(*_span(mag_summary)), redshift_axis(z_summary)))


def z_phot_z_spec(table: CanonicalTable, roles: RoleMap) -> Density | None:
    """Photometric against spectroscopic redshift on the same edges, so that the 1:1 line is the diagonal."""
    truth, estimate = measured_role(roles, "redshift"), measured_role(roles, "z_phot")
    if truth is None or estimate is None or truth.column == estimate.column:
        return None
    summaries = [summary for one in (truth, estimate) if (summary := one.summary(table)).n_used]
    if len(summaries) < 2:
        return None
    axes = [redshift_axis(summary) for summary in summaries]
    common = map_edges(min(axis[0] for axis in axes), max(_span(summary)[1] for summary in summaries))
    return density(table, truth, estimate, (common, common))
