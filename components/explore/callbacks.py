"""Plots, their numbers and their CSV: asked for by the page, computed by the services."""

from __future__ import annotations

from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, dcc
from dash.exceptions import PreventUpdate

from components.alerts import error_panel
from components.cut_bar.layout import Ids as BarIds
from components.cut_bar.layout import chips, counts_text, ignored_note, range_fields
from components.cut_bar.reading import usable_cut
from components.explore.details import detail_body, detail_cards
from components.explore.layout import Ids, no_plots, numbers_table, plots, skeletons
from components.figures.numbers import numbers_csv
from components.figures.registry import FIGURES
from components.product_summary.layout import Ids as SummaryIds
from services.context import current_actor, portal
from services.cuts.tree import Cut
from services.cuts.writing import written
from services.errors import NoTable, NotFound, PZServerError, StillRunning
from services.models.details import AnyStatistic
from services.models.products import Product, ProductStatus
from services.models.statistics import CutOverview, Overview
from services.statistics.details import DETAILS

Shown = tuple[Any, ...]
"""Plots; ranges, chips, whether there are none, counts, message and whether the bar is hidden."""

NO_CUT_BAR: Shown = ([], [], True, "", "", True)
UNREAD = "There are no plots, because the main file could not be read. The reason stands above."


def show_plots(_revision: str, cut: str | None, product_id: int) -> Shown:
    """All plots at once; skeletons while the file is being read; a reason when there is no table."""
    actor, container = current_actor(), portal()
    product = container.catalog.get(actor, product_id)
    try:
        return _plots_under(product, cut)
    except StillRunning:
        return skeletons(product), *NO_CUT_BAR
    except NoTable as reason:
        return no_plots(product, UNREAD if product.status is ProductStatus.FAILED else reason.message), *NO_CUT_BAR


def _plots_under(product: Product, text: str | None) -> Shown:
    """Plots and the cut bar; a cut that cannot be used is left out and said to be."""
    actor, previews = current_actor(), portal().previews
    cut, reason = usable_cut(product.id, text)
    shown, counts = _overview(product.id, cut)
    words = previews.range_words(actor, product.id)
    grid = plots(product, shown, {word.statistic for word in words})
    found = chips(cut)
    message = ignored_note(reason) if reason else ""
    return grid, range_fields(words, cut), found, not found, counts, message, False


def _overview(product_id: int, cut: Cut | None) -> tuple[Overview | CutOverview, str]:
    """What the plots show under a cut, and where all rows went."""
    actor, previews = current_actor(), portal().previews
    if cut is None:
        whole = previews.overview(actor, product_id)
        return whole, counts_text(whole.n_rows, whole.n_rows)
    under = previews.overview_under(actor, product_id, written(cut))
    return under, counts_text(under.n_shown, under.n_total)


def show_details(_revision: str, product_id: int) -> tuple[list[Any], int]:
    """Cards of the details the table can show, still empty; nothing while there is no table. The number tells the page
    that new cards are there to be watched."""
    try:
        rows = portal().details.offered(current_actor(), product_id)
    except (StillRunning, NoTable):
        rows = ()
    return detail_cards(rows), len(rows)


def show_detail(looked: int | None, product_id: int, cut: str | None, place: dict[str, str]) -> Any:
    """One detail under the cut, once somebody has come to its card."""
    if not looked:
        raise PreventUpdate
    name = place["index"]
    try:
        found = _statistic(product_id, name, usable_cut(product_id, cut)[0])
    except PZServerError as error:
        return error_panel(error)
    return detail_body(name, found)


def show_numbers(n_clicks: int | None, product_id: int, cut: str | None) -> Any:
    """Numbers of the plot whose details were opened."""
    if not n_clicks or ctx.triggered_id is None:
        raise PreventUpdate
    row = FIGURES[ctx.triggered_id["index"]]
    found = _statistic(product_id, row.statistic, usable_cut(product_id, cut)[0])
    return None if found is None else numbers_table(row.numbers(found), row.title)


def download_numbers(_: list[int | None], product_id: int, cut: str | None) -> dict[str, Any]:
    """CSV with the numbers of one plot."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    row = FIGURES[ctx.triggered_id["index"]]
    product = portal().catalog.get(current_actor(), product_id)
    usable, _reason = usable_cut(product_id, cut)
    found = _statistic(product_id, row.statistic, usable)
    if found is None:
        raise NotFound("There are no numbers behind this plot under this cut.")
    text = numbers_csv(row.numbers(found), row.caption(found), "" if usable is None else written(usable))
    sent: dict[str, Any] = dcc.send_string(text, f"{product.internal_name}_{row.statistic}.csv")
    return sent


def _statistic(product_id: int, name: str, cut: Cut | None) -> AnyStatistic | None:
    if name in DETAILS:
        text = None if cut is None else written(cut)
        return portal().details.detail(current_actor(), product_id, name, text)
    statistics = _overview(product_id, cut)[0].statistics
    if name not in statistics or name not in FIGURES:
        raise NotFound("This plot is not there any more. Reload the page.")
    return statistics[name]


def register(app: Dash) -> None:
    """Attach the callbacks of the Explore tab."""
    product, cut = State(SummaryIds.product, "data"), State(SummaryIds.cut, "data")
    app.callback(
        Output(Ids.panel, "children"),
        Output(BarIds.ranges, "children"),
        Output(BarIds.chips, "children"),
        Output(BarIds.chips, "hidden"),
        Output(BarIds.counts, "children"),
        Output(BarIds.message, "children"),
        Output(BarIds.bar, "hidden"),
        Input(SummaryIds.revision, "data"),
        Input(SummaryIds.cut, "data"),
        product,
        running=[(Output(BarIds.counts, "className"), "cut-counts is-counting", "cut-counts")],
    )(show_plots)
    app.callback(
        Output(Ids.details, "children"),
        Output(Ids.details_ready, "data"),
        Input(SummaryIds.revision, "data"),
        product,
    )(show_details)
    app.clientside_callback(
        ClientsideFunction("details", "refresh"),
        Input(Ids.details_ready, "data"),
        Input(SummaryIds.cut, "data"),
    )
    body = {"type": Ids.detail, "index": MATCH}
    app.callback(
        Output(body, "children"),
        Input({"type": Ids.looked, "index": MATCH}, "data"),
        product,
        cut,
        State(body, "id"),
        prevent_initial_call=True,
        running=[(Output(body, "className"), "plot-body is-counting", "plot-body")],
    )(show_detail)
    app.callback(
        Output({"type": Ids.numbers, "index": MATCH}, "children"),
        Input({"type": Ids.numbers_summary, "index": MATCH}, "n_clicks"),
        product,
        cut,
        prevent_initial_call=True,
    )(show_numbers)
    app.callback(
        Output(Ids.csv, "data"),
        Input({"type": Ids.csv_button, "index": ALL}, "n_clicks"),
        product,
        cut,
        prevent_initial_call=True,
    )(download_numbers)
