"""List of the official data products."""

from __future__ import annotations

import dash
from dash import html

from components.product_table.callbacks import list_panel
from components.product_table.layout import OFFICIAL, list_frame
from components.shell.page import page


def layout(**parameters: str) -> html.Div:
    """The list its query string asks for."""
    return page(OFFICIAL.title, list_frame(list_panel(OFFICIAL, parameters)))


dash.register_page(__name__, path=OFFICIAL.path, title=OFFICIAL.title, order=1)
dash.register_page("pages.oficial_products", path="/oficial_products", title=OFFICIAL.title, layout=layout, order=91)
