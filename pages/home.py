"""Home."""

from __future__ import annotations

import dash
from dash import html

from components.home.layout import N_NEWEST, home_page
from services.context import current_actor, current_context, portal

dash.register_page(__name__, path="/", title="PZ Server", order=0)


def layout(**_: str) -> html.Div:
    """Counts and newest products as the person may see them."""
    actor, catalog = current_actor(), portal().catalog
    return home_page(catalog.counts(actor), catalog.newest(actor, N_NEWEST), current_context().base_url)
