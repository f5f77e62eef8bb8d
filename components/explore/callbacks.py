"""Plots, their numbers and their CSV: asked for by the page, computed by the services."""

from __future__ import annotations

from typing import Any

from dash import ALL, MATCH, Dash, Input, Output, State, ctx, dcc
from dash.exceptions import PreventUpdate

from components.explore.layout import Ids, no_plots, numbers_table, plots, skeletons
from components.figures.numbers import binned_numbers, numbers_csv
from components.figures.registry import FIGURES
from components.product_summary.layout import Ids as SummaryIds
from services.context import current_actor, portal
from services.errors import NoTable, NotFound, StillRunning
from services.models.products import ProductStatus
from services.models.statistics import Statistic

UNREAD = "There are no plots, because the main file could not be read. The reason stands above."


def show_plots(_revision: str, product_id: int) -> Any:
    """All plots at once; skeletons while the file is being read; a reason when there is no table."""
    actor, container = current_actor(), portal()
    product = container.catalog.get(actor, product_id)
    try:
        overview = container.previews.overview(actor, product_id)
    except StillRunning:
        return skeletons(product)
    except NoTable as reason:
        return no_plots(product, UNREAD if product.status is ProductStatus.FAILED else reason.message)
    return plots(product, overview)


def show_numbers(n_clicks: int | None, product_id: int) -> Any:
    """Numbers of the plot whose details were opened."""
    if not n_clicks or ctx.triggered_id is None:
        raise PreventUpdate
    name = ctx.triggered_id["index"]
    return numbers_table(binned_numbers(_statistic(product_id, name)), FIGURES[name].title)


def download_numbers(_: list[int | None], product_id: int) -> dict[str, Any]:
    """CSV with the numbers of one plot."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    name = ctx.triggered_id["index"]
    product = portal().catalog.get(current_actor(), product_id)
    sent: dict[str, Any] = dcc.send_string(
        numbers_csv(_statistic(product_id, name)), f"{product.internal_name}_{name}.csv"
    )
    return sent


def _statistic(product_id: int, name: str) -> Statistic:
    statistics = portal().previews.overview(current_actor(), product_id).statistics
    if name not in statistics or name not in FIGURES:
        raise NotFound("This plot is not there any more. Reload the page.")
    return statistics[name]


def register(app: Dash) -> None:
    """Attach the callbacks of the Explore tab."""
    product = State(SummaryIds.product, "data")
    app.callback(Output(Ids.panel, "children"), Input(SummaryIds.revision, "data"), product)(show_plots)
    app.callback(
        Output({"type": Ids.numbers, "index": MATCH}, "children"),
        Input({"type": Ids.numbers_summary, "index": MATCH}, "n_clicks"),
        product,
        prevent_initial_call=True,
    )(show_numbers)
    app.callback(
        Output(Ids.csv, "data"),
        Input({"type": Ids.csv_button, "index": ALL}, "n_clicks"),
        product,
        prevent_initial_call=True,
    )(download_numbers)
