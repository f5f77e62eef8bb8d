"""Every column with its role, how the role was found, and its numbers; roles still open come first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from components.column_mapping.pdf_grid import pdf_grid_section
from components.quantities import count_text, number_text
from components.shell.page import empty_state, skeleton
from services.columns.roles import BAND_ROLES, ROLES, role_title
from services.models.products import Product, ProductColumn
from services.models.roles import RoleMap
from services.models.statistics import ColumnStatistics
from services.object_pdfs import PdfRedshifts
from services.product_types import PRODUCT_TYPES

BANDS = ("u", "g", "r", "i", "z", "y", "J", "H", "Ks")
COLUMNS_AT_ONCE = 100
"""Rows of the table on one page: a table may have thousands of columns."""

HOW_WORDS = {"owner": "by you", "ucd": "by UCD", "name": "by name", "values": "by values"}
NO_ROLE = "none"


class Ids:
    """Ids of the Columns tab. Rows have none: ``assets/js/columns.js`` tells the one store what a person wants."""

    panel = "column-mapping-panel"
    start = "column-mapping-start"
    wanted = "column-mapping-wanted"


def empty_panel(start: int) -> html.Div:
    """Panel before the columns are there."""
    return html.Div(
        [
            dcc.Store(id=Ids.start, data=start),
            dcc.Store(id=Ids.wanted),
            html.Div(skeleton(400, "The columns are on their way"), id=Ids.panel),
        ]
    )


def column_panel(
    product: Product,
    columns: Sequence[ProductColumn],
    roles: RoleMap,
    statistics: Mapping[str, ColumnStatistics],
    can_edit: bool,
    start: int = 0,
    pdfs: PdfRedshifts | None = None,
) -> html.Div:
    """Open roles, then the table of columns from place ``start`` on."""
    if not columns:
        return html.Div(empty_state("The columns appear here when the main file has been read."))
    start = start if 0 <= start < len(columns) else 0
    part = columns[start : start + COLUMNS_AT_ONCE]
    rows = [column_row(place, column, statistics.get(column.name)) for place, column in enumerate(part, start)]
    return html.Div(
        [
            *open_roles(product, columns, roles, can_edit),
            *pdf_grid_section(pdfs, can_edit),
            _table(rows, role_options(columns), can_edit),
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
    asked = [role for role in missing if role in product_type.needed_roles or roles.candidates.get(role)]
    items = [_open_role(role, role in product_type.needed_roles, roles, places, can_edit) for role in asked]
    if rest := [role_title(role) for role in missing if role not in asked]:
        items.append(html.Li(["Also welcome, if the table has them: ", ", ".join(rest)]))
    section = html.Section([html.H2("Not known yet"), html.Ul(items, className="open-roles")], className=_look(asked))
    return [section]


def _look(asked: Sequence[str]) -> str:
    return "strip strip-warning" if asked else "strip"


def _open_role(role: str, is_needed: bool, roles: RoleMap, places: Mapping[str, int], can_edit: bool) -> html.Li:
    buttons = [
        _role_button(places[name], role, name, can_edit)
        for name in roles.candidates.get(role, ())
        if name in places and role not in BAND_ROLES
    ]
    need = "needed to publish" if is_needed else "welcome"
    hint = ["choose from ", *buttons] if buttons else ["no column looks like it; choose one below if there is one"]
    return html.Li([html.Strong(role_title(role)), f" ({need}): ", *hint])


def _table(rows: Sequence[Mapping[str, Any]], options: Sequence[tuple[str, str]], can_edit: bool) -> html.Div:
    """Place in which ``assets/js/columns.js`` builds the table: a page of 1600 elements would take Dash seconds."""
    hint = "Choose another role to change it; the plots are drawn anew." if can_edit else ""
    facts = {"data-column-rows": json.dumps(rows), "data-role-options": json.dumps(options if can_edit else [])}
    return html.Div(
        [
            html.P(hint, className="quiet mb-2"),
            html.Div(className="table-scroll", tabIndex="0", role="region", **{"aria-label": "Columns", **facts}),
        ]
    )


def column_row(place: int, column: ProductColumn, numbers: ColumnStatistics | None) -> dict[str, Any]:
    """What one row of the table says, as plain texts; ``spark`` holds the counts of the tiny histogram."""
    return {
        "place": place,
        "name": column.name,
        "title": column.description or column.name,
        "role": role_value(column.role, column.band),
        "role_words": _choice_words(column.role, column.band),
        "found": HOW_WORDS.get(column.how or "", "") if column.role else "–",
        "is_guess": bool(column.role and column.needs_confirmation),
        "unit": column.unit or "–",
        "ucd": column.ucd or "–",
        "dtype": column.dtype,
        **_number_texts(column, numbers),
    }


def _number_texts(column: ProductColumn, numbers: ColumnStatistics | None) -> dict[str, Any]:
    if numbers is None:
        return {"min": "–", "median": "–", "max": "–", "missing": "–", "hint": "", "spark": [], "examples": ""}
    ends = {name: _value_text(getattr(numbers, name), column.role) for name in ("min", "median", "max")}
    return {
        **ends,
        "missing": count_text(numbers.n_missing + numbers.n_sentinel),
        "hint": f"{count_text(numbers.n_missing)} empty or not a number, "
        f"{count_text(numbers.n_sentinel)} stand for missing",
        "spark": list(numbers.sparkline),
        "examples": ", ".join(numbers.examples[:3]),
    }


def _value_text(value: float | None, role: str | None) -> str:
    """A number of the table: positions with six decimals, nothing for identifiers, whose digits a float would lose."""
    if role == "id":
        return "–"
    if value is not None and role in ("ra", "dec"):
        return f"{value:.6f}"
    return number_text(value)


def role_value(role: str | None, band: str | None) -> str:
    """Word of a choice: ``ra``, ``mag:i``, ``none``."""
    if role is None:
        return NO_ROLE
    return f"{role}:{band}" if band else role


def parsed_role(value: str) -> tuple[str | None, str | None]:
    """Role and band of a choice."""
    role, _, band = value.partition(":")
    return (None, None) if role == NO_ROLE else (role, band or None)


def role_options(columns: Sequence[ProductColumn]) -> list[tuple[str, str]]:
    """Every role as (value, words); those with a band once for each band the portal or the table knows."""
    bands = list(dict.fromkeys([*BANDS, *(other.band for other in columns if other.band)]))
    choices: list[tuple[str | None, str | None]] = [(None, None)]
    for role in ROLES:
        choices += [(role, band) for band in bands] if role in BAND_ROLES else [(role, None)]
    return [(role_value(role, band), _choice_words(role, band)) for role, band in choices]


def _choice_words(role: str | None, band: str | None) -> str:
    return role_title(role, band) if role else "no role"


def _role_button(place: int, value: str, words: str, can_edit: bool) -> html.Button:
    return html.Button(
        words,
        type="button",
        disabled=not can_edit,
        className="btn btn-outline-primary btn-sm",
        **{"data-role-place": str(place), "data-role-value": value},
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
