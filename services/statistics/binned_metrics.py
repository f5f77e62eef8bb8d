"""Metrics in bins of z_spec, of z_phot and of magnitude, each on its own: regression dilution makes them disagree."""

from __future__ import annotations

from services.columns.sentinels import MAGNITUDE_RANGE, REDSHIFT_RANGE
from services.models.details import AnyStatistic
from services.models.measures import MetricsBin
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.models.validation import BinnedMetrics
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import Measured, measured_role, reference_magnitude
from services.statistics.metric_report import MAG_WIDTH, Z_WIDTH, BinnedPairs, bins_by, edges_of_width

Pair = tuple[Measured, Measured]
"""Truth and estimate."""


def truth_and_estimate(roles: RoleMap) -> Pair | None:
    """Columns of true redshifts and of estimates; None when one is not known or both are the same."""
    truth, estimate = measured_role(roles, "redshift"), measured_role(roles, "z_phot")
    if truth is None or estimate is None or truth.column == estimate.column:
        return None
    return truth, estimate


def metrics_by_z_spec(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None) -> BinnedMetrics | None:
    """Metrics in bins of the true redshift."""
    pair = truth_and_estimate(roles)
    return None if pair is None else _metrics_by(table, pair, pair[0], Z_WIDTH, whole)


def metrics_by_z_phot(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None) -> BinnedMetrics | None:
    """Metrics in bins of the estimate."""
    pair = truth_and_estimate(roles)
    return None if pair is None else _metrics_by(table, pair, pair[1], Z_WIDTH, whole)


def metrics_by_magnitude(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None) -> BinnedMetrics | None:
    """Metrics in bins of the magnitude objects are known by."""
    pair, magnitude = truth_and_estimate(roles), reference_magnitude(roles)
    return None if pair is None or magnitude is None else _metrics_by(table, pair, magnitude, MAG_WIDTH, whole)


def _metrics_by(
    table: CanonicalTable, pair: Pair, quantity: Measured, width: float, whole: AnyStatistic | None
) -> BinnedMetrics | None:
    """Metrics in bins of one quantity; None where no pair is left."""
    limits = MAGNITUDE_RANGE if quantity not in pair else REDSHIFT_RANGE
    quantities = tuple(dict.fromkeys((*pair, quantity)))
    pairs = BinnedPairs(table, quantities, None, quantities.index(quantity), edges_of_width(limits, width))
    bins = bins_by(pairs)
    if not pairs.n_binned:
        return None
    shown = sum(one.metrics.n for one in bins)
    low, high = (whole.low, whole.high) if isinstance(whole, BinnedMetrics) else _ends(bins)
    return BinnedMetrics(
        label=quantity.label,
        column=quantity.column,
        unit=quantity.unit,
        z_phot=pair[1].column,
        z_spec=pair[0].column,
        bins=bins,
        low=low,
        high=high,
        tally=Tally(table.n_rows, shown, table.n_rows - pairs.n_binned, pairs.n_binned - shown),
    )


def _ends(bins: tuple[MetricsBin, ...]) -> tuple[float, float]:
    return (bins[0].low, bins[-1].high) if bins else (0.0, 0.0)
