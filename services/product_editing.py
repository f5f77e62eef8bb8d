"""Changes to a product: its fields by the rules of ``product_rules``, and its steps from one status to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services import access
from services import product_rules as rules
from services.errors import Conflict, InvalidInput
from services.models.identity import Actor, Release
from services.models.products import Product, ProductChanges, ProductStatus
from services.product_types import PRODUCT_TYPES
from services.publishing import publish_product
from services.repositories import people
from services.repositories.jobs import JobRepository
from services.repositories.products import ProductRepository
from services.schema import ProductRow, utc_now
from services.text_rules import folded, sort_key
from services.unit_of_work import UnitOfWork

_HISTORY_TEXT = 200
"""Characters of a changed text that the History keeps."""

_CLEANERS: dict[str, Callable[[object], Any]] = {
    "display_name": rules.clean_name,
    "pz_code": rules.clean_pz_code,
    "description": rules.clean_description,
    "official": rules.clean_official,
    "release_year": rules.clean_release_year,
}


def change_product(uow: UnitOfWork, actor: Actor, row: ProductRow, product: Product, changes: ProductChanges) -> None:
    """Change fields, then the status, of a locked product that the actor may edit; refusals as ``update`` tells."""
    fields = dict(changes.fields)
    status = rules.clean_status(fields.pop("status", product.status))
    releases = people.releases(uow.session) if "release" in fields else ()
    fresh = _changed(row, _cleaned(releases, actor, row, fields))
    if "official" in fresh:
        access.require_official(actor)
    history = {name: [_short(getattr(row, name)), _short(value)] for name, value in fresh.items()}
    for name, value in fresh.items():
        setattr(row, name, value)
    if fresh:
        rules.check_fields(PRODUCT_TYPES[product.product_type], row.release_id, row.pz_code)
        _note_edit(uow, actor, row, history)
    if status is not product.status:
        _move(uow, actor, row, product, status)


def release_id_of(releases: Sequence[Release], actor: Actor, wanted: object) -> int | None:
    """Id of a release by id, name or display name.

    Raises
    ------
    InvalidInput
        If there is none.
    NotAllowed
        If it is closed to the actor.
    """
    word = "" if wanted is None else str(wanted).strip()
    if not word:
        return None
    for release in releases:
        names = {str(release.id), folded(release.name), folded(release.display_name)}
        if folded(word) in names:
            access.require_release(actor, release)
            return release.id
    raise InvalidInput(f'There is no release "{word[:100]}".', field="release")


def index_product(row: ProductRow) -> None:
    """Bring what searches and orders look at in step with the fields."""
    row.sort_name = sort_key(row.display_name)
    row.folded_text = rules.searched_text(row.display_name, row.internal_name, row.pz_code, row.description)


def _cleaned(
    releases: Sequence[Release], actor: Actor, row: ProductRow, fields: Mapping[str, object]
) -> dict[str, Any]:
    """Checked values by column of the row."""
    unknown = sorted(set(fields) - _CLEANERS.keys() - {"release"})
    if unknown:
        raise InvalidInput(f"These fields cannot be changed: {', '.join(unknown)}.", field=unknown[0])
    cleaned = {name: clean(fields[name]) for name, clean in _CLEANERS.items() if name in fields}
    if "release" in fields:
        wanted = fields["release"]
        is_same = row.release_id is not None and str(wanted).strip() == str(row.release_id)
        cleaned["release_id"] = row.release_id if is_same else release_id_of(releases, actor, wanted)
    return cleaned


def _changed(row: ProductRow, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def _short(value: Any) -> Any:
    return value[:_HISTORY_TEXT] if isinstance(value, str) else value


def _note_edit(uow: UnitOfWork, actor: Actor, row: ProductRow, history: Mapping[str, Any]) -> None:
    row.updated_at = utc_now()
    index_product(row)
    ProductRepository(uow.session).note_event(row.id, actor.user_id, "edited", changed=history)


def _move(uow: UnitOfWork, actor: Actor, row: ProductRow, product: Product, status: ProductStatus) -> None:
    """Take a product from one status to another, by hand."""
    rules.check_move(product.status, status)
    is_running = product.status is ProductStatus.PROCESSING
    if is_running and JobRepository(uow.session).active(row.id) is not None:
        raise Conflict("The main file is still being read. Change the status when that is done.")
    if status is ProductStatus.PUBLISHED:
        if not is_running:
            has_main_file = product.main_file_name is not None
            rules.check_publishable(product.status, product.status_reason, has_main_file=has_main_file)
        publish_product(ProductRepository(uow.session), row.id, actor.user_id)
        return
    row.status, row.status_reason = int(status), None
    _note_edit(uow, actor, row, {"status": [int(product.status), int(status)]})
