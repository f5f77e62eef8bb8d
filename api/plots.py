"""The plots of a product as JSON: which there are, and the numbers that each is drawn from."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.data_marks import marked
from api.data_numbers import CUT
from api.data_wire import RunningWire
from api.endpoints import Resource
from api.wire import Query, Wire
from services.container import Container
from services.context import current_actor, current_context
from services.models.binnings import Binning
from services.plots import PlotFacts, PlotNumbers
from services.statistics.plain_values import plain_value
from services.version import VERSION

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


class ProvenanceWire(Wire):
    """Where numbers come from: enough to compute them again."""

    product_id: int
    internal_name: str
    display_name: str
    product_type: str
    owner: str
    main_file: str | None
    main_file_sha256: str | None
    n_rows: int | None = Field(description="Rows of the file.")
    columns: list[str] = Field(description="Columns the numbers come from.")
    cut: str | None = Field(description="The cut, as it was understood.")
    software: str = Field(description="Name and version of what counted.")


class PlotWire(Wire):
    """Numbers of one plot."""

    name: str
    title: str
    stage: Literal["first look", "detail"]
    provenance: ProvenanceWire
    value: dict[str, Any] | None = Field(description=VALUE)


def plots_resource(container: Container) -> Resource:
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
        answers={200: PlotWire, 202: RunningWire},
        errors=(422,),
        summary="Numbers of one plot",
    )
    def plot_numbers(product_id: int, plot: str, query: PlotQuery) -> Any:
        """Exactly what the product page draws, over all rows or under a cut, on the same bins."""
        actor = current_actor()
        binning = Binning(query.width, query.split or "")
        return marked(
            plots.mark(actor, product_id),
            lambda: _plot_wire(plots.numbers(actor, product_id, plot, query.cut, binning)),
        )

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
    product, facts = found.product, found.facts
    provenance = ProvenanceWire(
        product_id=product.id,
        internal_name=product.internal_name,
        display_name=product.display_name,
        product_type=product.product_type,
        owner=product.owner_username,
        main_file=product.main_file_name,
        main_file_sha256=product.main_file_sha256,
        n_rows=product.n_rows,
        columns=list(facts.columns),
        cut=found.cut,
        software=f"PZ Server {VERSION}",
    )
    return PlotWire(
        name=facts.name,
        title=facts.title,
        stage=_stage(facts),
        provenance=provenance,
        value=None if found.value is None else plain_value(found.value),
    )
