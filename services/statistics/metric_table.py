"""All metrics of a product as one table: point estimates, their intervals, and PDFs; with errors."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from services.models.details import AnyStatistic
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.models.validation import MetricTable, MetricValue, PdfQuality
from services.statistics.binned import FloatArray, laid_out, stretches
from services.statistics.binned_metrics import Pair, truth_and_estimate
from services.statistics.bootstrap import bootstrap_errors, quantile_of_rows, resampled_errors
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import Measured, measured_role
from services.statistics.metrics import IQR_SCALE, NMAD_SCALE, metrics_of_errors, scaled_errors, valid_or_nan
from services.statistics.quantiles import summary_of

CATASTROPHIC = 1.0
"""|z_phot - z_spec| beyond which an estimate has failed altogether."""
LSST_FLOOR, LSST_SIGMAS = 0.06, 3
"""An outlier in LSST style: |dz - median| > max(0.06, 3 sigma_IQR)."""

MORE_NAMES = ("bias_mean", "bias_mean_iqr", "sigma_nmad_uncentred", "std", "outlier_fraction_lsst")
ORDER = (
    "bias",
    "bias_mean",
    "bias_mean_iqr",
    "sigma_nmad",
    "sigma_nmad_uncentred",
    "sigma_iqr",
    "sigma_68",
    "rms",
    "std",
    "outlier_fraction",
    "outlier_fraction_lsst",
)
"""Metrics of dz in the order of the table; counts of pairs and those of PDFs come after."""

Walk = Callable[[], Iterator[FloatArray]]


def metric_table(table: CanonicalTable, roles: RoleMap, _whole: AnyStatistic | None) -> MetricTable | None:
    """All metrics the roles allow; those of PDFs are taken from the detail ``pit``, which comes with the table."""
    truth, pair = measured_role(roles, "redshift"), truth_and_estimate(roles)
    quality: PdfQuality | None = table.memo.get("pit")
    if truth is None:
        return None
    points, n_pairs = _point_metrics(table, pair) if pair else ((), 0)
    counted = _counted(table, roles, pair) if n_pairs and pair else _Counted()
    pdfs = _pdf_metrics(quality) if quality else ()
    if not (points or pdfs):
        return None
    n_pdfs = quality.metrics.n if quality else 0
    n_shown = n_pairs if pair else n_pdfs
    return MetricTable(
        z_phot=pair[1].column if pair else None,
        z_spec=truth.column,
        rows=(*points, *counted.rows(), *pdfs),
        tally=Tally(table.n_rows, n_shown, table.n_rows - n_shown),
        interval_columns=counted.columns,
        level=_claimed(counted.columns),
        pdf_column=quality.pdf_column if quality else None,
        n_pdfs=n_pdfs,
    )


def _point_metrics(table: CanonicalTable, pair: Pair) -> tuple[tuple[MetricValue, ...], int]:
    """Metrics of dz with errors, and the number of pairs."""

    def pieces() -> Iterator[tuple[FloatArray, np.ndarray]]:
        for dz in scaled_errors(table, *pair):
            yield dz, np.where(np.isnan(dz), -1, 0)

    with tempfile.TemporaryFile() as spool:
        dz = laid_out(pieces, 1, spool).values
        found = metrics_of_errors(stretches(dz))
        if found is None:
            return (), 0
        values = {name: getattr(found, name) for name in ORDER if hasattr(found, name)} | _more(stretches(dz))
        more_errors = zip(MORE_NAMES, resampled_errors(dz, _more_points), strict=True)
        errors = {**bootstrap_errors(dz), **dict(more_errors)}
    rows = tuple(MetricValue(name, values[name], errors[name]) for name in ORDER)
    return tuple(_with_wilson(row, found.n) if row.name == "outlier_fraction" else row for row in rows), found.n


def _with_wilson(row: MetricValue, n: int) -> MetricValue:
    low, high = wilson(row.value, n)
    return MetricValue(row.name, row.value, row.error, low, high)


def wilson(fraction: float, n: int) -> tuple[float, float]:
    """Interval of 68 % of a fraction of n (Wilson 1927)."""
    middle = (fraction + 1 / (2 * n)) / (1 + 1 / n)
    half = math.sqrt(fraction * (1 - fraction) / n + 1 / (4 * n * n)) / (1 + 1 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _more(walk: Walk) -> dict[str, float]:
    """The metrics of MORE_NAMES, exact over all pairs."""
    summary = summary_of(walk)
    limit = max(LSST_FLOOR, LSST_SIGMAS * (summary.q75 - summary.q25) / IQR_SCALE)
    total, n_inside, n_outliers = 0.0, 0, 0
    for dz in walk():
        inside = dz[(dz >= summary.q25) & (dz <= summary.q75)]
        total += float(inside.sum())
        n_inside += inside.size
        n_outliers += int(np.count_nonzero(np.abs(dz - summary.median) > limit))
    uncentred = NMAD_SCALE * summary_of(lambda: (np.abs(dz) for dz in walk())).median
    values = (summary.mean, total / n_inside, uncentred, summary.std, n_outliers / summary.n_used)
    return dict(zip(MORE_NAMES, values, strict=True))


def _more_points(dz: FloatArray) -> FloatArray:
    """The same of each sorted row."""
    q25, median, q75 = (quantile_of_rows(dz, part)[:, None] for part in (0.25, 0.5, 0.75))
    inside = (dz >= q25) & (dz <= q75)
    sizes = np.sort(np.abs(dz), axis=1)
    limit = np.maximum(LSST_FLOOR, LSST_SIGMAS * (q75 - q25) / IQR_SCALE)
    return np.stack(
        [
            dz.mean(axis=1),
            (dz * inside).sum(axis=1) / inside.sum(axis=1),
            NMAD_SCALE * quantile_of_rows(sizes, 0.5),
            dz.std(axis=1),
            (np.abs(dz - median) > limit).mean(axis=1),
        ],
        axis=1,
    )


@dataclass(slots=True)
class _Counted:
    """Pairs that failed altogether, and true redshifts inside the interval of their estimate."""

    n: int = 0
    catastrophic: int = 0
    columns: tuple[str, ...] = ()
    n_intervals: int = 0
    covered: int = 0

    def rows(self) -> Iterator[MetricValue]:
        """The fractions with binomial errors, as a bootstrap of infinitely many resamples gives them."""
        if self.n:
            yield _fraction("catastrophic_fraction", self.catastrophic, self.n)
        if self.n_intervals:
            yield _fraction("interval_coverage", self.covered, self.n_intervals)


def _fraction(name: str, count: int, n: int) -> MetricValue:
    share = count / n
    return MetricValue(name, share, math.sqrt(share * (1 - share) / n), *wilson(share, n))


def _counted(table: CanonicalTable, roles: RoleMap, pair: Pair) -> _Counted:
    bounds = [found for role in ("z_low", "z_high") if (found := measured_role(roles, role)) is not None]
    quantities: tuple[Measured, ...] = (*pair, *(bounds if len(bounds) == 2 else ()))
    state = _Counted(columns=tuple(bound.column for bound in quantities[2:]))
    for numbers in table.columns_chunks([(one.column, one.transform) for one in quantities]):
        spec, phot, *ends = (valid_or_nan(values, one) for values, one in zip(numbers, quantities, strict=True))
        distance = np.abs(phot - spec)
        state.n += int(np.count_nonzero(~np.isnan(distance)))
        state.catastrophic += int(np.count_nonzero(distance > CATASTROPHIC))
        if ends:
            state.n_intervals += int(np.count_nonzero(~np.isnan(spec + ends[0] + ends[1])))
            state.covered += int(np.count_nonzero((ends[0] <= spec) & (spec <= ends[1])))
    return state


def _claimed(columns: tuple[str, ...]) -> float | None:
    """Coverage that the names of two bounds claim, as ``z_err68_low`` does."""
    levels = {int(found.group()) for name in columns if (found := re.search(r"68|95", name))}
    return levels.pop() / 100 if len(levels) == 1 else None


def _pdf_metrics(quality: PdfQuality) -> tuple[MetricValue, ...]:
    metrics, pit = quality.metrics, quality.metrics.pit
    n = metrics.n
    return (
        MetricValue("cde_loss", metrics.cde_loss, metrics.errors["cde_loss"]),
        MetricValue("crps", metrics.crps, metrics.errors["crps"]),
        MetricValue("pit_mean", pit.mean, pit.std / math.sqrt(n)),
        MetricValue("pit_std", pit.std),
        _fraction("pit_outlier_fraction", round(pit.outlier_fraction * n), n),
        MetricValue("pit_ks", pit.ks),
        MetricValue("pit_cvm", pit.cvm),
        MetricValue("pit_ad", pit.ad),
    )
