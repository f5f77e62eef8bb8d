"""Deleting a product and taking it back."""

from __future__ import annotations

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.delete_dialog.layout import Ids, deleted_notice
from components.product_summary.layout import Ids as SummaryIds
from components.product_summary.layout import product_address
from services.context import current_actor, portal
from services.errors import NotFound


def delete_product(n_clicks: int | None, product_id: int) -> object:
    """Delete the product and put the way back in the place of its page."""
    if not n_clicks:
        return no_update
    actor, catalog = current_actor(), portal().catalog
    product = catalog.get(actor, product_id)
    catalog.delete(actor, product_id)
    return deleted_notice(product)


def undo_delete(n_clicks: int | None, product_id: int | None) -> str:
    """Restore the product and open its page again."""
    if not n_clicks:
        raise PreventUpdate
    if product_id is None:
        raise NotFound("The deleted product is not known any more. Open it from the list of your products.")
    return product_address(portal().catalog.restore(current_actor(), product_id))


def register(app: Dash) -> None:
    """Attach the callbacks of the dialog."""
    app.callback(
        Output(Ids.place, "children"),
        Input(Ids.confirm, "n_clicks"),
        State(SummaryIds.product, "data"),
        prevent_initial_call=True,
    )(delete_product)
    app.callback(
        Output(Ids.goto, "href"), Input(Ids.undo, "n_clicks"), State(Ids.product, "data"), prevent_initial_call=True
    )(undo_delete)
