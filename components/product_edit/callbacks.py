"""Saving the words of a product, adding and removing its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from components.alerts import show_toast
from components.product_edit.layout import FIELDS, Ids, edited_files, field_values
from components.product_summary.layout import product_address
from components.upload_form.callbacks import register_preview
from components.upload_form.zone import Staged, is_waiting, staged_ids
from services.context import current_actor, portal
from services.errors import InvalidInput, PZServerError
from services.models.products import Product, ProductChanges
from services.product_types import PRODUCT_TYPES


def save(
    n_clicks: int | None,
    product_id: int,
    name: str | None,
    release: str | None,
    pz_code: str | None,
    description: str | None,
    official: bool | None,
    opened: Mapping[str, Any] | None,
) -> tuple[Any, ...]:
    """Change the product and go back to its page, or say beside each field what is wrong.

    Only fields that differ from ``opened``, the values the form began with, are changed: a form that was open for an
    hour does not undo what somebody else saved meanwhile.
    """
    if not n_clicks:
        raise PreventUpdate
    actor, catalog = current_actor(), portal().catalog
    product = catalog.get(actor, product_id)
    fields: dict[str, object] = {"display_name": name or "", "description": description or None}
    product_type = PRODUCT_TYPES[product.product_type]
    if product_type.allows_release:
        fields["release"] = release or None
    if product_type.allows_pz_code:
        fields["pz_code"] = pz_code or None
    if actor.is_admin:
        fields["official"] = bool(official)
    try:
        changed = catalog.update(actor, product_id, ProductChanges(_changed_here(fields, opened, product)))
    except PZServerError as error:
        return (no_update, *refusals(error))
    return (product_address(changed, "about"), *[None] * len(FIELDS))


def _changed_here(fields: dict[str, object], opened: Mapping[str, Any] | None, product: Product) -> dict[str, object]:
    """Fields changed in this form; refused where somebody else changed the same field to something else."""
    if opened is None:
        return fields
    now = field_values(product)
    changed = {name: value for name, value in fields.items() if value != opened.get(name)}
    for name, value in changed.items():
        if now[name] not in (opened.get(name), value):
            sentence = "This was changed by somebody else since you opened the form. Copy your text, then reload."
            raise InvalidInput(sentence, name)
    return changed


def refusals(error: PZServerError) -> list[str | None]:
    """Sentences for the places in ``FIELDS``."""
    field = (error.field or "") if isinstance(error, InvalidInput) else ""
    place = field if field in FIELDS else "form"
    return [error.message if name == place else None for name in FIELDS]


def save_files(
    n_clicks: int | None, product_id: int, main: Staged | None, descriptions: Staged | None, auxiliary: Staged | None
) -> tuple[Any, str | None]:
    """Attach what has arrived; a new main file takes the place of the old one and is read."""
    if not n_clicks:
        raise PreventUpdate
    zones = (main, descriptions, auxiliary)
    if any(is_waiting(zone) for zone in zones):
        return no_update, "Some files are still on their way. Save when all have arrived."
    if not any(staged_ids(zone) for zone in zones):
        return no_update, "Choose a file first."
    try:
        product = _attached(product_id, main, descriptions, auxiliary)
    except PZServerError as error:
        return no_update, error.message
    return product_address(product, "" if staged_ids(main) else "files"), None


def _attached(product_id: int, main: Staged | None, descriptions: Staged | None, auxiliary: Staged | None) -> Product:
    actor, container = current_actor(), portal()
    container.uploads.add_files(
        actor,
        product_id,
        next(iter(staged_ids(main)), None),
        auxiliary=staged_ids(auxiliary),
        description_files=staged_ids(descriptions),
    )
    return container.catalog.get(actor, product_id)


def remove_file(_: list[int | None], product_id: int) -> Any:
    """Remove one file and show what is left."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    actor, container = current_actor(), portal()
    file = container.catalog.file(actor, int(ctx.triggered_id["index"]))
    container.uploads.remove_file(actor, file.id)
    show_toast(f"{file.name} was removed.", "Files")
    product = container.catalog.get(actor, product_id)
    return edited_files(product, container.catalog.files(actor, product_id))


def register(app: Dash) -> None:
    """Attach the callbacks of the form."""
    ids = Ids.fields
    register_preview(app, ids)
    product = State(Ids.product, "data")
    app.callback(
        Output(Ids.goto, "href"),
        *[Output(ids.error(field), "children") for field in FIELDS],
        Input(Ids.save, "n_clicks"),
        product,
        State(ids.name, "value"),
        State(ids.release, "value"),
        State(ids.pz_code, "value"),
        State(ids.description, "value"),
        State(ids.official, "value"),
        State(Ids.opened, "data"),
        running=[(Output(Ids.save, "disabled"), True, False)],
        prevent_initial_call=True,
    )(save)
    app.callback(
        Output(Ids.files_goto, "href"),
        Output(Ids.files_error, "children"),
        Input(Ids.save_files, "n_clicks"),
        product,
        State(Ids.main, "data"),
        State(Ids.descriptions, "data"),
        State(Ids.auxiliary, "data"),
        running=[(Output(Ids.save_files, "disabled"), True, False)],
        prevent_initial_call=True,
    )(save_files)
    app.callback(
        Output(Ids.files, "children"),
        Input({"type": Ids.remove_file, "index": ALL}, "n_clicks"),
        product,
        prevent_initial_call=True,
    )(remove_file)
