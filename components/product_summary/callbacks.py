"""What the head of the product page does by itself and on demand."""

from __future__ import annotations

import time
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from components.alerts import show_toast
from components.product_summary.layout import Ids, head, is_moving, revision
from components.product_summary.status import status_strip
from services.context import current_actor, portal
from services.models.products import Product
from services.models.quality import Verdict


def strip_of(product: Product) -> Any:
    """Status strip of a product as the person asking sees it."""
    actor, container = current_actor(), portal()
    return status_strip(
        product,
        container.catalog.rights(actor, product),
        container.jobs.latest_for_product(actor, product.id),
        container.catalog.columns(actor, product.id),
    )


def verdict_of(product: Product) -> Verdict | None:
    """Verdict of the checks; None where they have not run."""
    return portal().quality.verdict(current_actor(), product.id)


def show_progress(
    _: int | None, _acted: int | None, _roles: str | None, product_id: int, cut: str | None = None
) -> tuple[Any, bool, Any, Any]:
    """Strip, whether to stop asking, and (once it stands still) the new head and revision."""
    product = portal().catalog.get(current_actor(), product_id)
    if is_moving(product):
        return strip_of(product), False, no_update, no_update
    rights, verdict = portal().catalog.rights(current_actor(), product), verdict_of(product)
    return strip_of(product), True, head(product, rights, cut, verdict), revision(product)


def act(_: list[int | None], product_id: int) -> int:
    """Publish the draft or read the file again; the new number makes the page ask for news."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    actor, container = current_actor(), portal()
    if ctx.triggered_id["index"] == "publish":
        container.catalog.publish(actor, product_id)
        show_toast("Every user can find it now.", "Published")
    else:
        container.uploads.process(actor, product_id)
    return time.monotonic_ns()


def register(app: Dash) -> None:
    """Attach the callbacks of the head."""
    app.callback(
        Output(Ids.status, "children"),
        Output(Ids.watch, "disabled"),
        Output(Ids.head, "children"),
        Output(Ids.revision, "data"),
        Input(Ids.watch, "n_intervals"),
        Input(Ids.acted, "data"),
        Input(Ids.roles_changed, "data"),
        State(Ids.product, "data"),
        State(Ids.cut, "data"),
        prevent_initial_call=True,
    )(show_progress)
    compare = {"type": Ids.compare, "index": ALL}
    app.clientside_callback(
        ClientsideFunction("address", "carry"),
        Output(compare, "href"),
        Input(Ids.cut, "data"),
        State(compare, "href"),
        prevent_initial_call=True,
    )
    app.callback(
        Output(Ids.acted, "data"),
        Input({"type": Ids.act, "index": ALL}, "n_clicks"),
        State(Ids.product, "data"),
        prevent_initial_call=True,
    )(act)
