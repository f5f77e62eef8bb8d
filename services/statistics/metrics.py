"""Quality of photometric redshifts against the truth: exact over all rows, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.models.roles import RoleMap
from services.models.statistics import PointMetrics
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import Measured, measured_role
from services.statistics.quantiles import quantiles_of, summary_of
from services.statistics.row_kernels import valid_numbers

FloatArray = NDArray[np.float64]

OUTLIER_LIMIT = 0.15
"""|dz| beyond which an estimate is an outlier (Hildebrandt et al. 2010)."""

NMAD_SCALE = 1.4826
"""Turns the median absolute deviation of a normal distribution into its standard deviation (Hoaglin 1983)."""

IQR_SCALE = 1.349
"""Width of the middle half of a normal distribution in standard deviations."""

CENTRAL_68 = (0.158655, 0.841345)


def scaled_errors(table: CanonicalTable, truth: Measured, estimate: Measured) -> Iterator[FloatArray]:
    """dz = (z_phot - z_spec) / (1 + z_spec) per row group, NaN where either redshift is missing."""
    wanted = ((truth.column, truth.transform), (estimate.column, estimate.transform))
    for z_spec, z_phot in table.columns_chunks(wanted):
        spec, phot = valid_or_nan(z_spec, truth), valid_or_nan(z_phot, estimate)
        yield (phot - spec) / (1 + spec)


def valid_or_nan(values: NDArray[Any], measured: Measured) -> FloatArray:
    """Values as double with NaN in place of what does not count."""
    wide = np.empty(values.size)
    valid_numbers(values, measured.quantity.low, measured.quantity.high, measured.sentinels(values.dtype), wide)
    return wide


def metrics_of_errors(errors: Callable[[], Iterator[FloatArray]]) -> PointMetrics | None:
    """The metrics of any dz that can be walked over several times; None when no pair is valid.

    bias = median(dz); sigma_NMAD = 1.4826 median(|dz - median(dz)|); sigma_68 = (p84.1345 - p15.8655) / 2;
    sigma_IQR = (q75 - q25) / 1.349; rms = sqrt(mean(dz^2)); outlier fraction = N(|dz| > 0.15) / N.
    """
    summary = summary_of(errors)
    n = summary.n_used
    if n == 0:
        return None
    low, high = quantiles_of(errors, CENTRAL_68)
    deviation = summary_of(lambda: (np.abs(dz - summary.median) for dz in errors())).median
    outliers = sum(int(np.count_nonzero(np.abs(dz) > OUTLIER_LIMIT)) for dz in errors())
    return PointMetrics(
        n=n,
        n_dropped=summary.n_rows - n,
        bias=summary.median,
        sigma_nmad=NMAD_SCALE * deviation,
        sigma_68=(high - low) / 2,
        sigma_iqr=(summary.q75 - summary.q25) / IQR_SCALE,
        rms=float(np.hypot(summary.std, summary.mean)),
        outlier_fraction=outliers / n,
    )


def point_metrics(table: CanonicalTable, roles: RoleMap) -> PointMetrics | None:
    """Metrics of the z_phot column against the redshift column; None when they are the same column."""
    truth, estimate = measured_role(roles, "redshift"), measured_role(roles, "z_phot")
    if truth is None or estimate is None or truth.column == estimate.column:
        return None
    return metrics_of_errors(lambda: scaled_errors(table, truth, estimate))
