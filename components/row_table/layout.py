"""Grid over all rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html

from components.row_table.request import ROW_NUMBER, field_of
from components.shell.page import empty_state
from services.models.products import ProductColumn
from services.models.queries import TablePage

FIRST_COLUMNS = 40
"""Columns shown until a person chooses others; wide tables would otherwise send millions of cells."""

BLOCK_ROWS = 100
ROWS_BELOW = 20
"""Rows the grid knows of below a row it shall go to, so that this one can stand in the middle."""
LONGEST_VECTOR = 4
_WIDTH_PX = 150
_WIDE_PX = 210
"""Width of columns with long values, such as identifiers of 18 digits."""

_HEADING_TOOLS_PX = 70
_LETTER_PX = 8
_WIDEST_PX = 340
"""A heading is shown whole up to here: names of bands differ in their last letters."""


class Ids:
    """Ids of the Table tab."""

    place = "row-table-place"
    grid = "row-table-grid"
    count = "row-table-count"
    columns = "row-table-columns"


def waiting_panel() -> html.Div:
    """Place of the table until the main file has been read."""
    return html.Div(empty_state("The rows appear here when the file has been read."), id=Ids.place)


def table_panel(columns: Sequence[ProductColumn], sought: int = 0) -> html.Div:
    """The grid with its counter and the choice of columns; ``sought`` is the number of a row to go to, 0 for none."""
    names = [column.name for column in columns]
    shown = [str(place) for place in range(min(len(columns), FIRST_COLUMNS))]
    return html.Div(
        [
            html.Div(
                [
                    html.P("", id=Ids.count, className="row-count", role="status"),
                    html.P("Sort by a click on a heading; filter with the funnel in it.", className="quiet"),
                ],
                className="table-head",
            ),
            *_sought_note(sought),
            _column_choice(names, shown),
            _grid(columns, shown, sought),
        ]
    )


def _sought_note(sought: int) -> list[html.P]:
    """Which row is marked; rows keep their numbers also under a cut, but may then be elsewhere in the table."""
    return [html.P(f"Row {sought:,} is marked.", className="quiet")] if sought else []


def _column_choice(names: Sequence[str], shown: Sequence[str]) -> html.Details:
    options = [{"label": name, "value": str(place)} for place, name in enumerate(names)]
    return html.Details(
        [
            html.Summary(f"Choose columns ({len(shown)} of {len(names)})"),
            html.Label("Columns shown", htmlFor=Ids.columns, className="visually-hidden"),
            dcc.Dropdown(id=Ids.columns, options=options, value=list(shown), multi=True, clearable=False),
        ],
        className="column-choice",
    )


def _grid(columns: Sequence[ProductColumn], shown: Sequence[str], sought: int) -> dag.AgGrid:
    going = {"scrollTo": {"rowIndex": sought - 1, "rowPosition": "middle"}} if sought else {}
    marked = {"rowClassRules": {"is-sought": f"params.data && params.data.{ROW_NUMBER} == {sought}"}} if sought else {}
    return dag.AgGrid(
        **going,
        **marked,
        id=Ids.grid,
        rowModelType="infinite",
        columnDefs=column_definitions(columns, shown),
        defaultColDef={"sortable": True, "resizable": True, "minWidth": 90},
        dashGridOptions={
            "theme": "themeQuartz",
            "cacheBlockSize": BLOCK_ROWS,
            "maxBlocksInCache": 20,
            "maxConcurrentDatasourceRequests": 2,
            "blockLoadDebounceMillis": 80,
            "infiniteInitialRowCount": sought + ROWS_BELOW if sought else 1,
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "suppressFieldDotNotation": True,
        },
        className="row-grid",
        style={"height": "70vh", "width": "100%"},
    )


def column_definitions(columns: Sequence[ProductColumn], shown: Sequence[str]) -> list[dict[str, Any]]:
    """What the grid must know of each column; the row number comes first and stays in sight."""
    row_number = {
        "field": ROW_NUMBER,
        "headerName": "Row",
        "pinned": "left",
        "width": 90,
        "minWidth": 70,
        "sortable": False,
        "filter": False,
        "type": "rightAligned",
    }
    return [row_number, *(_definition(int(place), columns[int(place)]) for place in shown)]


def _definition(place: int, column: ProductColumn) -> dict[str, Any]:
    is_number = column.dtype.startswith(("float", "int", "uint"))
    is_vector = column.dtype.startswith("vector")
    kind = "agNumberColumnFilter" if is_number else "agTextColumnFilter"
    heading = f"{column.name} [{column.unit}]" if column.unit else column.name
    least = _WIDE_PX if is_vector or column.dtype in ("int64", "uint64", "string") else _WIDTH_PX
    return {
        "field": field_of(place),
        "headerName": heading,
        "headerTooltip": ", ".join(part for part in (column.name, column.dtype, column.description) if part),
        "filter": False if is_vector else kind,
        "filterParams": _filter_options(column.dtype),
        "sortable": not is_vector,
        "width": min(max(least, _HEADING_TOOLS_PX + _LETTER_PX * len(heading)), _WIDEST_PX),
        **({"type": "rightAligned"} if is_number else {}),
    }


def _filter_options(dtype: str) -> dict[str, Any]:
    """A range is asked for first where no two values are equal; counts and ids are looked up by value."""
    options = {"debounceMs": 500, "maxNumConditions": 1, "buttons": ["reset"]}
    return options | {"defaultOption": "inRange"} if dtype.startswith("float") else options


def grid_rows(page: TablePage, places: Mapping[str, int]) -> list[dict[str, Any]]:
    """Rows as the grid takes them. Big integers are text already, so no digit is lost in the browser."""
    fields = [field_of(places[name]) for name in page.columns]
    return [
        {ROW_NUMBER: number, **{field: shown_value(value) for field, value in zip(fields, row, strict=True)}}
        for number, row in zip(page.row_numbers, page.rows, strict=True)
    ]


def shown_value(value: Any) -> Any:
    """A cell: vectors by their first numbers, everything else as it is."""
    if not isinstance(value, list | tuple):
        return value
    first = ", ".join(
        f"{number:.6g}" if isinstance(number, float) else str(number) for number in value[:LONGEST_VECTOR]
    )
    return f"[{first}, … {len(value)} values]" if len(value) > LONGEST_VECTOR else f"[{first}]"


def count_label(page: TablePage) -> str:
    """How many rows match, out of how many."""
    if page.n_matching == page.n_total:
        return f"{page.n_total:,} rows"
    return f"{page.n_matching:,} of {page.n_total:,} rows match"
