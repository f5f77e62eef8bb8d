"""Form that changes the words of a product and its files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from components.product_fields import (
    FieldIds,
    description_field,
    error_place,
    name_field,
    official_field,
    pz_code_field,
    release_field,
)
from components.product_summary.layout import product_address
from components.quantities import size_text
from components.upload_form.zone import upload_zone
from services.models.identity import Release
from services.models.products import FileRole, Product, ProductFile, ProductStatus
from services.product_types import PRODUCT_TYPES

FIELDS = ("display_name", "release", "pz_code", "description", "official", "form")
"""Places for refusals, in the order of the callback's outputs."""


class Ids:
    """Ids of the form."""

    fields = FieldIds("product-edit")
    product = "product-edit-product"
    opened = "product-edit-opened"
    save = "product-edit-save"
    goto = "product-edit-goto"
    files_goto = "product-edit-files-goto"
    main = "product-edit-main"
    auxiliary = "product-edit-auxiliary"
    descriptions = "product-edit-descriptions"
    save_files = "product-edit-save-files"
    remove_file = "product-edit-remove-file"
    files = "product-edit-files"
    files_error = "product-edit-files-error"


def product_edit_form(
    product: Product, releases: Sequence[Release], files: Sequence[ProductFile], max_bytes: int, *, is_admin: bool
) -> html.Div:
    """Words in one part, files in the other; each is saved by its own button."""
    return html.Div(
        [
            html.Section(_words(product, releases, is_admin=is_admin), className="form-part"),
            html.Section(_files_part(product, files, max_bytes), className="form-part"),
            dcc.Store(id=Ids.product, data=product.id),
            dcc.Store(id=Ids.opened, data=field_values(product)),
            dcc.Location(id=Ids.goto, refresh=True),
            dcc.Location(id=Ids.files_goto, refresh=True),
        ],
        className="upload-form",
    )


def field_values(product: Product) -> dict[str, Any]:
    """Values of the fields as the form holds them; kept with the form to tell what a person changed in it."""
    return {
        "display_name": product.display_name,
        "release": str(product.release_id) if product.release_id is not None else None,
        "pz_code": product.pz_code or None,
        "description": product.description or None,
        "official": product.official,
    }


def _words(product: Product, releases: Sequence[Release], *, is_admin: bool) -> list[Any]:
    ids, product_type = Ids.fields, PRODUCT_TYPES[product.product_type]
    save = html.Button("Save", id=Ids.save, type="button", className="btn btn-primary", n_clicks=0)
    cancel = dcc.Link("Cancel", href=product_address(product), className="btn btn-outline-secondary")
    return [
        html.H2("Basic information"),
        html.P(["Product type: ", html.Strong(product.product_type_title), "."]),
        name_field(ids, product.display_name, "Shown in lists. The address stays when the name changes."),
        release_field(ids, releases, product.release_id, hidden=not product_type.allows_release),
        pz_code_field(ids, product.pz_code, hidden=not product_type.allows_pz_code),
        description_field(ids, product.description),
        official_field(ids, product, hidden=not is_admin),
        error_place(ids.error("form")),
        html.Div([save, cancel], className="button-row"),
    ]


def _files_part(product: Product, files: Sequence[ProductFile], max_bytes: int) -> list[Any]:
    add = html.Button("Save files", id=Ids.save_files, type="button", className="btn btn-outline-primary", n_clicks=0)
    error = Ids.fields.error
    zones = [
        _main_zone(product, max_bytes),
        upload_zone(
            Ids.descriptions,
            "More description files",
            f"Notes, papers or pages that explain the data, up to {size_text(max_bytes)} each.",
            max_bytes,
            multiple=True,
            error_id=error("descriptions"),
        ),
        upload_zone(
            Ids.auxiliary,
            "More auxiliary files",
            f"Plots, notebooks, metric tables, up to {size_text(max_bytes)} each.",
            max_bytes,
            multiple=True,
            error_id=error("auxiliary"),
        ),
    ]
    return [
        html.H2("Files"),
        html.Div(edited_files(product, files), id=Ids.files),
        *zones,
        error_place(Ids.files_error),
        html.Div([add], className="button-row"),
    ]


def _main_zone(product: Product, max_bytes: int) -> html.Div:
    """Zone for a main file: hidden once the product is published with one, because others rely on it."""
    is_fixed = product.status is ProductStatus.PUBLISHED and product.main_file_name is not None
    label = "Replace the main file" if product.main_file_name else "Main file"
    zone = upload_zone(
        Ids.main,
        label,
        f"The data, up to {size_text(max_bytes)}. It is read as soon as you save.",
        max_bytes,
        multiple=False,
        error_id=Ids.fields.error("main_file"),
    )
    return html.Div(zone, hidden=is_fixed)


def edited_files(product: Product, files: Sequence[ProductFile]) -> html.Ul:
    """Files with a button to remove each, where that is possible."""
    return html.Ul([_file(product, file) for file in files], className="file-list")


def _file(product: Product, file: ProductFile) -> html.Li:
    is_fixed = file.role is FileRole.MAIN and product.status is ProductStatus.PUBLISHED
    remove = html.Button(
        "Remove",
        id={"type": Ids.remove_file, "index": file.id},
        type="button",
        n_clicks=0,
        disabled=is_fixed,
        className="btn btn-outline-danger btn-sm",
        title="The main file of a published product stays, since others rely on it." if is_fixed else "",
        **{"aria-label": f"Remove {file.name}"},
    )
    facts = f"{file.role.label} · {size_text(file.size_bytes)}"
    return html.Li(
        [html.Div([html.Strong(file.name, className="file-name"), html.Div(facts, className="file-facts")]), remove]
    )
