"""The plots of a product: which there are, and the numbers that each is drawn from, as JSON or CSV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from flask import Response
from pydantic import Field

from api.data_marks import marked
from api.data_numbers import CUT
from api.data_wire import RunningWire
from api.endpoints import Content, Resource
from api.provenance import ProvenanceWire, provenance_wire
from api.wire import Query, Wire
from services.container import Container
from services.context import current_actor, current_context
from services.errors import NotFound
from services.file_names import download_token
from services.models.binnings import Binning
from services.models.details import AnyStatistic
from services.plots import PlotFacts, PlotNumbers
from services.statistics.plain_values import plain_value

PlotCsv = Callable[[str, AnyStatistic, str], str]
"""CSV of a plot from its name, its numbers and the words of the cut, as the button on the page gives it.

The figures know how to write it, and the API never meets them: ``app.py`` hands it in.
"""

VALUE = (
    "The value object that the figure is drawn from, null where no row holds what the plot is made from. `kind` names "
    "it. Histogram: `edges` (n + 1), `counts`, `err_low`, `err_high` (n), `label`, `column`, `unit`, `tally`. "
    "HistogramSet: `items`, one histogram a band on common edges. GroupedHistogram: `whole`, and `counts` by row of "
    "`groups`, which add up to it. Density: `x_edges`, `y_edges`, `counts` as rows that follow y. SkyDensity: `grid` "
    "(a density of RA and Dec in deg; RA runs past 360 across 0h), `nside`, nested `pixels`, their `counts`, "
    "`area_deg2`. CategoryCounts: `values`, `counts`, `n_other`. Others have the fields of their class. A `tally` "
    "tells where all rows went: `n_shown + n_missing + n_outside + n_cut = n_total`. Infinite and undefined numbers "
    "are null."
)


class PlotQuery(Query):
    """Which rows, in which bins."""

    cut: str | None = Field(default=None, description=CUT)
    width: float | None = Field(default=None, gt=0, description="Width of the bins; of histograms of the first look.")
    split: str | None = Field(default=None, description="Role, column or word of the page that splits a histogram.")
    format: Literal["json", "csv"] = Field(default="json", description="JSON, or the CSV of the button on the page.")


class PlotFactsWire(Wire):
    """One plot."""

    name: str
    title: str
    columns: list[str] = Field(description="Columns it is made from.")
    stage: Literal["first look", "detail"] = Field(description="Counted when the file is read, or when first asked.")
    url: str = Field(description="Where its numbers are.")


class PlotListWire(Wire):
    """Plots that the product page shows, in its order."""

    count: int
    results: list[PlotFactsWire]


class PlotWire(Wire):
    """Numbers of one plot."""

    name: str
    title: str
    stage: Literal["first look", "detail"]
    provenance: ProvenanceWire
    value: dict[str, Any] | None = Field(description=VALUE)


def plots_resource(container: Container, plot_csv: PlotCsv) -> Resource:
    """Routes of the plots."""
    routes = Resource("plots", tag="Data of a product")
    plots = container.plots

    @routes.get(
        "/products/<identifier:product_id>/plots/",
        answers={200: PlotListWire, 202: RunningWire},
        errors=(422,),
        summary="Plots this product can show",
    )
    def plot_list(product_id: int) -> Any:
        """Those of the first look, then the details that are computed when somebody asks."""
        actor = current_actor()
        return marked(plots.mark(actor, product_id), lambda: _list_wire(product_id, plots.offered(actor, product_id)))

    @routes.get(
        "/products/<identifier:product_id>/plots/<string:plot>/",
        query=PlotQuery,
        answers={200: Content(("text/csv",), PlotWire), 202: RunningWire},
        errors=(422,),
        summary="Numbers of one plot",
    )
    def plot_numbers(product_id: int, plot: str, query: PlotQuery) -> Any:
        """Exactly what the product page draws, over all rows or under a cut, on the same bins.

        The first line of a CSV says what was counted, under which cut. Where no row holds what the plot is made from,
        there is no CSV (404).
        """
        actor = current_actor()
        binning = Binning(query.width, query.split or "")

        def made() -> PlotWire | Response:
            found = plots.numbers(actor, product_id, plot, query.cut, binning)
            return _csv_response(found, plot_csv) if query.format == "csv" else _plot_wire(found)

        return marked(plots.mark(actor, product_id), made)

    return routes


def _list_wire(product_id: int, found: tuple[PlotFacts, ...]) -> PlotListWire:
    results = [
        PlotFactsWire(
            name=facts.name,
            title=facts.title,
            columns=list(facts.columns),
            stage=_stage(facts),
            url=f"{current_context().base_url}/api/products/{product_id}/plots/{facts.name}/",
        )
        for facts in found
    ]
    return PlotListWire(count=len(results), results=results)


def _stage(facts: PlotFacts) -> Literal["first look", "detail"]:
    return "detail" if facts.is_detail else "first look"


def _plot_wire(found: PlotNumbers) -> PlotWire:
    facts = found.facts
    return PlotWire(
        name=facts.name,
        title=facts.title,
        stage=_stage(facts),
        provenance=provenance_wire(found.product, facts.columns, found.cut),
        value=None if found.value is None else plain_value(found.value),
    )


def _csv_response(found: PlotNumbers, plot_csv: PlotCsv) -> Response:
    if found.value is None:
        raise NotFound("No row holds what this plot is made from, so there are no numbers behind it.")
    name = found.facts.name
    response = Response(plot_csv(name, found.value, found.cut or ""), content_type="text/csv; charset=utf-8")
    file_name = download_token(f"{found.product.internal_name}_{name}.csv")
    response.headers["Content-Disposition"] = f"attachment; filename={file_name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
