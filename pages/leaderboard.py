"""Validation products of one test set side by side; the whole view is in the address."""

from __future__ import annotations

import dash
from dash import html

from components.leaderboard.address import PATH, view_of
from components.leaderboard.callbacks import board_of
from components.leaderboard.layout import board_frame
from components.shell.page import page


def layout(**parameters: str) -> html.Div:
    """The board its query string asks for."""
    view = view_of(parameters)
    return page("Leaderboard", board_frame(view, board_of(view)))


dash.register_page(__name__, path=PATH, title="Leaderboard", order=8)
