"""Making a product: what the type needs, the preview of the description, Submit."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.markdown import markdown_view
from components.product_fields import FieldIds
from components.product_summary.layout import product_address
from components.upload_form.layout import FIELDS, Ids, type_needs
from components.upload_form.zone import Staged, is_waiting, staged_ids
from services.context import current_actor, portal
from services.errors import InvalidInput, PZServerError
from services.models.products import NewProduct, Product
from services.product_types import product_type

_FIELD_OF_SERVICE = {"name": "display_name", "file": "main_file"}
"""Fields that services call otherwise."""


def show_needs(name: str | None) -> tuple[Any, bool, bool]:
    """What the chosen type needs, and whether release and pz code are hidden."""
    if not name:
        return None, True, True
    chosen = product_type(name)
    return type_needs(chosen), not chosen.allows_release, not chosen.allows_pz_code


def preview(n_clicks: int | None, text: str | None) -> Any:
    """The description as it will look."""
    if not n_clicks:
        raise PreventUpdate
    return markdown_view(text) if text and text.strip() else "Nothing to preview yet."


def submit(
    n_clicks: int | None,
    name: str | None,
    type_name: str | None,
    release: str | None,
    pz_code: str | None,
    description: str | None,
    official: bool | None,
    main: Staged | None,
    auxiliary: Staged | None,
    descriptions: Staged | None,
    no_file: bool | None,
) -> tuple[Any, ...]:
    """Make the product and go to its page, or say beside each field what is wrong."""
    if not n_clicks:
        raise PreventUpdate
    try:
        _check_files(main, auxiliary, descriptions, no_file=bool(no_file))
        new = _new_product(name, type_name, release, pz_code, description, official=bool(official))
        product = _submitted(new, main, auxiliary, descriptions)
    except PZServerError as error:
        return (no_update, *refusals(error))
    return (product_address(product), *[None] * len(FIELDS))


def refusals(error: PZServerError) -> list[str | None]:
    """Sentences for the places in ``FIELDS``: beside the field the error concerns, else at the end of the form."""
    field = (error.field or "") if isinstance(error, InvalidInput) else ""
    field = _FIELD_OF_SERVICE.get(field, field)
    place = field if field in FIELDS else "form"
    return [error.message if name == place else None for name in FIELDS]


def _check_files(main: Staged | None, *others: Staged | None, no_file: bool) -> None:
    if any(is_waiting(zone) for zone in (main, *others)):
        raise InvalidInput(
            "Some files are still on their way. This form is sent by itself when all have arrived.", "main_file"
        )
    if not staged_ids(main) and not no_file:
        raise InvalidInput("Choose the main file, or say below that there is none.", "main_file")
    if staged_ids(main) and no_file:
        raise InvalidInput("A main file has arrived: remove it, or say that there is one.", "main_file")


def _new_product(
    name: str | None,
    type_name: str | None,
    release: str | None,
    pz_code: str | None,
    description: str | None,
    *,
    official: bool,
) -> NewProduct:
    if not type_name:
        raise InvalidInput("Choose a product type.", "product_type")
    chosen = product_type(type_name)
    return NewProduct(
        display_name=name or "",
        product_type=chosen.name,
        release=(release or None) if chosen.allows_release else None,
        pz_code=(pz_code or None) if chosen.allows_pz_code else None,
        description=description or None,
        official=official,
    )


def _submitted(new: NewProduct, main: Staged | None, auxiliary: Staged | None, descriptions: Staged | None) -> Product:
    return portal().uploads.submit(
        current_actor(),
        new,
        next(iter(staged_ids(main)), None),
        auxiliary=staged_ids(auxiliary),
        description_files=staged_ids(descriptions),
    )


def register_preview(app: Dash, ids: FieldIds) -> None:
    """Attach the preview of the description of one form."""
    app.callback(
        Output(ids.preview, "children"),
        Input(ids.preview_button, "n_clicks"),
        State(ids.description, "value"),
        prevent_initial_call=True,
    )(preview)


def register(app: Dash) -> None:
    """Attach the callbacks of the form."""
    ids = Ids.fields
    register_preview(app, ids)
    app.callback(
        Output(Ids.needs, "children"),
        Output(ids.release_group, "hidden"),
        Output(ids.pz_code_group, "hidden"),
        Input(ids.product_type, "value"),
    )(show_needs)
    app.callback(
        Output(Ids.goto, "href"),
        *[Output(ids.error(field), "children") for field in FIELDS],
        Input(Ids.submit, "n_clicks"),
        State(ids.name, "value"),
        State(ids.product_type, "value"),
        State(ids.release, "value"),
        State(ids.pz_code, "value"),
        State(ids.description, "value"),
        State(ids.official, "value"),
        State(Ids.main, "data"),
        State(Ids.auxiliary, "data"),
        State(Ids.descriptions, "data"),
        State(Ids.no_file, "value"),
        running=[(Output(Ids.submit, "disabled"), True, False)],
        prevent_initial_call=True,
    )(submit)
