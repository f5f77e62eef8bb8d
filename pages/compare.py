"""Two to four products on common axes; the whole view is in the address."""

from __future__ import annotations

import dash
from dash import html

from components.compare.address import PATH, view_of
from components.compare.layout import compare_frame
from components.shell.page import page


def layout(**parameters: str) -> html.Div:
    """The comparison its query string asks for."""
    view, notes = view_of(parameters)
    return page("Compare products", compare_frame(view, notes))


dash.register_page(__name__, path=PATH, title="Compare products", order=7)
