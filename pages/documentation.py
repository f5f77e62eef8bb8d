"""The user guide, as it stands in the repository."""

from __future__ import annotations

from pathlib import Path

import dash
from dash import html

from components.markdown import markdown_view
from components.shell.page import page

dash.register_page(__name__, path="/documentation", title="Documentation", order=8)

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "user-guide.md"


def layout() -> html.Div:
    """The guide under one heading of the page."""
    _title, _, text = GUIDE.read_text(encoding="utf-8").partition("\n")
    return page("Documentation", html.Div(markdown_view(text), className="prose"))
