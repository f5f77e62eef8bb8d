"""The overview of a table under a cut: the same plots on the same edges, counted over the rows that pass."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.cuts.parts import parts_of
from services.cuts.tree import Cut
from services.cuts.writing import written
from services.models.roles import RoleMap
from services.models.statistics import (
    CategoryCounts,
    CutOverview,
    Density,
    Histogram,
    HistogramSet,
    Overview,
    SkyDensity,
    Statistic,
    Tally,
)
from services.statistics.canonical import CanonicalTable
from services.statistics.categories import categories
from services.statistics.cut_table import CutTable
from services.statistics.densities import density
from services.statistics.histograms import histogram, with_rug
from services.statistics.metrics import point_metrics
from services.statistics.overview import present_roles
from services.statistics.requests import measured_column
from services.statistics.sky import positions, sky_counts


def overview_under(left: CutTable, roles: RoleMap, whole: Overview, cut: Cut) -> CutOverview:
    """Every statistic of ``whole`` over ``left``, the rows that pass the cut.

    Axes stay those of the whole table, so that plots can be compared while a cut changes.
    """
    known = present_roles(left, roles)
    names = list(whole.statistics)
    found = left.each(names, lambda one, name: _counted_again(one, known, whole.statistics[name]))
    n_cut = whole.n_rows - left.n_rows
    statistics = {name: with_cut(one, n_cut) for name, one in zip(names, found, strict=True) if one is not None}
    return CutOverview(written(cut), tuple(map(written, parts_of(cut))), whole.n_rows, left.n_rows, statistics)


def _counted_again(table: CanonicalTable, roles: RoleMap, whole: Statistic) -> Statistic | None:
    """The statistic over the rows of ``table``; None where they hold nothing to compute it from."""
    match whole:
        case Histogram():
            return _histogram(table, roles, whole)
        case HistogramSet():
            return HistogramSet(whole.label, tuple(_histogram(table, roles, item, rug=False) for item in whole.items))
        case SkyDensity():
            where = positions(roles)
            edges = _edges(whole.grid.x_edges), _edges(whole.grid.y_edges)
            return None if where is None else sky_counts(table, where, edges, whole.nside)
        case Density():
            pair = [measured_column(table, roles, column) for column in (whole.x_column, whole.y_column)]
            return density(table, pair[0], pair[1], (_edges(whole.x_edges), _edges(whole.y_edges)))
        case CategoryCounts():
            return categories(table, whole.column, whole.label, whole.values)
        case _:
            return point_metrics(table, roles)


def _edges(edges: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    return edges.astype(np.float64, copy=False)


def _histogram(table: CanonicalTable, roles: RoleMap, whole: Histogram, *, rug: bool = True) -> Histogram:
    measured = measured_column(table, roles, whole.column)
    found = histogram(table, measured, _edges(whole.edges))
    return with_rug(table, measured, found) if rug else found


Counted = TypeVar("Counted")


def with_cut(statistic: Counted, n_cut: int) -> Counted:
    """The statistic with the rows cut away in each tally inside it, which then adds up to the whole table."""
    changed: Any = statistic
    if isinstance(statistic, Tally):
        changed = replace(statistic, n_total=statistic.n_total + n_cut, n_cut=n_cut)
    elif isinstance(statistic, tuple):
        changed = tuple(with_cut(item, n_cut) for item in statistic)
    elif is_dataclass(statistic) and not isinstance(statistic, type):
        parts = {field.name: getattr(statistic, field.name) for field in fields(statistic)}
        changed = replace(changed, **{name: with_cut(part, n_cut) for name, part in parts.items()})
    found: Counted = changed
    return found
