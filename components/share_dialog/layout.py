"""Address of a product, who can open it, and a mail that carries it."""

from __future__ import annotations

from urllib.parse import quote

from dash import html

from components.dialogs import copy_block, dialog
from services.models.products import Product, ProductStatus


class Ids:
    """Ids of the dialog."""

    dialog = "share-dialog"


def share_dialog(product: Product, address: str) -> html.Dialog:
    """Dialog for one product.

    Parameters
    ----------
    address : str
        Full address of the product page.
    """
    return dialog(
        Ids.dialog,
        "Share this product",
        html.P("Send this address. It opens this page after log-in.", className="mb-2"),
        copy_block(address, "address of the product"),
        html.P([html.Strong("Who can see it: "), who_sees(product)], className="mt-3"),
        html.P(html.A("Send by e-mail", href=mail_link(product, address), className="btn btn-outline-primary btn-sm")),
    )


def who_sees(product: Product) -> str:
    """One sentence about who may open the page."""
    if product.status is not ProductStatus.PUBLISHED:
        return "only you and the administrators, until it is published."
    if product.release_name:
        return f"everybody who is signed in and may see the release {product.release_name}."
    return "everybody who is signed in."


def mail_link(product: Product, address: str) -> str:
    """``mailto:`` link with subject and text filled in."""
    subject = f"Data product: {product.display_name}"
    body = f"{product.product_type_title} by {product.owner_display_name}:\n{address}\n"
    return f"mailto:?subject={quote(subject)}&body={quote(body)}"
