"""From what the grid asks to a question the services understand. Column names are never taken from the browser:
the grid knows columns by their place only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.errors import InvalidInput
from services.models.queries import ColumnFilter, TableQuery

ROW_NUMBER = "row"
"""Field of the row number."""

MOST_ROWS = 500
"""Rows answered at once at most, whatever the browser asks."""

_OPERATORS = {
    "equals": "=",
    "notEqual": "!=",
    "lessThan": "<",
    "lessThanOrEqual": "<=",
    "greaterThan": ">",
    "greaterThanOrEqual": ">=",
    "inRange": "between",
    "contains": "contains",
    "startsWith": "starts_with",
    "endsWith": "ends_with",
    "blank": "missing",
    "notBlank": "not_missing",
}


def field_of(place: int) -> str:
    """Name the grid uses for the column at this place (names of columns may hold dots, which grids take for paths)."""
    return f"c{place}"


def table_query(request: Mapping[str, Any], columns: Sequence[str], shown: Sequence[str]) -> TableQuery:
    """Question behind one request of the grid.

    Parameters
    ----------
    request : mapping
        ``getRowsRequest`` of the grid: startRow, endRow, sortModel, filterModel.
    columns : sequence of str
        All columns of the table in file order: places refer to them.
    shown : sequence of str
        Columns to answer.

    Raises
    ------
    InvalidInput
        If the request names a column or a condition that does not exist.
    """
    start = max(int(request.get("startRow") or 0), 0)
    end = int(request.get("endRow") or start + 100)
    sort = tuple(_sorting(request.get("sortModel") or (), columns))
    filters = tuple(_filters(request.get("filterModel") or {}, columns))
    limit = min(max(end - start, 1), MOST_ROWS)
    return TableQuery(columns=tuple(shown), filters=filters, sort=sort, offset=start, limit=limit)


def _sorting(model: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    for item in model:
        sign = "-" if item.get("sort") == "desc" else ""
        yield sign + _column(item.get("colId"), columns)


def _filters(model: Mapping[str, Mapping[str, Any]], columns: Sequence[str]) -> Iterator[ColumnFilter]:
    for field, condition in model.items():
        column = _column(field, columns)
        for part in condition.get("conditions") or (condition,):
            yield _filter(column, part)


def _filter(column: str, part: Mapping[str, Any]) -> ColumnFilter:
    operator = _OPERATORS.get(str(part.get("type")))
    if operator is None:
        raise InvalidInput("The table cannot be filtered in this way.")
    return ColumnFilter(column, operator, part.get("filter"), part.get("filterTo"))


def _column(field: Any, columns: Sequence[str]) -> str:
    digits = str(field)[1:]
    if not str(field).startswith("c") or not digits.isdecimal() or int(digits) >= len(columns):
        raise InvalidInput("The table has no such column. Reload the page.")
    return columns[int(digits)]
