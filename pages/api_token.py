"""API tokens of the person who asks."""

from __future__ import annotations

from datetime import UTC, datetime

import dash
from dash import html

from components.shell.page import page
from components.token_panel.layout import token_panel
from services.context import current_actor, portal

dash.register_page(__name__, path="/tokens", title="API Token", order=7)


def layout(**_: str) -> html.Div:
    """Form and list."""
    tokens = portal().tokens.list(current_actor())
    return page("API Token", token_panel(tokens, datetime.now(UTC)))
