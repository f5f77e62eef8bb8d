"""Pages of rows for the grid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.cut_bar.reading import usable_cut
from components.product_summary.layout import Ids as SummaryIds
from components.row_table.layout import Ids, column_definitions, count_label, grid_rows, table_panel
from components.row_table.request import table_query
from services.context import current_actor, portal
from services.cuts.writing import written
from services.errors import InvalidInput

NO_ROWS = {"rowData": [], "rowCount": 0}


def show_table(_revision: str, product_id: int) -> Any:
    """The table, in the place that waited for it, once the main file has been read."""
    columns = portal().catalog.columns(current_actor(), product_id)
    return table_panel(columns) if columns else no_update


def show_rows(
    request: dict[str, Any] | None, product_id: int, shown: list[str], cut: str | None = None
) -> tuple[dict[str, Any], str]:
    """Rows the grid asks for, and how many match. A condition that cannot be met empties the grid and says why.

    A cut in the address that cannot be used is left out, as the line above the table says.
    """
    if not request:
        raise PreventUpdate
    actor, container = current_actor(), portal()
    names = [column.name for column in container.catalog.columns(actor, product_id)]
    try:
        query = replace(table_query(request, names, _chosen(shown, names)), cut=_usable(product_id, cut))
        page = container.previews.rows(actor, product_id, query)
    except InvalidInput as error:
        return NO_ROWS, error.message
    places = {name: place for place, name in enumerate(names)}
    return {"rowData": grid_rows(page, places), "rowCount": page.n_matching}, count_label(page)


def show_columns(shown: list[str], product_id: int) -> Any:
    """Columns of the grid after a choice; at least one must stay."""
    columns = portal().catalog.columns(current_actor(), product_id)
    chosen = [place for place in shown or [] if place.isdecimal() and int(place) < len(columns)]
    return column_definitions(columns, chosen) if chosen else no_update


def _usable(product_id: int, text: str | None) -> str | None:
    cut, _ = usable_cut(product_id, text)
    return None if cut is None else written(cut)


def _chosen(shown: list[str] | None, names: list[str]) -> list[str]:
    places = sorted({int(place) for place in shown or [] if place.isdecimal()})
    return [names[place] for place in places if place < len(names)]


def register(app: Dash) -> None:
    """Attach the callbacks of the table."""
    app.callback(Output(Ids.place, "children"), Input(SummaryIds.revision, "data"), State(SummaryIds.product, "data"))(
        show_table
    )
    app.callback(
        Output(Ids.grid, "getRowsResponse"),
        Output(Ids.count, "children"),
        Input(Ids.grid, "getRowsRequest"),
        State(SummaryIds.product, "data"),
        State(Ids.columns, "value"),
        State(SummaryIds.cut, "data"),
    )(show_rows)
    app.callback(
        Output(Ids.grid, "columnDefs"),
        Input(Ids.columns, "value"),
        State(SummaryIds.product, "data"),
        prevent_initial_call=True,
    )(show_columns)
