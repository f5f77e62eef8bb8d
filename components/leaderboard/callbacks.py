"""Metrics that nobody has computed yet follow one product at a time while the board stands."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from components.leaderboard.address import BoardView, view_of
from components.leaderboard.layout import Ids, board_panel, todo_of
from services.context import current_actor, portal
from services.errors import NoTable, NotFound, StillRunning
from services.leaderboard import Board


def board_of(view: BoardView) -> Board:
    """The board of a view."""
    return portal().leaderboard.board(current_actor(), view.test_set, view.products)


def compute_next(_ticks: int | None, data: dict[str, str]) -> tuple[Any, int]:
    """Compute the first metrics that are missing; the board with them, and whether the clock goes on."""
    view = view_of(data)
    todo = todo_of(board_of(view))
    if todo:
        try:
            portal().leaderboard.compute(current_actor(), todo[0])
        except (NoTable, NotFound, StillRunning):
            raise PreventUpdate from None
    board = board_of(view)
    return board_panel(board, view), -1 if todo_of(board) else 0


def register(app: Dash) -> None:
    """Attach the callback of the leaderboard."""
    app.callback(
        Output(Ids.panel, "children"),
        Output(Ids.clock, "max_intervals"),
        Input(Ids.clock, "n_intervals"),
        State(Ids.view, "data"),
        prevent_initial_call=True,
        running=[(Output(Ids.clock, "disabled"), True, False)],
    )(compute_next)
