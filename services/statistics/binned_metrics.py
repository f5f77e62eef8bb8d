"""Metrics in bins of z_spec, of z_phot and of magnitude, each on its own: regression dilution makes them disagree."""

from __future__ import annotations

from collections.abc import Mapping

from services.columns.sentinels import MAGNITUDE_RANGE, REDSHIFT_RANGE
from services.models.details import AnyStatistic
from services.models.measures import MetricsBin
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.models.validation import BinnedMetrics
from services.statistics.canonical import CanonicalTable
from services.statistics.error_groups import Grouping, grouped_metrics
from services.statistics.measured import Measured, measured_role, reference_magnitude
from services.statistics.metric_report import MAG_WIDTH, Z_WIDTH, bins_of, in_bins

Pair = tuple[Measured, Measured]
"""Truth and estimate."""

BY_Z_SPEC, BY_Z_PHOT, BY_MAGNITUDE = "metrics_by_z_spec", "metrics_by_z_phot", "metrics_by_magnitude"


def truth_and_estimate(roles: RoleMap) -> Pair | None:
    """Columns of true redshifts and of estimates; None when one is not known or both are the same."""
    truth, estimate = measured_role(roles, "redshift"), measured_role(roles, "z_phot")
    if truth is None or estimate is None or truth.column == estimate.column:
        return None
    return truth, estimate


def metrics_in_bins(
    table: CanonicalTable, roles: RoleMap, wholes: Mapping[str, AnyStatistic | None]
) -> Mapping[str, BinnedMetrics | None]:
    """The metrics in bins of everything the roles allow, by name; the table is walked over for all of them at once."""
    pair = truth_and_estimate(roles)
    if pair is None:
        return {}
    by: dict[str, tuple[Measured, Grouping]] = {
        BY_Z_SPEC: (pair[0], in_bins(0, REDSHIFT_RANGE, Z_WIDTH)),
        BY_Z_PHOT: (pair[1], in_bins(1, REDSHIFT_RANGE, Z_WIDTH)),
    }
    quantities: tuple[Measured, ...] = pair
    if (magnitude := reference_magnitude(roles)) is not None:
        by[BY_MAGNITUDE] = magnitude, in_bins(2, MAGNITUDE_RANGE, MAG_WIDTH)
        quantities = (*pair, magnitude)
    found = grouped_metrics(table, quantities, [grouping for _, grouping in by.values()])
    return {
        name: _assembled(table, pair, quantity, bins_of(grouped, grouping), grouped.n_known, wholes.get(name))
        for (name, (quantity, grouping)), grouped in zip(by.items(), found, strict=True)
    }


def _assembled(
    table: CanonicalTable,
    pair: Pair,
    quantity: Measured,
    bins: tuple[MetricsBin, ...],
    n_known: int,
    whole: AnyStatistic | None,
) -> BinnedMetrics | None:
    """Metrics in bins of one quantity; None where no pair is left."""
    if not n_known:
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
        tally=Tally(table.n_rows, shown, table.n_rows - n_known, n_known - shown),
    )


def _ends(bins: tuple[MetricsBin, ...]) -> tuple[float, float]:
    return (bins[0].low, bins[-1].high) if bins else (0.0, 0.0)


def metrics_by_z_spec(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None) -> BinnedMetrics | None:
    """Metrics in bins of the true redshift."""
    return metrics_in_bins(table, roles, {BY_Z_SPEC: whole}).get(BY_Z_SPEC)


def metrics_by_z_phot(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None) -> BinnedMetrics | None:
    """Metrics in bins of the estimate."""
    return metrics_in_bins(table, roles, {BY_Z_PHOT: whole}).get(BY_Z_PHOT)


def metrics_by_magnitude(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None) -> BinnedMetrics | None:
    """Metrics in bins of the magnitude objects are known by."""
    return metrics_in_bins(table, roles, {BY_MAGNITUDE: whole}).get(BY_MAGNITUDE)
