"""Redshifts of PDFs: what the file says of them, or a place to state them."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from services.object_pdfs import PdfRedshifts


class Ids:
    """Ids of the fields, which are there only for those who may state the redshifts."""

    column = "pdf-grid-column"
    first = "pdf-grid-first"
    last = "pdf-grid-last"
    save = "pdf-grid-save"
    message = "pdf-grid-message"


def pdf_grid_section(found: PdfRedshifts | None, can_edit: bool) -> list[html.Section]:
    """Nothing without PDFs, or where the file knows their redshifts."""
    if found is None or (found.first is not None and not found.by_owner):
        return []
    content: list[Any] = [html.H2("Redshifts of the PDFs"), html.P(_words(found, can_edit))]
    content += [_form(found), html.P(id=Ids.message, className="pdf-message", role="status")] if can_edit else []
    return [html.Section(content, className="strip" if found.by_owner else "strip strip-warning")]


def _words(found: PdfRedshifts, can_edit: bool) -> str:
    numbers = f"Column {found.column} holds {found.width:,} numbers for each object."
    if found.by_owner:
        stated = f"densities at evenly spaced redshifts from {found.first:g} to {found.last:g}"
        return f"{numbers} The owner states that they are {stated}."
    asked = " State the first and the last one; those between are taken as evenly spaced." if can_edit else ""
    return f"{numbers} The file does not say at which redshifts, so nothing is drawn from them.{asked}"


def _form(found: PdfRedshifts) -> html.Div:
    return html.Div(
        [
            *_field("First redshift", Ids.first, found.first),
            *_field("Last redshift", Ids.last, found.last),
            dbc.Button("Save redshifts", id=Ids.save, n_clicks=0, color="primary", outline=True, size="sm"),
            dbc.Input(id=Ids.column, type="hidden", value=found.column),
        ],
        className="pdf-form",
    )


def _field(words: str, name: str, value: float | None) -> list[Any]:
    return [
        html.Label(words, htmlFor=name, className="form-label"),
        dbc.Input(id=name, type="number", step="any", value=value, class_name="pdf-field", autocomplete="off"),
    ]
