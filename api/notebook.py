"""A view of a product as a Jupyter notebook."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response
from pydantic import Field

from api.data_numbers import CUT, TAG
from api.data_wire import RunningWire
from api.endpoints import Resource
from api.wire import Query, Wire
from services.container import Container
from services.context import current_actor, current_context
from services.cuts.parser import parse_cut
from services.cuts.writing import written
from services.errors import InvalidInput
from services.exports.notebook import NotebookPlot, NotebookView, notebook_bytes
from services.file_names import download_token
from services.models.products import Product
from services.plots import PlotFacts
from services.version import VERSION


class NotebookWire(Wire):
    """A notebook as nbformat 4.5 describes it."""

    cells: list[dict[str, Any]]
    metadata: dict[str, Any]
    nbformat: int
    nbformat_minor: int


class NotebookQuery(Query):
    """Which view, in the words of the address of a product page."""

    cut: str | None = Field(default=None, description=CUT)
    plots: str | None = Field(default=None, description="Names with commas between; all plots when left out.")
    bins: str | None = Field(default=None, description="Widths of bins, as in `n_z:0.1,odds:0.05`.")
    split: str | None = Field(default=None, description="What the histograms are split by.")


def notebook_resource(container: Container) -> Resource:
    """The route of the notebook."""
    routes = Resource("notebook", tag=TAG)

    @routes.get(
        "/products/<identifier:product_id>/notebook/",
        query=NotebookQuery,
        answers={200: NotebookWire, 202: RunningWire},
        errors=(422,),
        summary="A view as a Jupyter notebook",
    )
    def notebook(product_id: int, query: NotebookQuery) -> Any:
        """Connects with the Python client and draws every plot of the view with matplotlib, in the bins of the page."""
        actor = current_actor()
        product = container.catalog.get(actor, product_id)
        offered = container.plots.offered(actor, product_id)
        if query.cut is not None:
            container.previews.check_cut(actor, product_id, parse_cut(query.cut))
        response = Response(notebook_bytes(_view(product, offered, query)), content_type="application/json")
        name = download_token(f"{product.internal_name}.ipynb")
        response.headers["Content-Disposition"] = f"attachment; filename={name}"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return routes


def _view(product: Product, offered: tuple[PlotFacts, ...], query: NotebookQuery) -> NotebookView:
    base, cut = current_context().base_url, None if query.cut is None else written(parse_cut(query.cut))
    return NotebookView(
        api_url=f"{base}/api/",
        page_url=f"{base}/product/{product.internal_name}" + (f"?{urlencode({'cut': cut})}" if cut else ""),
        product_id=product.id,
        display_name=product.display_name,
        type_title=product.product_type_title,
        owner=product.owner_display_name or product.owner_username,
        file_name=product.main_file_name or "",
        sha256=product.main_file_sha256 or "",
        n_rows=product.n_rows or 0,
        cut=cut,
        software=f"PZ Server {VERSION}",
        made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        plots=_plots(offered, query),
        has_metrics=any(facts.name == "z_phot_z_spec" for facts in offered),
    )


def _plots(offered: tuple[PlotFacts, ...], query: NotebookQuery) -> tuple[NotebookPlot, ...]:
    """Plots in the order they are asked for; names this product does not have are left out."""
    known = {facts.name: facts for facts in offered}
    wanted = query.plots.split(",") if query.plots else known
    widths = _widths(query.bins or "")
    found = (known[name] for name in dict.fromkeys(wanted) if name in known)
    return tuple(NotebookPlot(one.name, one.title, one.columns, _options(one, widths, query.split)) for one in found)


def _options(facts: PlotFacts, widths: dict[str, float], split: str | None) -> tuple[tuple[str, float | str], ...]:
    if facts.is_detail:
        return ()
    given: list[tuple[str, float | str]] = [("width", widths[facts.name])] if facts.name in widths else []
    return (*given, ("split", split)) if split else tuple(given)


def _widths(text: str) -> dict[str, float]:
    try:
        return {name: float(width) for name, width in (part.split(":") for part in text.split(",") if part)}
    except ValueError as error:
        raise InvalidInput("Write widths of bins as in n_z:0.1,odds:0.05.", field="bins") from error
