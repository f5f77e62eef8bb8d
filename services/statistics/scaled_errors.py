"""Distribution of the scaled errors dz = (z_phot - z_spec) / (1 + z_spec)."""

from __future__ import annotations

import numpy as np

from services.models.details import AnyStatistic
from services.models.roles import RoleMap
from services.models.statistics import Histogram, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import EVERY_ROW
from services.statistics.edges import multiples
from services.statistics.histograms import add_counts, finished
from services.statistics.measured import Measured, measured_role
from services.statistics.metrics import scaled_errors

EDGES = multiples(0.01, -50, 50)
"""Bins of 0.01 from -0.5 to 0.5: what lies beyond is counted as outside."""


def dz(table: CanonicalTable, roles: RoleMap, _whole: AnyStatistic | None = None) -> Histogram | None:
    """dz of all pairs; None where truth or estimate has no column. Rows without one of the two are missing."""
    truth, estimate = measured_role(roles, "redshift"), measured_role(roles, "z_phot")
    if truth is None or estimate is None:
        return None
    errors = Measured("Δz / (1 + z_spec)", f"{estimate.column}, {truth.column}")
    counts = np.zeros(EDGES.size - 1, np.int64)
    missing = sum(
        add_counts(values, errors, EDGES, counts, EVERY_ROW) for values in scaled_errors(table, truth, estimate)
    )
    shown = int(counts.sum())
    tally = Tally(table.n_rows, shown, missing, table.n_rows - shown - missing)
    return finished(errors, EDGES, counts, tally)
