"""Upload form."""

from __future__ import annotations

import dash
from dash import html

from components.shell.page import page
from components.upload_form.layout import upload_form
from services.context import current_actor, portal


def layout(**_: str) -> html.Div:
    """Form for a new product."""
    actor, container = current_actor(), portal()
    form = upload_form(container.releases.visible(actor), container.settings.upload_max_bytes, is_admin=actor.is_admin)
    return page("New product", form, crumbs=[("User-generated Data Products", "/user_products")])


dash.register_page(__name__, path="/product/new", title="New product", order=5)
