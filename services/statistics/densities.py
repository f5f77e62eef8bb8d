"""Counts over two quantities, up to 200 x 200 cells, over all rows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from services.models.roles import RoleMap
from services.models.statistics import Density, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.edges import map_edges
from services.statistics.kernels import histogram_2d
from services.statistics.measured import Measured, any_redshift, measured_role, reference_magnitude
from services.statistics.quantiles import Summary

FloatArray = NDArray[np.float64]
Keep = NDArray[np.bool_]

EVERY_ROW = np.empty(0, np.bool_)

SMALL_TABLE = 10_000
"""Up to this many rows a map spans all values; larger ones leave out the outermost thousandth."""


def density(
    table: CanonicalTable,
    x: Measured,
    y: Measured,
    edges: tuple[FloatArray, FloatArray],
    keeps: Iterable[Keep] | None = None,
) -> Density:
    """Counts of two quantities over all rows; a row is missing when either value is.

    Parameters
    ----------
    edges : pair of float64 arrays
        Equally spaced edges of x and of y.
    keeps : iterable of bool arrays, optional
        Per row group, which rows the cut in force leaves.
    """
    x_edges, y_edges = edges
    counts = np.zeros((y_edges.size - 1, x_edges.size - 1), np.int64)
    missing = away = 0
    masks = None if keeps is None else iter(keeps)
    for xs, ys in table.columns_chunks(((x.column, x.transform), (y.column, y.transform))):
        keep = EVERY_ROW if masks is None else next(masks)
        missing += histogram_2d(
            *(xs, ys, keep, x_edges, y_edges),
            *((x.quantity.low, x.quantity.high), (y.quantity.low, y.quantity.high)),
            *(x.sentinels(xs.dtype), y.sentinels(ys.dtype), counts),
        )
        away += int(keep.size - np.count_nonzero(keep))
    shown = int(counts.sum())
    tally = Tally(table.n_rows, shown, missing, table.n_rows - shown - missing - away, away)
    return Density(
        x_label=x.label,
        y_label=y.label,
        x_column=x.column,
        y_column=y.column,
        x_edges=x_edges,
        y_edges=y_edges,
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
