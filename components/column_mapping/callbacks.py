"""Changing what a column means."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.alerts import show_toast
from components.column_mapping.layout import Ids, column_panel, parsed_role
from components.column_mapping.pdf_grid import Ids as GridIds
from components.product_summary.layout import Ids as SummaryIds
from services.column_association import VELOCITY_TRANSFORM
from services.columns.pdf_ends import grid_transform
from services.columns.roles import role_title
from services.context import current_actor, portal
from services.errors import InvalidInput, NoTable, NotFound, StillRunning
from services.models.products import ProductColumn
from services.models.statistics import ColumnStatistics
from services.object_pdfs import PdfRedshifts


def _statistics(product_id: int) -> Mapping[str, ColumnStatistics]:
    try:
        overview = portal().previews.overview(current_actor(), product_id)
    except (NoTable, StillRunning):
        return {}
    return {column.name: column for column in overview.columns}


def show_columns(_revision: str, product_id: int, start: int | None) -> Any:
    """Columns of a product as the person asking sees them."""
    actor, catalog = current_actor(), portal().catalog
    product = catalog.get(actor, product_id)
    columns = catalog.columns(actor, product_id)
    can_edit = catalog.rights(actor, product).can_edit
    roles = catalog.role_map(actor, product_id)
    return column_panel(product, columns, roles, _statistics(product_id), can_edit, start or 0, _pdfs(product_id))


def _pdfs(product_id: int) -> PdfRedshifts | None:
    try:
        return portal().object_pdfs.redshifts(current_actor(), product_id)
    except (NoTable, StillRunning):
        return None


def change_role(wanted: Mapping[str, Any] | None, product_id: int) -> str:
    """Give a column the chosen role; the new word makes the page ask for news."""
    if not wanted:
        raise PreventUpdate
    actor, catalog = current_actor(), portal().catalog
    column = _column(catalog.columns(actor, product_id), int(wanted["place"]))
    role, band = parsed_role(str(wanted["value"]))
    transform = column.transform if role == column.role else ""
    after = _column(catalog.set_role(actor, product_id, column.name, role, band, transform), int(wanted["place"]))
    words = f"{column.name} is now: {role_title(role, band)}" if role else f"{column.name} has no role now"
    derived = ", read as z = v/c since it is a velocity in km/s" if after.transform == VELOCITY_TRANSFORM else ""
    show_toast(f"{words}{derived}. The plots follow.", "Role changed")
    return f"{product_id}/{column.name}/{wanted['value']}/{time.monotonic_ns()}"


def state_redshifts(
    clicks: int | None, column: str | None, first: float | None, last: float | None, product_id: int
) -> tuple[Any, str]:
    """State the redshifts of the PDFs; the new word makes the page ask for news."""
    if not clicks or not column:
        raise PreventUpdate
    try:
        transform = grid_transform(first, last)
    except InvalidInput as error:
        return no_update, error.message
    portal().catalog.set_role(current_actor(), product_id, column, "pdf", None, transform)
    show_toast(f"The PDFs in {column} lie between {first:g} and {last:g}. The plots follow.", "Redshifts stated")
    return f"{product_id}/{column}/{transform}/{time.monotonic_ns()}", ""


def _column(columns: tuple[ProductColumn, ...], place: int) -> ProductColumn:
    if not 0 <= place < len(columns):
        raise NotFound("The table has no such column. Reload the page.")
    return columns[place]


def register(app: Dash) -> None:
    """Attach the callbacks of the Columns tab."""
    product = State(SummaryIds.product, "data")
    app.callback(Output(Ids.panel, "children"), Input(SummaryIds.revision, "data"), product, State(Ids.start, "data"))(
        show_columns
    )
    app.callback(
        Output(SummaryIds.roles_changed, "data"),
        Input(Ids.wanted, "data"),
        product,
        prevent_initial_call=True,
    )(change_role)
    app.callback(
        Output(SummaryIds.roles_changed, "data", allow_duplicate=True),
        Output(GridIds.message, "children"),
        Input(GridIds.save, "n_clicks"),
        State(GridIds.column, "value"),
        State(GridIds.first, "value"),
        State(GridIds.last, "value"),
        product,
        prevent_initial_call=True,
    )(state_redshifts)
