"""Numbers about the table of a product: every column, counts under a cut, the sky, metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field

from api.data_marks import marked
from api.data_wire import (
    CubeWire,
    DensityWire,
    HistogramWire,
    MetricsWire,
    RunningWire,
    SkyWire,
    StatisticsWire,
    cube_wire,
    density_wire,
    histogram_wire,
    metrics_wire,
    sky_wire,
    statistics_wire,
)
from api.endpoints import Resource
from api.wire import Query
from services.container import Container
from services.context import current_actor
from services.live_cubes import LiveCubes
from services.models.measures import BinRequest
from services.table_answers import DensityQuestion, HistogramQuestion, TableAnswers

CUT = (
    "Rows that count, as in `mag_i < 24.1 and z_flag >= 3`, `mag_g - mag_r > 0.3` or `dz < 0.15`; see the page on cuts."
    " Missing values fail comparisons."
)
TAG = "Data of a product"

Mark = Callable[[int], str]
"""Text that changes with the table of a product."""


class HistogramQuery(Query):
    """Which quantity, in which bins."""

    column: str | None = Field(default=None, description="Name of a column; or of a role, where no column has it.")
    role: str | None = Field(default=None, description="Name of a role such as redshift, in place of a column.")
    bins: int | None = Field(default=None, ge=1, le=100_000, description="Number of equal bins, as numpy makes them.")
    width: float | None = Field(default=None, gt=0, description="Width of the bins; edges are multiples of it.")
    min: float | None = Field(default=None, description="Lower end; that of the data when left out.")
    max: float | None = Field(default=None, description="Upper end; that of the data when left out.")
    cut: str | None = Field(default=None, description=CUT)
    split: str | None = Field(default=None, description="Column with at most 50 values: counts for each of them.")
    version: str | None = Field(default=None, description="Version of the product; there is one, the newest.")


class DensityQuery(Query):
    """Which two columns, in how many bins."""

    x: str = Field(description="Column on the x axis.")
    y: str = Field(description="Column on the y axis.")
    bins: int = Field(default=200, ge=1, le=1000, description="Bins on each side.")
    x_min: float | None = None
    x_max: float | None = None
    y_min: float | None = None
    y_max: float | None = None
    cut: str | None = Field(default=None, description=CUT)


class SkyQuery(Query):
    """How fine."""

    nside: int | None = Field(default=None, ge=1, le=4096, description="Power of two; fits the data when left out.")
    cut: str | None = Field(default=None, description=CUT)


class CubeQuery(Query):
    """Of which rows."""

    cut: str | None = Field(default=None, description=CUT)


class MetricsQuery(Query):
    """Which columns."""

    z_phot: str | None = Field(default=None, description="Column of estimates; by default the one with that role.")
    z_spec: str | None = Field(default=None, description="Column of true redshifts; by default that of the role.")
    cut: str | None = Field(default=None, description=CUT)
    z_width: float = Field(default=0.2, ge=0.02, le=12, description="Width of the bins by redshift.")
    mag_width: float = Field(default=0.5, ge=0.1, le=35, description="Width of the bins by magnitude.")


def data_numbers_resource(container: Container) -> Resource:
    """Routes of the numbers."""
    routes = Resource("data_numbers", tag=TAG)
    answers = container.answers

    def mark(product_id: int) -> str:
        return answers.mark(current_actor(), product_id)

    _add_summaries(routes, answers, mark)
    _add_counts(routes, answers, mark)
    _add_sky(routes, answers, mark)
    _add_cube(routes, container.live_cubes, mark)
    return routes


def _add_summaries(routes: Resource, answers: TableAnswers, mark: Mark) -> None:
    @routes.get(
        "/products/<identifier:product_id>/statistics/",
        answers={200: StatisticsWire, 202: RunningWire},
        errors=(422,),
        summary="Every column in numbers, and what the columns mean",
    )
    def statistics(product_id: int) -> Any:
        """Over all rows. Sentinels and values out of range are missing for columns with a role."""
        return marked(mark(product_id), lambda: statistics_wire(answers.statistics(current_actor(), product_id)))

    @routes.get(
        "/products/<identifier:product_id>/metrics/",
        query=MetricsQuery,
        answers={200: MetricsWire, 202: RunningWire},
        errors=(422,),
        summary="Quality of photo-z estimates against true redshifts",
    )
    def metrics(product_id: int, query: MetricsQuery) -> Any:
        """Over all pairs with both values; pairs without are counted in ``n_dropped``."""
        names, widths = (query.z_phot, query.z_spec, query.cut), (query.z_width, query.mag_width)
        return marked(
            mark(product_id),
            lambda: metrics_wire(answers.metrics(current_actor(), product_id, *names, widths), query.cut),
        )


def _add_counts(routes: Resource, answers: TableAnswers, mark: Mark) -> None:
    @routes.get(
        "/products/<identifier:product_id>/histogram/",
        query=HistogramQuery,
        answers={200: HistogramWire, 202: RunningWire},
        errors=(422,),
        summary="Counts of one column in bins",
    )
    def histogram(product_id: int, query: HistogramQuery) -> Any:
        """Exact counts over all rows: those of numpy.histogram on the values in double precision."""
        bins = BinRequest(query.bins, query.width, query.min, query.max)
        question = HistogramQuestion(query.column, query.role, bins, query.cut, query.split)
        return marked(
            mark(product_id),
            lambda: histogram_wire(
                answers.histogram(current_actor(), product_id, question), query.cut, is_split=query.split is not None
            ),
        )

    @routes.get(
        "/products/<identifier:product_id>/density/",
        query=DensityQuery,
        answers={200: DensityWire, 202: RunningWire},
        errors=(422,),
        summary="Counts over two columns",
    )
    def density(product_id: int, query: DensityQuery) -> Any:
        """Exact counts over all rows; a row counts when both columns have a value."""
        ranges = (query.x_min, query.x_max), (query.y_min, query.y_max)
        question = DensityQuestion(query.x, query.y, query.bins, *ranges, query.cut)
        return marked(
            mark(product_id),
            lambda: density_wire(answers.density(current_actor(), product_id, question), query.cut),
        )


def _add_sky(routes: Resource, answers: TableAnswers, mark: Mark) -> None:
    @routes.get(
        "/products/<identifier:product_id>/sky/",
        query=SkyQuery,
        answers={200: SkyWire, 202: RunningWire},
        errors=(422,),
        summary="Objects per HEALPix pixel",
    )
    def sky(product_id: int, query: SkyQuery) -> Any:
        """Occupied pixels only, in nested order."""
        return marked(
            mark(product_id),
            lambda: sky_wire(answers.sky(current_actor(), product_id, query.nside, query.cut), query.cut),
        )


def _add_cube(routes: Resource, cubes: LiveCubes, mark: Mark) -> None:
    @routes.get(
        "/products/<identifier:product_id>/cube/",
        query=CubeQuery,
        answers={200: CubeWire, 202: RunningWire},
        errors=(422,),
        summary="All rows over flag, redshift and magnitude",
    )
    def cube(product_id: int, query: CubeQuery) -> Any:
        """In the bins of the plots, so that plots under cuts on their edges follow without asking again.

        ``counts`` is the array of ``shape`` in C order; every row is in exactly one place. Places along an axis with
        ``values``: one per value, other values, missing. Along one with ``edges``: missing, below, one per bin, above.
        """
        return marked(
            mark(product_id), lambda: cube_wire(cubes.cube(current_actor(), product_id, query.cut), query.cut)
        )
