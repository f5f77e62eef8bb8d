"""Numbers about a table as they travel; the shapes are those of the REST contract."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from api.wire import UtcTime, Wire
from services.models.live import LiveAxis, LiveCube
from services.models.measures import MetricsBin, MetricsReport, PdfMetrics, SkyPixels, SplitHistogram
from services.models.products import ProductColumn
from services.models.roles import RoleMap
from services.models.statistics import ColumnStatistics, Density, Tally
from services.table_answers import Statistics

METRICS = ("bias", "sigma_nmad", "sigma_68", "sigma_iqr", "rms", "outlier_fraction")
ROLES = ("id", "ra", "dec", "redshift", "redshift_err", "z_flag", "survey", "instrument", "z_phot", "pdf")


class RunningWire(Wire):
    """The table is still being read: ask again."""

    status: Literal["running"]
    progress: float
    detail: str


class RoleWire(Wire):
    """The column that has a role, and how that was found out."""

    column: str
    how: Literal["owner", "ucd", "name", "values"] | None
    unit: str | None


class BandWire(Wire):
    """Photometry in one band."""

    column: str
    error_column: str | None
    kind: Literal["mag", "flux"]
    unit: str | None


class RolesWire(Wire):
    """What the columns mean. In a validation product ``redshift`` is the truth and ``z_phot`` the estimate."""

    id: RoleWire | None
    ra: RoleWire | None
    dec: RoleWire | None
    redshift: RoleWire | None
    redshift_err: RoleWire | None
    z_flag: RoleWire | None
    survey: RoleWire | None
    instrument: RoleWire | None
    z_phot: RoleWire | None
    pdf: RoleWire | None
    magnitudes: dict[str, BandWire] = Field(description="By name of the band, in the order of wavelength.")


class ColumnWire(Wire):
    """One column over all rows; ``n_valid + n_missing`` is the number of rows."""

    name: str
    dtype: str
    unit: str | None
    ucd: str | None
    description: str | None
    n_valid: int = Field(description="Values that count by the rules of the column's role.")
    n_missing: int = Field(description="Rows without one: empty, NaN, infinite, sentinels, out of the valid range.")
    n_sentinel: int = Field(description="Missing values that are a number standing for none, such as -99.")
    min: float | None
    max: float | None
    mean: float | None
    median: float | None
    std: float | None


class StatisticsWire(Wire):
    """The table in numbers."""

    n_rows: int
    n_columns: int
    roles: RolesWire
    columns: list[ColumnWire]
    version: int
    computed_at: UtcTime | None


class RowsWire(Wire):
    """Where all rows went: ``n_shown + n_missing + n_cut = n_total``, with ``n_outside`` where there is an outside."""

    n_shown: int
    n_total: int
    n_missing: int
    n_cut: int


class TallyWire(RowsWire):
    """The same with the rows whose value lies outside the bins."""

    n_outside: int


class SeriesWire(Wire):
    """Counts of the rows with one value of the column that splits; null stands for missing."""

    value: int | float | str | bool | None
    counts: list[int]


class HistogramWire(TallyWire):
    """Counts in half-open bins, the last one closed. ``n_shown + n_missing + n_outside + n_cut = n_total``."""

    column: str
    edges: list[float]
    counts: list[int]
    cut: str | None
    series: list[SeriesWire] | None = Field(default=None, description="With split: they add up to counts.")


class DensityWire(TallyWire):
    """Counts over two columns: rows of ``counts`` follow y."""

    x: str
    y: str
    x_edges: list[float]
    y_edges: list[float]
    counts: list[list[int]]
    cut: str | None


class SkyWire(RowsWire):
    """Objects per occupied HEALPix pixel; the area of these pixels is an upper bound for sparse data."""

    nside: int
    ordering: Literal["nested"]
    pixels: list[int]
    counts: list[int]
    area_deg2: float
    cut: str | None


class CubeAxisWire(Wire):
    """One axis; without a column it has one place, which takes every row."""

    name: Literal["flag", "redshift", "magnitude"]
    column: str | None
    plot: str | None = Field(description="The plot whose bins these are.")
    values: list[int | float | str | None] | None
    edges: list[float] | None


class CubeWire(Wire):
    """Rows over three axes; the sum of ``counts`` and ``n_cut`` is ``n_total``."""

    axes: list[CubeAxisWire]
    shape: list[int]
    counts: list[int]
    n_total: int
    n_cut: int
    cut: str | None


class PdfMetricsWire(Wire):
    """Metrics of probability densities that are tabulated on a grid the file carries."""

    cde_loss: float = Field(description="Mean integral of p^2 less twice the mean p(z_spec); lower is better.")
    crps: float = Field(description="Mean integral of (F(z) - H(z - z_spec))^2, in z.")
    pit_ks: float = Field(description="Largest distance of the distribution of F(z_spec) to the uniform one.")
    pit_mean: float = Field(description="Mean of F(z_spec), 0.5 at best.")


class MetricsBinWire(Wire):
    """Metrics of the pairs with ``low <= x < high``, x being z_spec, z_phot or the magnitude."""

    low: float
    high: float
    n: int
    bias: float
    sigma_nmad: float
    outlier_fraction: float
    errors: dict[str, float] = Field(description="Bootstrap errors by metric: 200 resamples, fixed seed.")


class MetricsWire(Wire):
    """Quality of estimates against the truth, dz = (z_phot - z_spec) / (1 + z_spec); null where no pair is left."""

    n: int
    n_dropped: int
    n_cut: int
    z_phot: str
    z_spec: str
    bias: float | None = Field(description="Median of dz.")
    sigma_nmad: float | None = Field(description="1.4826 median(|dz - median(dz)|).")
    sigma_68: float | None
    sigma_iqr: float | None
    rms: float | None
    outlier_fraction: float | None = Field(description="Share of |dz| > 0.15.")
    errors: dict[str, float] = Field(description="Bootstrap errors by metric: 200 resamples, fixed seed.")
    pdf: PdfMetricsWire | None = Field(description="Null without PDFs on a grid.")
    bins: list[MetricsBinWire] = Field(description="Bins of z_spec that hold 30 pairs or more.")
    bins_by_z_phot: list[MetricsBinWire] = Field(
        description="The same by the estimate; differs by regression dilution."
    )
    bins_by_magnitude: list[MetricsBinWire] = Field(description="The same by magnitude; empty where none is known.")
    magnitude: str | None = Field(description="Column of the bins by magnitude.")
    cut: str | None


class TableWire(Wire):
    """Rows as objects; ``count`` rows match, of which these are the ones asked for."""

    count: int
    columns: list[str]
    results: list[dict[str, Any]]


def statistics_wire(found: Statistics) -> StatisticsWire:
    """Statistics as they travel."""
    known = {column.name: column for column in found.columns}
    return StatisticsWire(
        n_rows=found.overview.n_rows,
        n_columns=len(found.overview.columns),
        roles=_roles(found.roles, known),
        columns=[_column(one, known.get(one.name)) for one in found.overview.columns],
        version=found.overview.version,
        computed_at=found.computed_at,
    )


def _roles(roles: RoleMap, columns: dict[str, ProductColumn]) -> RolesWire:
    named = {role: _role(columns.get(roles.columns.get(role, ""))) for role in ROLES}
    bands = {
        band.band: BandWire(column=band.column, error_column=band.error_column, kind=band.kind, unit=band.unit)  # type: ignore[arg-type]
        for band in roles.bands
    }
    return RolesWire(**named, magnitudes=bands)


def _role(column: ProductColumn | None) -> RoleWire | None:
    return None if column is None else RoleWire(column=column.name, how=column.how, unit=column.unit)  # type: ignore[arg-type]


def _column(one: ColumnStatistics, column: ProductColumn | None) -> ColumnWire:
    return ColumnWire(
        name=one.name,
        dtype=one.dtype,
        unit=column.unit if column else None,
        ucd=column.ucd if column else None,
        description=column.description if column else None,
        n_valid=one.n_used,
        n_missing=one.n_rows - one.n_used,
        n_sentinel=one.n_sentinel,
        min=one.min,
        max=one.max,
        mean=one.mean,
        median=one.median,
        std=one.std,
    )


def tally_fields(model: type[RowsWire], tally: Tally) -> dict[str, int]:
    """Counts of a tally by the names of the fields that a model has for them."""
    return {name: getattr(tally, name) for name in model.model_fields}


def histogram_wire(found: SplitHistogram, cut: str | None, *, is_split: bool) -> HistogramWire:
    """Histogram as it travels."""
    whole = found.whole
    series = [SeriesWire(value=one.value, counts=_numbers(one.counts)) for one in found.series]
    return HistogramWire(
        column=whole.column,
        edges=_numbers(whole.edges),
        counts=_numbers(whole.counts),
        **tally_fields(TallyWire, whole.tally),
        cut=cut,
        series=series if is_split else None,
    )


def density_wire(found: Density, cut: str | None) -> DensityWire:
    """Map as it travels."""
    return DensityWire(
        x=found.x_column,
        y=found.y_column,
        x_edges=_numbers(found.x_edges),
        y_edges=_numbers(found.y_edges),
        counts=_numbers(found.counts),
        **tally_fields(TallyWire, found.tally),
        cut=cut,
    )


def sky_wire(found: SkyPixels, cut: str | None) -> SkyWire:
    """Pixels as they travel."""
    return SkyWire(
        nside=found.nside,
        ordering="nested",
        pixels=_numbers(found.pixels),
        counts=_numbers(found.counts),
        area_deg2=found.area_deg2,
        **tally_fields(RowsWire, found.tally),
        cut=cut,
    )


def cube_wire(found: LiveCube, cut: str | None) -> CubeWire:
    """Live cube as it travels."""
    return CubeWire(
        axes=[_cube_axis(axis) for axis in found.axes],
        shape=list(found.counts.shape),
        counts=_numbers(found.counts.ravel()),
        n_total=found.n_total,
        n_cut=found.n_cut,
        cut=cut,
    )


def _cube_axis(axis: LiveAxis) -> CubeAxisWire:
    return CubeAxisWire(
        name=axis.name,  # type: ignore[arg-type]
        column=axis.column or None,
        plot=axis.plot or None,
        values=list(axis.values) if axis.values else None,
        edges=None if axis.edges is None else _numbers(axis.edges),
    )


def metrics_wire(found: MetricsReport, cut: str | None) -> MetricsWire:
    """Metrics as they travel."""
    whole = found.metrics
    values = {name: getattr(whole, name) if whole else None for name in METRICS}
    return MetricsWire(
        n=whole.n if whole else 0,
        n_dropped=found.n_dropped,
        n_cut=found.n_cut,
        z_phot=found.z_phot,
        z_spec=found.z_spec,
        **values,
        errors=dict(found.errors),
        pdf=_pdf_metrics(found.pdf),
        bins=[_metrics_bin(one) for one in found.bins],
        bins_by_z_phot=[_metrics_bin(one) for one in found.bins_by_z_phot],
        bins_by_magnitude=[_metrics_bin(one) for one in found.bins_by_magnitude],
        magnitude=found.magnitude,
        cut=cut,
    )


def _pdf_metrics(found: PdfMetrics | None) -> PdfMetricsWire | None:
    if found is None:
        return None
    return PdfMetricsWire(cde_loss=found.cde_loss, crps=found.crps, pit_ks=found.pit.ks, pit_mean=found.pit.mean)


def _metrics_bin(one: MetricsBin) -> MetricsBinWire:
    found = one.metrics
    return MetricsBinWire(
        low=one.low,
        high=one.high,
        n=found.n,
        bias=found.bias,
        sigma_nmad=found.sigma_nmad,
        outlier_fraction=found.outlier_fraction,
        errors=dict(one.errors),
    )


def _numbers(values: NDArray[np.number[Any]]) -> list[Any]:
    numbers: list[Any] = values.tolist()
    return numbers
