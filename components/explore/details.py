"""Details: plots that are computed when somebody scrolls to them, each on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from components.explore.layout import EVERYTHING, Ids, card, plot_body
from components.figures.registry import FIGURES, FigureRow
from components.shell.page import skeleton
from components.view_bar.view import View
from services.models.details import AnyStatistic
from services.statistics.details import DETAILS, DetailRow
from services.statistics.range_words import CutWords

BELOW_PLOT_PX = 56
"""Room of the caption and the numbers under a plot."""
_NO_GRID = " PDFs also need their redshifts: if the file has none, they can be stated under Columns."


def detail_cards(rows: Sequence[DetailRow]) -> list[html.Section]:
    """Cards whose plots are on their way."""
    return [_card(FIGURES[row.name]) for row in rows if row.name in FIGURES]


def _card(row: FigureRow) -> html.Section:
    body = html.Div(
        skeleton(row.height_px + BELOW_PLOT_PX, "The plot is computed when you come to it"),
        id={"type": Ids.detail, "index": row.statistic},
        className="plot-body",
        **{"data-detail": row.statistic},
    )
    return card(row, html.Div([body, dcc.Store(id={"type": Ids.looked, "index": row.statistic})]))


def detail_body(
    name: str, detail: AnyStatistic | None, view: View = EVERYTHING, words: CutWords | None = None
) -> list[Any]:
    """What a card shows once its numbers are there."""
    row = FIGURES[name]
    if detail is None:
        is_of_pdfs = name in DETAILS and ("pdf",) in DETAILS[name].needs
        reason = "No row holds what this plot is made from." + (_NO_GRID if is_of_pdfs else "")
        return [html.Div(html.P(reason), className="plot-empty", style={"height": f"{row.height_px}px"})]
    return plot_body(row, {name: detail}, view, words)
