"""Row actions of a product list, and the small N(z) pictures that follow once the rows stand."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from components.product_filters.url import Parameters, query_from_parameters
from components.product_table.layout import (
    KINDS,
    USER,
    Ids,
    ListKind,
    delete_question,
    notice,
    product_list,
    verdict_link,
)
from components.sparkline import redshift_counts, sparkline
from services.context import current_actor, portal
from services.errors import NoTable, NotFound, StillRunning


def list_panel(kind: ListKind, parameters: Parameters) -> Any:
    """The list an address asks for: one search, one count of choices, rights of every row."""
    actor, catalog = current_actor(), portal().catalog
    query = query_from_parameters(parameters, official=kind.official)
    found = catalog.search(actor, query)
    rights = {product.id: catalog.rights(actor, product) for product in found.items}
    return product_list(kind, query, found, catalog.facets(actor, query), rights)


def ask_before_delete(clicks: list[int | None]) -> tuple[Any, int]:
    """Fill the dialog with the product whose Delete was pressed."""
    if not any(clicks) or ctx.triggered_id is None:
        raise PreventUpdate
    product = portal().catalog.get(current_actor(), ctx.triggered_id["product"])
    return delete_question(product), product.id


def delete_listed(n_clicks: int | None, product_id: int | None) -> Any:
    """Delete the product of the dialog and offer the way back."""
    if not n_clicks or product_id is None:
        raise PreventUpdate
    actor, catalog = current_actor(), portal().catalog
    product = catalog.get(actor, product_id)
    catalog.delete(actor, product_id)
    return notice(f"{product.display_name} was deleted.", product)


def undo_delete(n_clicks: int | None, product_id: int | None) -> Any:
    """Put a deleted product back in its list."""
    if not n_clicks or product_id is None:
        raise PreventUpdate
    product = portal().catalog.restore(current_actor(), product_id)
    return notice(f"{product.display_name} is back.")


def change_notice(n_delete: int | None, n_undo: int | None, delete_id: int | None, undo_id: int | None) -> Any:
    """What the line above the list says after a row action."""
    return undo_delete(n_undo, undo_id) if ctx.triggered_id == Ids.undo else delete_listed(n_delete, delete_id)


def refresh_list(changed: Any, path: str, search: str | None) -> Any:
    """The same list again after a row action changed it."""
    if not changed:
        return no_update
    return list_panel(KINDS.get(path, USER), parse_qs((search or "").lstrip("?"), keep_blank_values=True))


def draw_sparklines(product_ids: list[int] | None, places: list[dict[str, Any]]) -> list[Any]:
    """N(z) picture of every row that has one."""
    wanted = set(product_ids or ())
    return [small_redshifts(place["product"]) if place["product"] in wanted else no_update for place in places]


def small_redshifts(product_id: int) -> Any:
    """N(z) picture of a product; None when it has no table, no redshift, or is still being read."""
    actor, container = current_actor(), portal()
    try:
        counts = redshift_counts(container.previews.overview(actor, product_id))
        return sparkline(counts, container.catalog.get(actor, product_id).display_name) if counts else None
    except (NoTable, StillRunning, NotFound):
        return None


def draw_verdicts(product_ids: list[int] | None, places: list[dict[str, Any]]) -> list[Any]:
    """Verdict of every row whose checks have run; nothing is worked out for a list."""
    wanted = set(product_ids or ())
    return [verdict(place["product"]) if place["product"] in wanted else no_update for place in places]


def verdict(product_id: int) -> Any:
    """Verdict of a product; None while there is none."""
    actor, container = current_actor(), portal()
    try:
        found = container.quality.verdict(actor, product_id)
        return verdict_link(container.catalog.get(actor, product_id), found) if found else None
    except NotFound:
        return None


def register(app: Dash) -> None:
    """Attach the callbacks of the lists."""
    app.callback(
        Output(Ids.delete_question, "children"),
        Output(Ids.delete_product, "data"),
        Input(Ids.delete(ALL), "n_clicks"),
        prevent_initial_call=True,
    )(ask_before_delete)
    app.callback(
        Output(Ids.notice, "children"),
        Input(Ids.delete_confirm, "n_clicks"),
        Input(Ids.undo, "n_clicks", allow_optional=True),
        State(Ids.delete_product, "data"),
        State(Ids.undo_product, "data", allow_optional=True),
        prevent_initial_call=True,
    )(change_notice)
    app.callback(
        Output(Ids.panel, "children"),
        Input(Ids.notice, "children"),
        State("_pages_location", "pathname"),
        State("_pages_location", "search"),
        prevent_initial_call=True,
    )(refresh_list)
    app.callback(
        Output(Ids.sparkline(ALL), "children"),
        Input(Ids.loaded, "data"),
        State(Ids.sparkline(ALL), "id"),
    )(draw_sparklines)
    app.callback(
        Output(Ids.verdict(ALL), "children"),
        Input(Ids.loaded, "data"),
        State(Ids.verdict(ALL), "id"),
    )(draw_verdicts)
