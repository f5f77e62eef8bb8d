"""Every column with its role, how the role was found, and its numbers; roles still open come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.quantities import count_text, number_text
from components.shell.page import empty_state, skeleton
from services.columns.roles import BAND_ROLES, ROLES, role_title
from services.models.products import Product, ProductColumn
from services.models.roles import RoleMap
from services.models.statistics import ColumnStatistics
from services.product_types import PRODUCT_TYPES

BANDS = ("u", "g", "r", "i", "z", "y", "J", "H", "Ks")
COLUMNS_AT_ONCE = 100
"""Rows of the table on one page: a table may have thousands of columns."""

HOW_WORDS = {"owner": "by you", "ucd": "by UCD", "name": "by name", "values": "by values"}
NO_ROLE = "none"


class Ids:
    """Ids of the Columns tab; those of rows are pairs of type and place of the column."""

    panel = "column-mapping-panel"
    start = "column-mapping-start"
    role = "column-mapping-role"
    candidate = "column-mapping-candidate"


def empty_panel(start: int) -> html.Div:
    """Panel before the columns are there."""
    return html.Div(
        [dcc.Store(id=Ids.start, data=start), html.Div(skeleton(400, "The columns are on their way"), id=Ids.panel)]
    )


def column_panel(
    product: Product,
    columns: Sequence[ProductColumn],
    roles: RoleMap,
    statistics: Mapping[str, ColumnStatistics],
    can_edit: bool,
    start: int = 0,
) -> html.Div:
    """Open roles, then the table of columns from place ``start`` on."""
    if not columns:
        return html.Div(empty_state("The columns appear here when the main file has been read."))
    start = start if 0 <= start < len(columns) else 0
    part = columns[start : start + COLUMNS_AT_ONCE]
    rows = [
        _row(place, column, statistics.get(column.name), columns, can_edit) for place, column in enumerate(part, start)
    ]
    return html.Div(
        [
            *open_roles(product, columns, roles, can_edit),
            _table(rows, can_edit),
            _pages(product, len(columns), start),
        ]
    )


def open_roles(product: Product, columns: Sequence[ProductColumn], roles: RoleMap, can_edit: bool) -> list[Any]:
    """Roles the product type asks for and no column has, each with the columns it could be."""
    product_type = PRODUCT_TYPES[product.product_type]
    taken = {column.role for column in columns}
    wanted = [*product_type.needed_roles, *product_type.welcome_roles, *roles.candidates]
    missing = [role for role in dict.fromkeys(wanted) if role not in taken and role in ROLES]
    if not missing:
        return []
    places = {column.name: place for place, column in enumerate(columns)}
    items = [_open_role(role, role in product_type.needed_roles, roles, places, can_edit) for role in missing]
    return [
        html.Section(
            [html.H2("Not known yet"), html.Ul(items, className="open-roles")], className="strip strip-warning"
        )
    ]


def _open_role(role: str, is_needed: bool, roles: RoleMap, places: Mapping[str, int], can_edit: bool) -> html.Li:
    buttons = [
        _role_button(places[name], role, name, can_edit)
        for name in roles.candidates.get(role, ())
        if name in places and role not in BAND_ROLES
    ]
    need = "needed to publish" if is_needed else "welcome"
    hint = ["Choose from: ", *buttons] if buttons else ["choose it in the table below, if there is such a column"]
    return html.Li([html.Strong(role_title(role)), f" ({need}): ", *hint])


def _table(rows: Sequence[html.Tr], can_edit: bool) -> html.Div:
    names = ("Column", "Role", "Found", "Unit", "UCD", "Type", "Min", "Median", "Max", "Missing", "Values")
    hint = "Choose another role to change it; the plots are drawn anew." if can_edit else ""
    return html.Div(
        [
            html.P(hint, className="quiet mb-2"),
            html.Div(
                dbc.Table(
                    [
                        html.Thead(html.Tr([_heading(name) for name in names])),
                        html.Tbody(list(rows)),
                    ],
                    size="sm",
                    class_name="column-table",
                ),
                className="table-scroll",
                tabIndex="0",
                role="region",
                **{"aria-label": "Columns"},
            ),
        ]
    )


def _heading(name: str) -> html.Th:
    return html.Th(name, scope="col", className="number" if name in ("Min", "Median", "Max", "Missing") else "")


def _row(
    place: int,
    column: ProductColumn,
    numbers: ColumnStatistics | None,
    columns: Sequence[ProductColumn],
    can_edit: bool,
) -> html.Tr:
    role = role_select(place, column, columns) if can_edit else html.Span(_role_words(column))
    return html.Tr(
        [
            html.Th(column.name, scope="row", title=column.description or column.name, className="column-name"),
            html.Td(role),
            html.Td(_found(place, column, can_edit)),
            html.Td(column.unit or "–"),
            html.Td(html.Code(column.ucd) if column.ucd else "–"),
            html.Td(column.dtype),
            *_number_cells(column, numbers),
        ]
    )


def _number_cells(column: ProductColumn, numbers: ColumnStatistics | None) -> list[html.Td]:
    if numbers is None:
        return [html.Td("–") for _ in range(5)]
    values = (numbers.min, numbers.median, numbers.max)
    missing = numbers.n_missing + numbers.n_sentinel
    hint = f"{count_text(numbers.n_missing)} empty or not a number, {count_text(numbers.n_sentinel)} stand for missing"
    return [
        *(html.Td(_value_text(value, column.role), className="number") for value in values),
        html.Td(count_text(missing), className="number", title=hint),
        html.Td(_picture(numbers)),
    ]


def _value_text(value: float | None, role: str | None) -> str:
    """A number of the table: positions with six decimals, nothing for identifiers, whose digits a float would lose."""
    if role == "id":
        return "–"
    if value is not None and role in ("ra", "dec"):
        return f"{value:.6f}"
    return number_text(value)


def _picture(numbers: ColumnStatistics) -> Any:
    if numbers.sparkline:
        return html.Img(src=sparkline(numbers.sparkline), alt=f"Histogram of {numbers.name}", className="sparkline")
    return html.Span(", ".join(numbers.examples[:3]), className="examples")


def sparkline(counts: Sequence[int]) -> str:
    """Tiny histogram as an SVG address; the hue reads on light and dark ground."""
    top = max(*counts, 1)
    bars = "".join(
        f'<rect x="{5 * place}" y="{24 - height:.1f}" width="4" height="{height:.1f}"/>'
        for place, height in enumerate(24 * count / top for count in counts)
        if height
    )
    size = f'width="{5 * len(counts)}" height="24"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} fill="#0f8b8d">{bars}</svg>'
    return "data:image/svg+xml," + quote(svg)


def role_value(role: str | None, band: str | None) -> str:
    """Word of a choice: ``ra``, ``mag:i``, ``none``."""
    if role is None:
        return NO_ROLE
    return f"{role}:{band}" if band else role


def parsed_role(value: str) -> tuple[str | None, str | None]:
    """Role and band of a choice."""
    role, _, band = value.partition(":")
    return (None, None) if role == NO_ROLE else (role, band or None)


def role_select(place: int, column: ProductColumn, columns: Sequence[ProductColumn]) -> html.Label:
    """Choice of a role for one column."""
    choice = dbc.Select(
        id={"type": Ids.role, "index": place},
        options=role_options(column, columns),
        value=role_value(column.role, column.band),
        size="sm",
        class_name="role-select" + (" needs-confirmation" if column.needs_confirmation else ""),
    )
    return html.Label([html.Span(f"Role of {column.name}", className="visually-hidden"), choice])


def role_options(column: ProductColumn, columns: Sequence[ProductColumn]) -> list[dict[str, str]]:
    """Every role, those with a band once for each band the portal or the table knows."""
    bands = list(dict.fromkeys([*BANDS, *(other.band for other in columns if other.band)]))
    choices: list[tuple[str | None, str | None]] = [(None, None)]
    for role in ROLES:
        choices += [(role, band) for band in bands] if role in BAND_ROLES else [(role, None)]
    if (column.role, column.band) not in choices:
        choices.append((column.role, column.band))
    return [{"label": _choice_words(role, band), "value": role_value(role, band)} for role, band in choices]


def _choice_words(role: str | None, band: str | None) -> str:
    return role_title(role, band) if role else "no role"


def _role_words(column: ProductColumn) -> str:
    return role_title(column.role, column.band) if column.role else "–"


def _found(place: int, column: ProductColumn, can_edit: bool) -> Any:
    if not column.role:
        return "–"
    words = HOW_WORDS.get(column.how or "", "")
    if not column.needs_confirmation:
        return words
    confirm = _role_button(place, role_value(column.role, column.band), "Confirm", can_edit)
    return [words, " (a guess) ", confirm]


def _role_button(place: int, value: str, words: str, can_edit: bool) -> html.Button:
    return html.Button(
        words,
        id={"type": Ids.candidate, "index": f"{value}/{place}"},
        type="button",
        disabled=not can_edit,
        n_clicks=0,
        className="btn btn-outline-primary btn-sm",
    )


def _pages(product: Product, total: int, start: int) -> Any:
    if total <= COLUMNS_AT_ONCE:
        return None
    links = [
        html.Li(
            dcc.Link(
                f"{first + 1:,} to {min(first + COLUMNS_AT_ONCE, total):,}",
                href=f"/product/{product.internal_name}?tab=columns&from={first}",
                className="page-link" + (" active" if first == start else ""),
            )
        )
        for first in range(0, total, COLUMNS_AT_ONCE)
    ]
    return html.Nav(
        html.Ul(links, className="pagination flex-wrap"), **{"aria-label": f"{total:,} columns, 100 a page"}
    )
