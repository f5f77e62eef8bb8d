"""Card with a field for an id or a row number, steps to the neighbours, and the PDF of one object."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.figures.object_pdf import object_pdf_figure, object_pdf_words
from components.figures.template import HEIGHT_PX
from services.models.validation import ObjectPdf

LONGEST = 100
"""Letters of an id somebody types."""


class Ids:
    """Ids of the PDF viewer."""

    card = "pdf-viewer"
    row = "pdf-viewer-row"
    written = "pdf-viewer-written"
    field = "pdf-viewer-field"
    show = "pdf-viewer-show"
    before = "pdf-viewer-before"
    after = "pdf-viewer-after"
    message = "pdf-viewer-message"
    body = "pdf-viewer-body"


def pdf_viewer(row: str | None) -> html.Section:
    """The card, hidden until it is known that the table holds PDFs; ``row`` as the address has it."""
    head = html.H2("PDF of one object", id="pdf-viewer-title", className="plot-title")
    return html.Section(
        [
            html.Div([head, _steps()], className="plot-head"),
            _form(),
            html.P(id=Ids.message, className="pdf-message", role="status"),
            html.Div(id=Ids.body, className="plot-body"),
            dcc.Store(id=Ids.row, data=row_number(row)),
            dcc.Store(id=Ids.written),
        ],
        id=Ids.card,
        className="plot-card pdf-viewer",
        hidden=True,
        **{"aria-labelledby": "pdf-viewer-title"},
    )


def row_number(text: str | None) -> int | None:
    """Row of an address; None when it names none."""
    is_number = bool(text) and str(text).isascii() and str(text).isdecimal() and len(str(text)) < 13
    return max(int(str(text)), 1) if is_number else None


def _steps() -> html.Div:
    return html.Div([_step(Ids.before, "← Previous"), _step(Ids.after, "Next →")], className="plot-tools")


def _step(name: str, words: str) -> html.Button:
    return html.Button(words, id=name, type="button", n_clicks=0, className="plot-tool")


def _form() -> html.Div:
    return html.Div(
        [
            html.Label("Id or row number", htmlFor=Ids.field, className="form-label"),
            dbc.Input(id=Ids.field, type="text", maxlength=LONGEST, autocomplete="off", class_name="pdf-field"),
            dbc.Button("Show", id=Ids.show, n_clicks=0, color="primary", outline=True, size="sm"),
        ],
        className="pdf-form",
    )


def pdf_body(found: ObjectPdf) -> list[Any]:
    """Plot of a PDF and the line under it."""
    words = object_pdf_words(found)
    graph = dcc.Graph(
        figure=object_pdf_figure(found),
        config={"displayModeBar": False, "displaylogo": False, "responsive": True},
        responsive=True,
        className="plot-graph",
        style={"height": f"{HEIGHT_PX}px"},
    )
    picture = html.Div(graph, role="img", **{"aria-label": f"PDF of one object: {words}"})
    return [picture, html.P(words, className="plot-caption")]


def no_pdf(row: int) -> list[Any]:
    """What stands in place of the plot when an object has no PDF."""
    words = f"The object in row {row:,} has no PDF: its values are all zero, or one of them is no number."
    return [html.Div(html.P(words), className="plot-empty", style={"height": f"{HEIGHT_PX}px"})]
