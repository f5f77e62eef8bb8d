"""Objects without a photo-z: how many, why, and how bright they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.columns.sentinels import MAGNITUDE_RANGE
from services.models.details import AnyStatistic
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.models.validation import FailedEstimates
from services.statistics.binned import FloatArray, bin_numbers
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import Measured, measured_role, reference_magnitude
from services.statistics.metric_report import MAG_WIDTH, edges_of_width
from services.statistics.metrics import valid_or_nan


@dataclass(slots=True)
class _Counts:
    """Rows by what their estimate is, and by magnitude."""

    edges: FloatArray
    counts: NDArray[np.int64]
    failed: NDArray[np.int64]
    n_missing: int = 0
    n_sentinel: int = 0
    n_outside: int = 0

    def add(self, values: NDArray[Any], estimate: Measured, magnitudes: FloatArray | None) -> None:
        is_failed = np.isnan(valid_or_nan(values, estimate))
        bad = values[is_failed]
        n_nan = int(np.count_nonzero(np.isnan(bad)))
        n_sentinel = int(np.count_nonzero(np.isin(bad, estimate.quantity.sentinels_as(values.dtype))))
        self.n_missing += n_nan
        self.n_sentinel += n_sentinel
        self.n_outside += bad.size - n_nan - n_sentinel
        if magnitudes is not None:
            bins = bin_numbers(magnitudes, self.edges)
            self.counts += np.bincount(bins[bins >= 0], minlength=self.counts.size)
            self.failed += np.bincount(bins[is_failed & (bins >= 0)], minlength=self.counts.size)


def failed_estimates(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None) -> FailedEstimates | None:
    """Rows without an estimate, by magnitude where one is known. Under a cut the bins stay."""
    estimate, magnitude = measured_role(roles, "z_phot"), reference_magnitude(roles)
    if estimate is None or not table.n_rows:
        return None
    edges = edges_of_width(MAGNITUDE_RANGE, MAG_WIDTH)
    state = _Counts(edges, np.zeros(edges.size - 1, np.int64), np.zeros(edges.size - 1, np.int64))
    quantities = (estimate,) if magnitude is None else (estimate, magnitude)
    for numbers in table.columns_chunks([(one.column, one.transform) for one in quantities]):
        state.add(numbers[0], estimate, None if magnitude is None else valid_or_nan(numbers[1], magnitude))
    return _assembled(table, estimate, magnitude, state, whole)


def _assembled(
    table: CanonicalTable, estimate: Measured, magnitude: Measured | None, state: _Counts, whole: AnyStatistic | None
) -> FailedEstimates:
    part = _filled(state, whole)
    n_failed = state.n_missing + state.n_sentinel + state.n_outside
    return FailedEstimates(
        z_phot=estimate.column,
        n_missing=state.n_missing,
        n_sentinel=state.n_sentinel,
        n_outside=state.n_outside,
        label=magnitude.label if magnitude else "",
        column=magnitude.column if magnitude else None,
        unit=magnitude.unit if magnitude else None,
        edges=state.edges[part.start : part.stop + 1] if part.stop else np.empty(0),
        counts=state.counts[part],
        failed=state.failed[part],
        tally=Tally(table.n_rows, table.n_rows - n_failed, n_failed),
    )


def _filled(state: _Counts, whole: AnyStatistic | None) -> slice:
    """The bins from the first to the last that hold anything in the whole table."""
    if isinstance(whole, FailedEstimates):
        if not whole.edges.size:
            return slice(0, 0)
        start = int(np.searchsorted(state.edges, whole.edges[0]))
        return slice(start, start + whole.counts.size)
    filled = np.flatnonzero(state.counts)
    return slice(int(filled[0]), int(filled[-1]) + 1) if filled.size else slice(0, 0)
