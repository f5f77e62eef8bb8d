"""Metrics against a lower threshold of the odds: how much a cut gains, and what it costs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.models.details import AnyStatistic
from services.models.measures import MetricsBin
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.models.validation import OddsCut, OddsStep
from services.statistics.binned import Binned, FloatArray, IntArray, laid_out, stretches
from services.statistics.binned_metrics import Pair, truth_and_estimate
from services.statistics.bootstrap import bootstrap_errors
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import Measured, measured_role
from services.statistics.metric_report import BIN_PAIRS, FEWEST_PAIRS
from services.statistics.metrics import metrics_of_errors, valid_or_nan
from services.statistics.quantiles import quantiles_of

TENTHS = tuple(k / 10 for k in range(10))
BETWEEN = (*(k / 20 for k in range(1, 20, 2)), 0.99)
"""Drawn where they take away enough pairs; the tenths always are."""
PARTS = tuple(k / 10 for k in range(1, 10))
"""Odds are often crowded near one: thresholds also lie at these quantiles of them."""
LEAST_STEP = 0.01
"""Share of the pairs that a threshold must take away to be worth a point of its own."""
MANY_PAIRS = 2_000_000
"""Beyond, only the tenths are drawn: each threshold is a walk over all pairs."""


@dataclass(slots=True)
class _Pairs:
    """Walks over dz of the pairs with odds; bin k are those above the k-th threshold and not above the next."""

    table: CanonicalTable
    quantities: tuple[Measured, ...]
    thresholds: FloatArray

    def __call__(self) -> Iterator[tuple[FloatArray, IntArray]]:
        wanted = [(one.column, one.transform) for one in self.quantities]
        for numbers in self.table.columns_chunks(wanted):
            spec, phot, odds = (valid_or_nan(n, one) for n, one in zip(numbers, self.quantities, strict=True))
            dz = (phot - spec) / (1 + spec)
            limits = self.thresholds.astype(numbers[2].dtype).astype(np.float64)  # 0.6 is what the column calls 0.6
            bins = np.searchsorted(limits, odds, side="left")
            yield dz, np.where(np.isnan(dz) | np.isnan(odds), -1, bins)


def odds_cut(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None) -> OddsCut | None:
    """Metrics above each threshold; None where no pair has odds. Under a cut the thresholds stay."""
    pair, odds = truth_and_estimate(roles), measured_role(roles, "odds")
    if pair is None or odds is None:
        return None
    known = [step.threshold for step in whole.steps] if isinstance(whole, OddsCut) else _thresholds(table, odds)
    thresholds = np.array(known)
    with tempfile.TemporaryFile() as spool:
        binned = laid_out(_Pairs(table, (*pair, odds), thresholds), thresholds.size + 1, spool)
        n = binned.values.size
        if n == 0:
            return None
        steps = tuple(_steps(binned, thresholds, keep_all=isinstance(whole, OddsCut)))
    return _assembled(table, pair, odds, steps, n)


def _assembled(table: CanonicalTable, pair: Pair, odds: Measured, steps: tuple[OddsStep, ...], n: int) -> OddsCut:
    tally = Tally(table.n_rows, n, table.n_rows - n)
    return OddsCut(odds.column, pair[1].column, pair[0].column, steps, tally)


def _thresholds(table: CanonicalTable, odds: Measured) -> list[float]:
    if table.n_rows > MANY_PAIRS:
        return list(TENTHS)
    parts = quantiles_of(lambda: odds.chunks(table), PARTS, odds.quantity)
    crowded = {round(part, 4) for part in parts if TENTHS[-1] < part < 1}
    return sorted({*TENTHS, *BETWEEN, *crowded})


def _steps(binned: Binned, thresholds: FloatArray, *, keep_all: bool) -> Iterator[OddsStep]:
    n, last = binned.values.size, binned.values.size
    for k, threshold in enumerate(thresholds.tolist()):
        values = binned.values[binned.starts[k + 1] :]
        is_new = last - values.size >= LEAST_STEP * n
        if values.size < FEWEST_PAIRS or not (keep_all or is_new or threshold in TENTHS):
            continue
        last = values.size
        yield _step(values, threshold, n)


def _step(values: FloatArray, threshold: float, n: int) -> OddsStep:
    found = metrics_of_errors(stretches(values))
    assert found is not None
    errors = bootstrap_errors(values, BIN_PAIRS)
    return OddsStep(threshold, values.size / n, MetricsBin(threshold, 1.0, found, errors))
