"""List of what people uploaded."""

from __future__ import annotations

import dash
from dash import html

from components.product_table.callbacks import list_panel
from components.product_table.layout import USER, list_frame, new_product_link
from components.shell.page import page

dash.register_page(__name__, path=USER.path, title=USER.title, order=2)


def layout(**parameters: str) -> html.Div:
    """The list its query string asks for."""
    return page(
        USER.title, html.Div(new_product_link(), className="list-top"), list_frame(list_panel(USER, parameters))
    )
