"""Counts of any column on request, by the rules of the role it has."""

from __future__ import annotations

import math

from services.errors import InvalidInput
from services.models.roles import RoleMap
from services.models.statistics import Density, Histogram
from services.statistics.canonical import CanonicalTable
from services.statistics.densities import density
from services.statistics.edges import FloatArray, asked_edges, general_edges, map_edges
from services.statistics.histograms import histogram
from services.statistics.measured import Measured, magnitudes, measured_role

EMPTY_RANGE = (0.0, 1.0)
"""Axis of a column without a single value."""


def measured_column(table: CanonicalTable, roles: RoleMap, column: str) -> Measured:
    """The quantity in a column: by its role where it has one, else the numbers as they stand.

    Raises
    ------
    InvalidInput
        If the table has no such column, or it holds no numbers.
    """
    if column not in table.names:
        raise InvalidInput(f'There is no column "{column[:100]}" in this table.', field="column")
    by_role = next((role for role, name in roles.columns.items() if name == column), None)
    found = measured_role(roles, by_role) if by_role else None
    found = found or next((band for band in magnitudes(roles) if band.column == column), None)
    is_converted = found is not None and found.transform != ""
    if not is_converted and not table.dtype(column).startswith(("float", "int", "uint")):
        raise InvalidInput(f'The column "{column[:100]}" holds no numbers that could be counted in bins.', "column")
    return found or Measured(column, column)


def requested_histogram(
    table: CanonicalTable,
    roles: RoleMap,
    column: str,
    *,
    n_bins: int | None = None,
    width: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Histogram:
    """Histogram of one column over all rows; InvalidInput when the numbers make none."""
    measured = measured_column(table, roles, column)
    summary = measured.summary(table)
    start = low if low is not None else summary.min if summary.n_used else EMPTY_RANGE[0]
    end = high if high is not None else summary.max if summary.n_used else EMPTY_RANGE[1]
    _check(start, end, n_bins, is_given=low is not None or high is not None)
    if n_bins is None and width is None and summary.n_used:
        return histogram(table, measured, general_edges(summary, low, high))
    if n_bins is None and width is None:
        n_bins = 10
    return histogram(table, measured, asked_edges(start, end, n_bins=n_bins, width=width))


def _check(low: float, high: float, n_bins: int | None, *, is_given: bool) -> None:
    if not (math.isfinite(low) and math.isfinite(high)) or (is_given and low >= high):
        raise InvalidInput("The lower end of the range must be a number below the upper end.", field="min")
    if n_bins is not None and n_bins < 1:
        raise InvalidInput("The number of bins must be at least 1.", field="bins")


def requested_density(table: CanonicalTable, roles: RoleMap, x: str, y: str, *, n_bins: int) -> Density:
    """Counts over two columns over all rows, on readable edges."""
    pair = measured_column(table, roles, x), measured_column(table, roles, y)
    edges = tuple(_axis(table, measured, n_bins) for measured in pair)
    return density(table, *pair, (edges[0], edges[1]))


def _axis(table: CanonicalTable, measured: Measured, n_bins: int) -> FloatArray:
    if not 1 <= n_bins <= 1000:
        raise InvalidInput("A map has between 1 and 1000 bins on a side.", field="bins")
    summary = measured.summary(table)
    low, high = (summary.min, summary.max) if summary.n_used else EMPTY_RANGE
    return map_edges(low, high, n_bins)
