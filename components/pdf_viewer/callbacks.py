"""Finding an object, stepping to its neighbours, drawing its PDF. Its row lives in the address."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from components.pdf_viewer.layout import Ids, no_pdf, pdf_body
from components.product_summary.layout import Ids as SummaryIds
from services.context import current_actor, portal
from services.errors import NoTable, NotFound, StillRunning

FIRST = 1


def show_pdf(_revision: str, row: int | None, product_id: int) -> tuple[Any, bool]:
    """Plot of the object, and whether the card is hidden: there is no table, or it holds no PDFs."""
    actor, service = current_actor(), portal().object_pdfs
    try:
        if not service.has_pdfs(actor, product_id):
            return None, True
        found = service.pdf(actor, product_id, row or FIRST)
    except (NoTable, StillRunning):
        return None, True
    return (no_pdf(row or FIRST) if found is None else pdf_body(found)), False


def choose_row(
    _before: int | None,
    _after: int | None,
    _show: int | None,
    _enter: int | None,
    text: str | None,
    row: int | None,
    product_id: int,
) -> tuple[Any, str]:
    """Row of the object that was asked for; a sentence when there is none."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    here = row or FIRST
    if ctx.triggered_id in (Ids.before, Ids.after):
        return _neighbour(here, product_id, 1 if ctx.triggered_id == Ids.after else -1)
    if not (text or "").strip():
        return no_update, "Type the id of an object, or the number of a row."
    try:
        return portal().object_pdfs.row_of(current_actor(), product_id, text or ""), ""
    except NotFound as error:
        return no_update, error.message


def _neighbour(here: int, product_id: int, step: int) -> tuple[Any, str]:
    n_rows = portal().catalog.get(current_actor(), product_id).n_rows or here
    wanted = min(max(here + step, FIRST), n_rows)
    if wanted == here:
        return no_update, "This is the last object." if step > 0 else "This is the first object."
    return wanted, ""


def register(app: Dash) -> None:
    """Attach the callbacks of the viewer."""
    product = State(SummaryIds.product, "data")
    app.callback(
        Output(Ids.body, "children"),
        Output(Ids.card, "hidden"),
        Input(SummaryIds.revision, "data"),
        Input(Ids.row, "data"),
        product,
        running=[(Output(Ids.body, "className"), "plot-body is-counting", "plot-body")],
    )(show_pdf)
    app.callback(
        Output(Ids.row, "data"),
        Output(Ids.message, "children"),
        Input(Ids.before, "n_clicks"),
        Input(Ids.after, "n_clicks"),
        Input(Ids.show, "n_clicks"),
        Input(Ids.field, "n_submit"),
        State(Ids.field, "value"),
        State(Ids.row, "data"),
        product,
        prevent_initial_call=True,
    )(choose_row)
    app.clientside_callback(
        ClientsideFunction("pdfViewer", "keep"), Output(Ids.written, "data"), Input(Ids.row, "data")
    )
