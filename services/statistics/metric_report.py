"""Metrics of point estimates with errors and in bins of redshift and magnitude: exact, in memory that does not grow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from services.columns.sentinels import MAGNITUDE_RANGE, REDSHIFT_RANGE
from services.cuts.bound import Bound
from services.models.measures import MetricsBin, MetricsReport
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_table import CutTable
from services.statistics.error_groups import FloatArray, Grouped, Grouping, grouped_metrics
from services.statistics.measured import Measured

Z_WIDTH = 0.2
MAG_WIDTH = 0.5
"""Widths of the bins by redshift and by magnitude, as domain conventions have them."""
FEWEST_PAIRS = 30
"""Bins with fewer pairs say nothing and are left out."""
ALL_PAIRS = Grouping(0, np.array([-np.inf, np.inf]))


@dataclass(frozen=True, slots=True)
class MetricBins:
    """Bins of a report: widths in redshift and in magnitude, and the magnitude to bin by, if one is known."""

    z_width: float = Z_WIDTH
    mag_width: float = MAG_WIDTH
    magnitude: Measured | None = None


def metric_report(
    table: CanonicalTable, truth: Measured, estimate: Measured, cut: Bound | None, asked: MetricBins | None = None
) -> MetricsReport:
    """All metrics of ``estimate`` against ``truth`` over the rows that pass a cut; formulas in ``metrics``."""
    if cut is None:
        return _report(table, truth, estimate, asked or MetricBins(), 0)
    with CutTable.of(table, cut) as left:
        return _report(left, truth, estimate, asked or MetricBins(), table.n_rows - left.n_rows)


def _report(table: CanonicalTable, truth: Measured, estimate: Measured, asked: MetricBins, n_cut: int) -> MetricsReport:
    groupings = [ALL_PAIRS, *(in_bins(axis, REDSHIFT_RANGE, asked.z_width) for axis in (0, 1))]
    quantities: Sequence[Measured] = (truth, estimate)
    if asked.magnitude is not None:
        quantities = (truth, estimate, asked.magnitude)
        groupings.append(in_bins(2, MAGNITUDE_RANGE, asked.mag_width))
    found = grouped_metrics(table, quantities, groupings)
    bins = [bins_of(grouped, grouping) for grouped, grouping in zip(found, groupings, strict=True)]
    whole = found[0].groups.get(0)
    return MetricsReport(
        z_phot=estimate.column,
        z_spec=truth.column,
        n_cut=n_cut,
        n_dropped=table.n_rows - found[0].n_known,
        metrics=whole.metrics if whole else None,
        errors=whole.errors if whole else {},
        bins=bins[1],
        bins_by_z_phot=bins[2],
        bins_by_magnitude=bins[3] if asked.magnitude else (),
        magnitude=asked.magnitude.column if asked.magnitude else None,
    )


def edges_of_width(limits: tuple[float, float], width: float) -> FloatArray:
    """Multiples of the width, each the correctly rounded decimal, over all values that are valid."""
    step, (low, high) = Decimal(str(width)), limits
    return np.array([float(k * step) for k in range(math.floor(low / width), math.ceil(high / width) + 1)])


def in_bins(axis: int, limits: tuple[float, float], width: float) -> Grouping:
    """Bins of one of the quantities."""
    return Grouping(axis, edges_of_width(limits, width), fewest=FEWEST_PAIRS)


def bins_of(grouped: Grouped, grouping: Grouping) -> tuple[MetricsBin, ...]:
    """Groups as bins, lowest first."""
    edges = grouping.edges.tolist()
    return tuple(
        MetricsBin(edges[k], edges[k + 1], group.metrics, group.errors) for k, group in sorted(grouped.groups.items())
    )
