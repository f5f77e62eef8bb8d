"""Form fields of a product, shared by the forms that make and change one: label, input, hint, place for an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from services.models.identity import Release
from services.models.products import Product
from services.product_rules import MAX_NAME, MAX_PZ_CODE

DESCRIPTION_ROWS = 8


class FieldIds:
    """Ids of the fields of one form.

    Parameters
    ----------
    prefix : str
        Name of the form.
    """

    def __init__(self, prefix: str) -> None:
        self.name = f"{prefix}-name"
        self.product_type = f"{prefix}-type"
        self.release = f"{prefix}-release"
        self.release_group = f"{prefix}-release-group"
        self.pz_code = f"{prefix}-pz-code"
        self.pz_code_group = f"{prefix}-pz-code-group"
        self.description = f"{prefix}-description"
        self.preview = f"{prefix}-preview"
        self.preview_button = f"{prefix}-preview-button"
        self.official = f"{prefix}-official"
        self.prefix = prefix

    def error(self, field: str) -> str:
        """Id of the place where the error of a field is shown."""
        return f"{self.prefix}-error-{field}"


def field_group(label: str, control: Any, error_id: str, hint: Any = None, **attributes: Any) -> html.Div:
    """Label, control, hint and the place for an error, one below the other."""
    parts = [html.Label(label, htmlFor=control.id, className="form-label"), control]
    if hint is not None:
        parts.append(html.Div(hint, className="form-text"))
    parts.append(error_place(error_id))
    return html.Div(parts, className="form-group", **attributes)


def error_place(error_id: str) -> html.Div:
    """Where the refusal of a field appears; read out when it does."""
    return html.Div(id=error_id, className="field-error", role="alert")


def name_field(ids: FieldIds, value: str = "", hint: str = "Shown in lists; the address is made from it.") -> html.Div:
    """Name of the product."""
    control = dbc.Input(id=ids.name, value=value, maxlength=MAX_NAME, required=True, autocomplete="off")
    return field_group("Name", control, ids.error("display_name"), hint)


def release_field(ids: FieldIds, releases: Sequence[Release], value: int | None, *, hidden: bool) -> html.Div:
    """Release the product belongs to."""
    options = [{"label": "none", "value": ""}]
    options += [{"label": release.display_name, "value": str(release.id)} for release in releases]
    control = dbc.Select(id=ids.release, options=options, value="" if value is None else str(value))
    return field_group(
        "Release", control, ids.error("release"), "Data release it belongs to.", id=ids.release_group, hidden=hidden
    )


def pz_code_field(ids: FieldIds, value: str | None, *, hidden: bool) -> html.Div:
    """Photo-z code that made it."""
    control = dbc.Input(id=ids.pz_code, value=value or "", maxlength=MAX_PZ_CODE, autocomplete="off")
    hint = "Photo-z code that made it, such as BPZ."
    return field_group("Pz code", control, ids.error("pz_code"), hint, id=ids.pz_code_group, hidden=hidden)


def description_field(ids: FieldIds, value: str | None) -> html.Div:
    """Markdown text with a preview."""
    control = dbc.Textarea(id=ids.description, value=value or "", rows=DESCRIPTION_ROWS)
    group = field_group(
        "Description",
        control,
        ids.error("description"),
        "Where the data come from, how they were selected, how to cite them. Markdown works here.",
    )
    preview = html.Button(
        "Preview", id=ids.preview_button, type="button", className="btn btn-outline-secondary btn-sm", n_clicks=0
    )
    return html.Div([group, preview, html.Div(id=ids.preview, className="preview", **{"aria-live": "polite"})])


def official_field(ids: FieldIds, product: Product | None, *, hidden: bool) -> html.Div:
    """Mark of an official product, for administrators."""
    box = dbc.Checkbox(id=ids.official, label="Official data product", value=bool(product and product.official))
    return html.Div([box, error_place(ids.error("official"))], hidden=hidden, className="form-group")
