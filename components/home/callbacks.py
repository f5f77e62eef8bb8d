"""N(z) pictures of the newest products, after the page stands."""

from __future__ import annotations

from dash import ALL, Dash, Input, Output, State

from components.home.layout import Ids
from components.product_table.callbacks import draw_sparklines


def register(app: Dash) -> None:
    """Attach the callback of the home page."""
    app.callback(Output(Ids.sparkline(ALL), "children"), Input(Ids.newest, "data"), State(Ids.sparkline(ALL), "id"))(
        draw_sparklines
    )
