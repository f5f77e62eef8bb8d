"""Numbers behind the plots, computed once over all rows and drawn by ``components/figures``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Tally:
    """Where every row of the table went: shown + missing + outside + cut away = total.

    ``n_missing`` counts NaN, null, sentinels and values outside the valid range of the quantity, ``n_outside`` valid
    values beyond the axis, ``n_cut`` rows taken away by the cut in force.
    """

    n_total: int
    n_shown: int
    n_missing: int = 0
    n_outside: int = 0
    n_cut: int = 0


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """Summary of one column over all rows. Numbers are None for text columns and for columns without a value.

    ``n_valid`` counts finite, non-null values (sentinels included); ``n_sentinel`` the values that are a sentinel for
    the role of the column. min, max, mean, median, std (ddof 0) are over valid values that are no sentinel.
    """

    name: str
    dtype: str
    n_rows: int
    n_valid: int
    n_missing: int
    n_sentinel: int = 0
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    median: float | None = None
    std: float | None = None
    n_distinct: int | None = None
    """Exact up to 1000 distinct values, else None."""
    examples: tuple[str, ...] = ()
    sparkline: tuple[int, ...] = ()
    """Counts in 20 equal bins between min and max; empty for text."""

    @property
    def n_used(self) -> int:
        """Values that count: no sentinel, inside the valid range of the role. Those of text are all that are there."""
        is_number = self.dtype.startswith(("float", "int", "uint"))
        return sum(self.sparkline) if is_number else self.n_valid


@dataclass(frozen=True, eq=False, slots=True)
class Histogram:
    """Counts of one quantity: ``edges`` float64 (n+1), ``counts`` int64 (n), bins half-open, last one closed.

    ``err_low`` and ``err_high`` are the lengths of the Poisson error bars (n), as ``statistics.poisson`` defines them.
    """

    label: str
    column: str
    edges: FloatArray
    counts: IntArray
    err_low: FloatArray
    err_high: FloatArray
    tally: Tally
    unit: str | None = None
    band: str | None = None
    rug: FloatArray | None = None
    """The values themselves when there are fewer than 30, so that no histogram is drawn from a handful."""


@dataclass(frozen=True, eq=False, slots=True)
class HistogramSet:
    """Several histograms on common edges, such as magnitudes per band."""

    label: str
    items: tuple[Histogram, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Density:
    """Counts over two quantities: ``counts`` int64 of shape (n_y, n_x), rows follow y."""

    x_label: str
    y_label: str
    x_column: str
    y_column: str
    x_edges: FloatArray
    y_edges: FloatArray
    counts: IntArray
    tally: Tally
    x_unit: str | None = None
    y_unit: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class SkyDensity:
    """Objects on the sky: a grid for the eye and HEALPix pixels (nested) for the numbers.

    RA edges run on past 360 deg when the field crosses 0h, so that a field is never torn apart. ``area_deg2`` is the
    area of the occupied pixels: an upper bound for sparse data.
    """

    grid: Density
    nside: int
    pixels: IntArray
    counts: IntArray
    area_deg2: float


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """Rows per value of a flag or survey column, most frequent first; rows of rarer values are in ``n_other``."""

    label: str
    column: str
    values: tuple[str, ...]
    counts: tuple[int, ...]
    n_other: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class PointMetrics:
    """Quality of point estimates, formulas in ``statistics.metrics``; all dimensionless."""

    n: int
    n_dropped: int
    bias: float
    sigma_nmad: float
    sigma_68: float
    sigma_iqr: float
    rms: float
    outlier_fraction: float


Statistic = Histogram | HistogramSet | Density | SkyDensity | CategoryCounts | PointMetrics


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the product page shows before anybody asks for more.

    ``statistics`` maps a name of ``services.statistics.registry`` to its result. ``version`` is the version of the
    registry that computed it, ``roles_signature`` identifies the roles it was computed with.
    """

    n_rows: int
    columns: tuple[ColumnStatistics, ...]
    statistics: dict[str, Statistic] = field(default_factory=dict)
    version: int = 0
    roles_signature: str = ""


@dataclass(frozen=True, slots=True)
class CutOverview:
    """The statistics of an overview over the rows that pass a cut, on the same edges; tallies name the rows cut away.

    ``cut`` is the cut as it is written, ``parts`` its conditions joined by "and", each on its own.
    """

    cut: str
    parts: tuple[str, ...]
    n_total: int
    n_shown: int
    statistics: dict[str, Statistic] = field(default_factory=dict)
