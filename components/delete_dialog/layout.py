"""The question before a product is deleted, and what stands in its place afterwards."""

from __future__ import annotations

from dash import dcc, html

from components.dialogs import dialog
from services.models.products import Product


class Ids:
    """Ids of the dialog and of the page that follows it."""

    dialog = "delete-dialog"
    confirm = "delete-confirm"
    undo = "delete-undo"
    product = "delete-product"
    place = "delete-place"
    goto = "delete-goto"


def delete_dialog(product: Product) -> html.Dialog:
    """Dialog that names the product and what deleting it means."""
    confirm = html.Button(
        "Delete",
        id=Ids.confirm,
        type="button",
        n_clicks=0,
        className="btn btn-danger",
        **{"data-close-dialog": ""},
    )
    return dialog(
        Ids.dialog,
        "Delete this product?",
        html.P([html.Strong(product.display_name), " will vanish from every list and its address will stop working."]),
        html.P("Nothing is lost at once: you can undo this right after."),
        actions=(confirm,),
    )


def deleted_notice(product: Product) -> html.Div:
    """What the page shows once the product is gone: the way back and the way on."""
    undo = html.Button("Undo", id=Ids.undo, type="button", className="btn btn-primary", n_clicks=0)
    return html.Div(
        [
            html.H1("Deleted", className="page-title"),
            html.P([html.Strong(product.display_name), " was deleted."], role="status"),
            html.Div(
                [undo, dcc.Link("To the list", href="/user_products", className="btn btn-outline-secondary")],
                className="button-row",
            ),
            dcc.Store(id=Ids.product, data=product.id),
            dcc.Location(id=Ids.goto, refresh=True),
        ],
        className="page state",
    )
