"""Changing a comparison, and what is shown of it. The comparison itself lives in the address."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, no_update
from dash.exceptions import PreventUpdate

from components.alerts import error_panel
from components.compare.address import CompareView, parameters_of, view_of
from components.compare.coverage import coverage_body
from components.compare.coverage_numbers import coverage_csv
from components.compare.layout import (
    NORMALISED,
    Ids,
    comparison_panel,
    found_items,
    note_list,
    numbers_card,
    product_items,
    quantity_options,
    too_few,
    width_hint,
)
from components.compare.numbers import comparison_numbers, csv_words
from components.compare.tables import depth_table, side_by_side
from components.cut_bar.reading import read_cut
from components.figures.numbers import numbers_csv
from services.comparison import Candidates
from services.context import current_actor, portal
from services.cuts.tree import CutError
from services.cuts.writing import written
from services.errors import InvalidInput, NoTable, PZServerError, StillRunning
from services.models.comparison import FEWEST_PRODUCTS, MOST_PRODUCTS, CompareQuestion, Comparison
from services.models.coverage import SourcedCoverage
from services.models.products import Product, ProductQuery
from services.product_types import PRODUCT_TYPES

Data = Mapping[str, str]
Shown = tuple[Any, ...]
"""Products, choices of the quantity, the one chosen, hint in the field of the width, notes, plot, further tables, and
a number that tells the page to ask for the distances."""

MOST_FOUND = 8
SEARCHED = 40
"""Products of a search that are looked through for tables."""


def show_comparison(data: Data, opened: Sequence[str] | None = None) -> Shown:
    """Everything that follows from the view; coverage that was open stays open."""
    view = view_of(data)[0]
    found = candidates(view)
    items = product_items(found.products)
    if len(found.products) < FEWEST_PRODUCTS:
        return items, [], no_update, "", note_list(found.notes), too_few(len(found.products)), None, None
    quantities = portal().comparison.quantities(current_actor(), [product.id for product in found.products])
    words = [quantity.word for quantity in quantities]
    notes = list(found.notes)
    if view.x and view.x not in words:
        notes.append(f'Not all of these products have "{view.x[:60]}", so something else is shown.')
        view = replace(view, x="")
    choices, chosen = quantity_options(quantities), view.x or (words[0] if words else None)
    try:
        comparison = compared(view, found.products, has_distances=False)
    except (InvalidInput, NoTable, StillRunning) as error:
        return items, choices, chosen, "", note_list([*notes, error.message]), None, None, None
    panel, more = comparison_panel(comparison, is_log=view.is_log), side_by_side(found.products, opened or ())
    return items, choices, chosen, width_hint(comparison), note_list(notes), panel, more, time.monotonic_ns()


def show_numbers(drawn: int | None, data: Data) -> Any:
    """How far the products are apart, after the plot stands; nothing when there is none."""
    if not drawn:
        return None
    view = view_of(data)[0]
    try:
        products = candidates(view).products
        return numbers_card(compared(_with_known_quantity(view, products), products))
    except PZServerError as error:
        return error_panel(error)


def _with_known_quantity(view: CompareView, products: tuple[Product, ...]) -> CompareView:
    """The view without a quantity that not all products have."""
    quantities = portal().comparison.quantities(current_actor(), [product.id for product in products])
    return view if view.x in [quantity.word for quantity in quantities] else replace(view, x="")


def candidates(view: CompareView) -> Candidates:
    """The products of a view that can be compared."""
    return portal().comparison.candidates(current_actor(), view.products)


def compared(view: CompareView, products: tuple[Product, ...], *, has_distances: bool = True) -> Comparison:
    """The numbers of a view."""
    ids = tuple(product.id for product in products)
    question = CompareQuestion(ids, view.x or None, view.width, view.cut or None, view.is_normalised, has_distances)
    return portal().comparison.compare(current_actor(), question)


def show_found(search: str | None, data: Data) -> list[Any]:
    """Products to add: those that match the words; without words, others of the type of the first."""
    view = view_of(data)[0]
    chosen = candidates(view).products
    if len(chosen) >= MOST_PRODUCTS:
        return found_items((), is_full=True)
    words = " ".join((search or "").split())
    kinds = tuple(kind.name for kind in PRODUCT_TYPES.values() if kind.is_tabular)
    if chosen and not words:
        kinds = (chosen[0].product_type,)
    query = ProductQuery(search=words, product_types=kinds, page_size=SEARCHED)
    taken = {product.id for product in chosen}
    items = portal().catalog.search(current_actor(), query).items
    offered = [product for product in items if product.n_columns and product.id not in taken]
    return found_items(offered[:MOST_FOUND], is_full=False)


def change_products(_add: Any, _remove: Any, _first: Any, data: Data) -> tuple[Data, str]:
    """The view with a product more, one less, or another one first; the words searched for are done with."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    view = view_of(data)[0]
    kind, name = str(ctx.triggered_id["type"]), str(ctx.triggered_id["index"])
    others = [one.internal_name for one in candidates(view).products if one.internal_name != name]
    products = {Ids.add: [*others, name], Ids.remove: others, Ids.first: [name, *others]}[kind]
    return parameters_of(replace(view, products=tuple(products))), ""


def choose(quantity: str | None, width: float | None, scale: str, is_log: bool, data: Data) -> Data:
    """The view as the controls stand."""
    view = view_of(data)[0]
    new = _as_controls(view, quantity, width, scale, is_log)
    if parameters_of(new) == parameters_of(view):
        raise PreventUpdate
    return parameters_of(new)


def _as_controls(view: CompareView, quantity: str | None, width: float | None, scale: str, is_log: bool) -> CompareView:
    new = replace(
        view,
        x=quantity or "",
        width=width if width and width > 0 else None,
        is_normalised=scale == NORMALISED,
        is_log=bool(is_log),
    )
    return replace(new, width=None) if quantity != view.x and view.x else new


def apply_cut(_clicks: int | None, _enter: int | None, text: str | None, data: Data) -> tuple[Any, str]:
    """The view with the cut that was typed; a wrong one changes nothing but the message."""
    try:
        cut = read_cut(text)
    except CutError as error:
        return no_update, error.message
    view = view_of(data)[0]
    return parameters_of(replace(view, cut="" if cut is None else written(cut))), ""


def _chosen(quantity: str | None, width: float | None, scale: str, is_log: bool, text: str | None, data: Data) -> Data:
    """As ``choose``, with the cut as it is typed: the answer that brought it may still be on its way."""
    typed, _ = apply_cut(None, None, text, data)
    return choose(quantity, width, scale, is_log, data if typed is no_update else typed)


def _applied(
    clicks: int | None,
    enter: int | None,
    text: str | None,
    quantity: str | None,
    width: float | None,
    scale: str,
    is_log: bool,
    data: Data,
) -> tuple[Any, str]:
    """As ``apply_cut``, with the controls as they stand, for the same reason."""
    controls = _as_controls(view_of(data)[0], quantity, width, scale, is_log)
    return apply_cut(clicks, enter, text, parameters_of(controls))


def download_numbers(n_clicks: int | None, data: Data) -> dict[str, Any]:
    """CSV of all bins."""
    if not n_clicks:
        raise PreventUpdate
    view = view_of(data)[0]
    products = candidates(view).products
    comparison = compared(_with_known_quantity(view, products), products, has_distances=False)
    text = numbers_csv(comparison_numbers(comparison), csv_words(comparison), comparison.cut or "")
    sent: dict[str, Any] = dcc.send_string(text, f"compare_{comparison.quantity.word}.csv")
    return sent


def show_depth(n_clicks: int | None, data: Data) -> Any:
    """Depth of every product in each band, once somebody asks."""
    if not n_clicks:
        raise PreventUpdate
    view = view_of(data)[0]
    try:
        return depth_table(candidates(view).products)
    except PZServerError as error:
        return error_panel(error)


def show_coverage(asked: int | None, data: Data, place: Mapping[str, str]) -> Any:
    """Coverage of one product by the first, once somebody opens it."""
    if not asked:
        raise PreventUpdate
    try:
        found = _coverage(data, place["index"])
    except PZServerError as error:
        return error_panel(error)
    return coverage_body(found)


def download_coverage(_: Sequence[int | None], data: Data) -> dict[str, Any]:
    """CSV of one part of the coverage."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    part, found = str(ctx.triggered_id["part"]), _coverage(data, str(ctx.triggered_id["index"]))
    name = f"{found.target.product.internal_name}_coverage_{part}.csv"
    sent: dict[str, Any] = dcc.send_string(coverage_csv(part, found), name)
    return sent


def _coverage(data: Data, name: str) -> SourcedCoverage:
    """Coverage of the product of this name, which may have been taken out meanwhile."""
    view = view_of(data)[0]
    products = candidates(view).products
    target = next((one for one in products[1:] if one.internal_name == name), None)
    if target is None:
        raise PreventUpdate
    return portal().coverage.coverage(current_actor(), products[0].id, target.id, view.cut or None)


def register(app: Dash) -> None:
    """Attach the callbacks of the Compare page."""
    app.callback(
        Output(Ids.products, "children"),
        Output(Ids.quantity, "options"),
        Output(Ids.quantity, "value"),
        Output(Ids.width, "placeholder"),
        Output(Ids.notes, "children"),
        Output(Ids.panel, "children"),
        Output(Ids.more, "children"),
        Output(Ids.drawn, "data"),
        Input(Ids.view, "data"),
        State(Ids.opened, "data"),
        running=[(Output(Ids.panel, "className"), "plot-body is-counting", "plot-body")],
    )(show_comparison)
    app.callback(Output(Ids.found, "children"), Input(Ids.search, "value"), Input(Ids.view, "data"))(show_found)
    app.clientside_callback(
        ClientsideFunction("compare", "keep"),
        Output(Ids.written, "data"),
        Input(Ids.view, "data"),
        Input(Ids.opened, "data"),
    )
    _register_changes(app, State(Ids.view, "data"))
    _register_asked(app, State(Ids.view, "data"))


def _register_changes(app: Dash, view: State) -> None:
    """What changes the view."""
    changed = Output(Ids.view, "data", allow_duplicate=True)
    buttons = (Input({"type": kind, "index": ALL}, "n_clicks") for kind in (Ids.add, Ids.remove, Ids.first))
    app.callback(changed, Output(Ids.search, "value"), *buttons, view, prevent_initial_call=True)(change_products)
    fields = (Ids.quantity, Ids.width, Ids.scale, Ids.log)
    controls = (Input(field, "value") for field in fields)
    cut = State(Ids.cut, "value")
    app.callback(changed, *controls, cut, view, prevent_initial_call=True)(_chosen)
    app.callback(
        changed,
        Output(Ids.message, "children"),
        Input(Ids.apply, "n_clicks"),
        Input(Ids.cut, "n_submit"),
        cut,
        *(State(field, "value") for field in fields),
        view,
        prevent_initial_call=True,
    )(_applied)


def _register_asked(app: Dash, view: State) -> None:
    """What is computed after the plot, or when somebody asks."""
    place = {"type": Ids.coverage, "index": MATCH}
    app.callback(
        Output(Ids.numbers, "children"),
        Input(Ids.drawn, "data"),
        view,
        prevent_initial_call=True,
        running=[(Output(Ids.numbers, "className"), "plot-body is-counting", "plot-body")],
    )(show_numbers)
    for work, target, button in (
        (download_numbers, Output(Ids.csv, "data"), Ids.csv_button),
        (show_depth, Output(Ids.depth, "children"), Ids.depth_summary),
    ):
        app.callback(target, Input(button, "n_clicks"), view, prevent_initial_call=True)(work)
    app.callback(
        Output(place, "children"),
        Input({"type": Ids.coverage_asked, "index": MATCH}, "data"),
        view,
        State(place, "id"),
        prevent_initial_call=True,  # without running=: its target may be gone when the products change meanwhile
    )(show_coverage)
    app.callback(
        Output(Ids.csv, "data", allow_duplicate=True),
        Input({"type": Ids.coverage_csv, "part": ALL, "index": ALL}, "n_clicks"),
        view,
        prevent_initial_call=True,
    )(download_coverage)
