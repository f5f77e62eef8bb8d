"""Page for addresses that lead nowhere; the server answers them with status 404."""

from __future__ import annotations

import dash
from dash import html

from components.shell.page import not_found

dash.register_page(__name__, path="/not-found-404", title="Not found")


def layout() -> html.Div:
    """What to do instead."""
    return not_found("There is nothing at this address. Check it, or start from one of the lists:")
