"""Form that changes a product."""

from __future__ import annotations

import dash
from dash import html

from components.product_edit.layout import product_edit_form
from components.product_summary.layout import product_address
from components.shell.page import page
from services.context import current_actor, portal
from services.errors import NotAllowed


def title(internal_name: str = "") -> str:
    """Name of the product, for the browser tab."""
    return f"Edit {portal().catalog.find(current_actor(), internal_name).display_name}"


def layout(internal_name: str = "", **_: str) -> html.Div:
    """Form for the product that the path names; refused to people who may not edit it."""
    actor, container = current_actor(), portal()
    product = container.catalog.find(actor, internal_name)
    rights = container.catalog.rights(actor, product)
    if not rights.can_edit:
        raise NotAllowed(rights.reasons.get("edit") or "Only the owner or an administrator may edit this product.")
    form = product_edit_form(
        product,
        container.releases.visible(actor),
        container.catalog.files(actor, product.id),
        container.settings.upload_max_bytes,
        is_admin=actor.is_admin,
    )
    return page(f"Edit {product.display_name}", form, crumbs=[(product.display_name, product_address(product))])


dash.register_page(__name__, path_template="/product/edit/<internal_name>", title=title, order=6)
