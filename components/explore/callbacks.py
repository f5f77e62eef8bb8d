"""Plots, their numbers and their CSV: asked for by the page, computed by the services."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, dcc
from dash.exceptions import PreventUpdate

from components.alerts import error_panel
from components.cut_bar.layout import Ids as BarIds
from components.cut_bar.layout import chips, choices, ignored_note, range_fields
from components.cut_bar.reading import usable_cut
from components.cut_bar.sliders import live_state, slider_titles, sliders
from components.explore.details import detail_body, detail_cards
from components.explore.layout import Ids, no_plots, numbers_table, plot_names, plots, skeletons
from components.explore.reading import one_statistic, shown_statistics
from components.figures.registry import FIGURES, FigureRow, plot_csv, row_for
from components.product_summary.layout import Ids as SummaryIds
from components.view_bar.layout import Ids as ViewIds
from components.view_bar.layout import plot_options, split_options
from components.view_bar.view import View, view_of
from services.context import current_actor, portal
from services.cuts.tree import Cut
from services.cuts.writing import written
from services.errors import NoTable, NotFound, PZServerError, StillRunning
from services.models.details import AnyStatistic
from services.models.products import Product, ProductStatus

Answer = tuple[Any, ...]
"""Plots; what the cut bar shows, six things; what the view bar shows, four things."""

NO_BARS: Answer = ([], [], True, "", "", True, [], [], "", True)
UNREAD = "There are no plots, because the main file could not be read. The reason stands above."
Query = Mapping[str, str] | None
Log = Sequence[str] | None


def show_plots(_revision: str, cut: str | None, query: Query, product_id: int, log: Log = None) -> Answer:
    """All plots at once; skeletons while the file is being read; a reason when there is no table."""
    product = portal().catalog.get(current_actor(), product_id)
    try:
        return _plots_under(product, cut, _view(query, log))
    except StillRunning:
        return skeletons(product), *NO_BARS
    except NoTable as reason:
        return no_plots(product, UNREAD if product.status is ProductStatus.FAILED else reason.message), *NO_BARS


def _view(query: Query, log: Log) -> View:
    return view_of({**(query or {}), "log": ",".join(log or ())})[0]


def _plots_under(product: Product, text: str | None, view: View) -> Answer:
    """Plots and both bars; what cannot be used of cut and view is left out and said to be."""
    cut, reason = usable_cut(product.id, text)
    shown = shown_statistics(product.id, cut, view)
    actor, previews = current_actor(), portal().previews
    words = previews.cut_words(actor, product.id)
    range_words, plan = previews.range_words(actor, product.id), portal().live_cubes.plan(actor, product.id)
    fields = [
        *sliders(live_state(cut, plan, words), slider_titles(range_words, plan), plan),
        *range_fields(range_words, cut),
        *choices(words, shown.statistics),
    ]
    grid = plots(product, shown.statistics, words, view)
    found = chips(cut)
    message = ignored_note(reason) if reason else ""
    cut_bar = (fields, found, not found, shown.counts, message, False)
    return grid, *cut_bar, *_view_bar(product, shown.statistics, shown.notes, view)


def _view_bar(
    product: Product, statistics: Mapping[str, AnyStatistic], notes: Sequence[str], view: View
) -> tuple[Any, ...]:
    """What can be chosen, and what of the view was left out. The fields themselves are the person's alone: an answer on
    its way would undo what was chosen meanwhile."""
    actor = current_actor()
    splits = portal().binnings.choices(actor, product.id)
    offered = [*plot_names(product, statistics), *(row.name for row in portal().details.offered(actor, product.id))]
    return (
        split_options(splits),
        plot_options(offered),
        " ".join([*notes, *_not_offered(view, offered)]),
        False,
    )


def _not_offered(view: View, offered: Sequence[str]) -> Iterator[str]:
    """What is said of chosen plots that this table does not have."""
    missing = [FIGURES[name].title for name in view.plots if name in FIGURES and name not in offered]
    if missing:
        yield f"This table has nothing to show for {', '.join(missing)}: choose other plots, or reset the view."


def show_details(_revision: str, query: Query, product_id: int) -> tuple[list[Any], int]:
    """Cards of the details the table can show, still empty; nothing while there is no table.

    The number is another one each time: it tells the page that new cards are there to be watched.
    """
    view = _view(query, ())
    try:
        rows = portal().details.offered(current_actor(), product_id)
    except (StillRunning, NoTable):
        rows = ()
    return detail_cards([row for row in rows if view.shows(row.name)]), time.monotonic_ns()


def show_detail(
    looked: int | None, product_id: int, cut: str | None, place: dict[str, str], query: Query = None, log: Log = None
) -> Any:
    """One detail under the cut, once somebody has come to its card."""
    if not looked:
        raise PreventUpdate
    view = _view(query, log)
    try:
        found = one_statistic(product_id, place["index"], cut, view)
    except PZServerError as error:
        return error_panel(error)
    return detail_body(place["index"], found, view, portal().previews.cut_words(current_actor(), product_id))


def show_numbers(n_clicks: int | None, product_id: int, cut: str | None, query: Query = None) -> Any:
    """Numbers of the plot whose details were opened."""
    if not n_clicks or ctx.triggered_id is None:
        raise PreventUpdate
    row, found = _asked(ctx.triggered_id["index"], product_id, cut, query)
    return numbers_table(row.numbers(found), row.title)


def download_numbers(_: list[int | None], product_id: int, cut: str | None, query: Query = None) -> dict[str, Any]:
    """CSV with the numbers of one plot."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    name = ctx.triggered_id["index"]
    found = _asked(name, product_id, cut, query)[1]
    product = portal().catalog.get(current_actor(), product_id)
    text = plot_csv(name, found, _cut_words(usable_cut(product_id, cut)[0]))
    sent: dict[str, Any] = dcc.send_string(text, f"{product.internal_name}_{name}.csv")
    return sent


def _asked(name: str, product_id: int, cut: str | None, query: Query) -> tuple[FigureRow, AnyStatistic]:
    found = one_statistic(product_id, name, cut, _view(query, ()))
    if found is None:
        raise NotFound("There are no numbers behind this plot under this cut.")
    return row_for(name, found), found


def _cut_words(cut: Cut | None) -> str:
    return "" if cut is None else written(cut)


def register(app: Dash) -> None:
    """Attach the callbacks of the Explore tab."""
    product, cut = State(SummaryIds.product, "data"), State(SummaryIds.cut, "data")
    view, log = State(SummaryIds.view, "data"), State(SummaryIds.log, "data")
    app.callback(
        Output(Ids.panel, "children"),
        *_bar_outputs(),
        Input(SummaryIds.revision, "data"),
        Input(SummaryIds.cut, "data"),
        Input(SummaryIds.view, "data"),
        product,
        log,
        running=[(Output(BarIds.counts, "className"), "cut-counts is-counting", "cut-counts")],
    )(show_plots)
    app.callback(
        Output({"type": Ids.numbers, "index": MATCH}, "children"),
        Input({"type": Ids.numbers_summary, "index": MATCH}, "n_clicks"),
        product,
        cut,
        view,
        prevent_initial_call=True,
    )(show_numbers)
    app.callback(
        Output(Ids.csv, "data"),
        Input({"type": Ids.csv_button, "index": ALL}, "n_clicks"),
        product,
        cut,
        view,
        prevent_initial_call=True,
    )(download_numbers)
    _register_details(app)


def _bar_outputs() -> tuple[Output, ...]:
    return (
        Output(BarIds.ranges, "children"),
        Output(BarIds.chips, "children"),
        Output(BarIds.chips, "hidden"),
        Output(BarIds.counts, "children"),
        Output(BarIds.message, "children"),
        Output(BarIds.bar, "hidden"),
        Output(ViewIds.split, "options"),
        Output(ViewIds.plots, "options"),
        Output(ViewIds.left_out, "children"),
        Output(ViewIds.bar, "hidden"),
    )


def _register_details(app: Dash) -> None:
    product, cut = State(SummaryIds.product, "data"), State(SummaryIds.cut, "data")
    app.callback(
        Output(Ids.details, "children"),
        Output(Ids.details_ready, "data"),
        Input(SummaryIds.revision, "data"),
        Input(SummaryIds.view, "data"),
        product,
    )(show_details)
    app.clientside_callback(
        ClientsideFunction("details", "refresh"),
        Input(Ids.details_ready, "data", allow_optional=True),
        Input(SummaryIds.cut, "data"),
    )
    body = {"type": Ids.detail, "index": MATCH}
    app.callback(
        Output(body, "children"),
        Input({"type": Ids.looked, "index": MATCH}, "data"),
        product,
        cut,
        State(body, "id"),
        State(SummaryIds.view, "data"),
        State(SummaryIds.log, "data"),
        prevent_initial_call=True,
        running=[(Output(body, "className"), "plot-body is-counting", "plot-body")],
    )(show_detail)
