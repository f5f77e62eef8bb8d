"""Form for a new product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.product_fields import (
    FieldIds,
    description_field,
    error_place,
    field_group,
    name_field,
    official_field,
    pz_code_field,
    release_field,
)
from components.quantities import size_text
from components.upload_form.zone import upload_zone
from services.columns.roles import role_title
from services.models.identity import Release
from services.product_types import PRODUCT_TYPES, ProductType

FORMATS = "CSV, TSV, ASCII, FITS, HDF5, Parquet, VOTable, ECSV or npy, also gzipped or zipped"
FIELDS = ("display_name", "product_type", "release", "pz_code", "description", "official", "main_file", "form")
"""Places for refusals, in the order of the callback's outputs; "form" takes what concerns no field."""


class Ids:
    """Ids of the form."""

    fields = FieldIds("upload-form")
    needs = "upload-form-needs"
    main = "upload-form-main"
    auxiliary = "upload-form-auxiliary"
    descriptions = "upload-form-descriptions"
    no_file = "upload-form-no-file"
    submit = "upload-form-submit"
    goto = "upload-form-goto"


def upload_form(releases: Sequence[Release], max_bytes: int, *, is_admin: bool) -> html.Div:
    """Everything a person fills in, in two parts: what it is, and its files."""
    ids = Ids.fields
    about = [
        html.H2("Basic information"),
        name_field(ids),
        _type_field(),
        release_field(ids, releases, None, hidden=True),
        pz_code_field(ids, None, hidden=True),
        description_field(ids, None),
        official_field(ids, None, hidden=not is_admin),
    ]
    return html.Div(
        [
            html.Section(about, className="form-part"),
            html.Section([html.H2("Files"), *_zones(max_bytes)], className="form-part"),
            html.Div([error_place(ids.error("form")), _submit()], className="form-end"),
            dcc.Location(id=Ids.goto, refresh=True),
        ],
        className="upload-form",
    )


def _type_field() -> html.Div:
    types = sorted(PRODUCT_TYPES.values(), key=lambda row: row.order)
    options = [{"label": row.long_title, "value": row.name} for row in types]
    control = dbc.Select(id=Ids.fields.product_type, options=options, placeholder="Choose a type", required=True)
    needs = html.Div(id=Ids.needs, **{"aria-live": "polite"})
    return field_group("Product type", control, Ids.fields.error("product_type"), needs)


def type_needs(product_type: ProductType) -> list[Any]:
    """What the chosen type is and what its main file must hold."""
    lines = [html.Div(product_type.blurb)]
    if product_type.needed_roles:
        lines.append(_roles_line("Its main file must have: ", product_type.needed_roles))
    if product_type.welcome_roles:
        lines.append(_roles_line("Good to have: ", product_type.welcome_roles))
    return lines


def _roles_line(words: str, roles: Sequence[str]) -> html.Div:
    return html.Div([words, html.Strong(", ".join(role_title(role) for role in roles)), "."])


def _zones(max_bytes: int) -> list[Any]:
    limit = f"up to {size_text(max_bytes)}"
    error = Ids.fields.error
    main = upload_zone(
        Ids.main, "Main file", f"The data: {FORMATS}, {limit}.", max_bytes, multiple=False, error_id=error("main_file")
    )
    no_file = dbc.Checkbox(
        id=Ids.no_file, label="No main file: the data stay elsewhere, this entry only describes them", value=False
    )
    descriptions = upload_zone(
        Ids.descriptions,
        "Description files (optional)",
        "Notes, papers or pages that explain the data.",
        max_bytes,
        multiple=True,
        error_id=error("descriptions"),
    )
    auxiliary = upload_zone(
        Ids.auxiliary,
        "Auxiliary files (optional)",
        "Plots, notebooks, metric tables: anything that belongs to the product.",
        max_bytes,
        multiple=True,
        error_id=error("auxiliary"),
    )
    return [main, no_file, descriptions, auxiliary]


def _submit() -> html.Div:
    button = html.Button(
        "Submit",
        id=Ids.submit,
        type="button",
        className="btn btn-primary",
        n_clicks=0,
        **{"data-submit-when-arrived": "true"},
    )
    hint = html.Span(
        "The file is read at once. What is missing can be mended on the product page.", className="form-text"
    )
    return html.Div([button, hint], className="button-row")
