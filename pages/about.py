"""About, for signed-in people."""

from __future__ import annotations

import dash
from dash import html

from components.shell.page import page
from services.about import ABOUT
from services.version import LICENCE, VERSION

dash.register_page(__name__, path="/about", title="About")


def layout() -> html.Div:
    """The portal in a few paragraphs."""
    sections = [
        html.Section([html.H2(section.heading), *(html.P(words) for words in section.paragraphs)]) for section in ABOUT
    ]
    return page("About", html.Div([*sections, html.P(f"Version {VERSION}, {LICENCE} licence.")], className="prose"))
