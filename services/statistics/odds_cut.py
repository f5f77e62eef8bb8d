"""Metrics against a lower threshold of the odds: how much a cut gains, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from services.models.details import AnyStatistic
from services.models.measures import MetricsBin
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.models.validation import OddsCut, OddsStep
from services.statistics.binned_metrics import Pair, truth_and_estimate
from services.statistics.canonical import CanonicalTable
from services.statistics.error_groups import FloatArray, Grouped, Grouping, grouped_metrics
from services.statistics.measured import Measured, measured_role
from services.statistics.metric_report import FEWEST_PAIRS
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


def odds_cut(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None) -> OddsCut | None:
    """Metrics above each threshold; None where no pair has odds. Under a cut the thresholds stay."""
    pair, odds = truth_and_estimate(roles), measured_role(roles, "odds")
    if pair is None or odds is None:
        return None
    known = [step.threshold for step in whole.steps] if isinstance(whole, OddsCut) else _thresholds(table, odds)
    above = Grouping(2, _just_above(table, odds, np.array(known)), is_nested=True, fewest=FEWEST_PAIRS)
    (found,) = grouped_metrics(table, (*pair, odds), [above])
    if found.n_known == 0:
        return None
    steps = tuple(_steps(found, known, keep_all=isinstance(whole, OddsCut)))
    return _assembled(table, pair, odds, steps, found.n_known)


def _just_above(table: CanonicalTable, odds: Measured, thresholds: FloatArray) -> FloatArray:
    """Edges of what is larger than each threshold, in the numbers of the column: 0.6 is what it calls 0.6."""
    kind = np.float32 if table.dtype(odds.column) == "float32" else np.float64
    return np.append(np.nextafter(thresholds.astype(kind).astype(np.float64), np.inf), np.inf)


def _assembled(table: CanonicalTable, pair: Pair, odds: Measured, steps: tuple[OddsStep, ...], n: int) -> OddsCut:
    tally = Tally(table.n_rows, n, table.n_rows - n)
    return OddsCut(odds.column, pair[1].column, pair[0].column, steps, tally)


def _thresholds(table: CanonicalTable, odds: Measured) -> list[float]:
    if table.n_rows > MANY_PAIRS:
        return list(TENTHS)
    parts = quantiles_of(lambda: odds.chunks(table), PARTS, odds.quantity)
    crowded = {round(part, 4) for part in parts if TENTHS[-1] < part < 1}
    return sorted({*TENTHS, *BETWEEN, *crowded})


def _steps(found: Grouped, thresholds: list[float], *, keep_all: bool) -> Iterator[OddsStep]:
    last = found.n_known
    for k, group in sorted(found.groups.items()):
        n, threshold = group.metrics.n, thresholds[k]
        if keep_all or threshold in TENTHS or last - n >= LEAST_STEP * found.n_known:
            last = n
            yield OddsStep(threshold, n / found.n_known, MetricsBin(threshold, 1.0, group.metrics, group.errors))
