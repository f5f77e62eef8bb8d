"""The verbs of the catalogue: find products, make them, change them, publish, delete, and say what columns mean."""

from __future__ import annotations

import re

from services import access
from services import product_rules as rules
from services.column_association import associate
from services.columns.matching import role_map
from services.errors import NotFound
from services.jobs.service import JobService
from services.jobs.workbench import check_again
from services.models.identity import Actor
from services.models.products import (
    Facets,
    NewProduct,
    Product,
    ProductChanges,
    ProductColumn,
    ProductEvent,
    ProductFile,
    ProductPage,
    ProductQuery,
    ProductRights,
    ProductStatus,
)
from services.models.roles import RoleMap
from services.product_editing import change_product, index_product, release_id_of
from services.product_types import product_type_of
from services.publishing import publish_product
from services.repositories import people
from services.repositories.product_search import ProductSearch
from services.repositories.products import Draft, ProductRepository
from services.schema import ProductRow, utc_now
from services.unit_of_work import Sessions, UnitOfWork, reading, unit_of_work

_ID = re.compile(r"[1-9][0-9]{0,9}")
"""Ids as the portal writes them: not +7, not 007, no other digits."""


class CatalogService:
    """Products as their readers and owners meet them. Every method asks ``services.access`` first."""

    def __init__(self, sessions: Sessions, report_version: int, jobs: JobService) -> None:
        self._sessions = sessions
        self._jobs = jobs
        self._report_version = report_version

    def search(self, actor: Actor, query: ProductQuery) -> ProductPage:
        """One page of the products the actor may see that pass every filter, in a stable order.

        Raises
        ------
        InvalidInput
            If a product type of the query does not exist.
        """
        with reading(self._sessions) as session:
            return ProductSearch(session, self._report_version).page(actor, query)

    def facets(self, actor: Actor, query: ProductQuery) -> Facets:
        """Choices of every filter, each counted with the other filters in force."""
        with reading(self._sessions) as session:
            return ProductSearch(session, self._report_version).facets(actor, query)

    def counts(self, actor: Actor) -> tuple[int, int]:
        """Published products the actor may see: official ones, those of users."""
        with reading(self._sessions) as session:
            return ProductSearch(session, self._report_version).counts(actor)

    def newest(self, actor: Actor, n: int) -> tuple[Product, ...]:
        """The ``n`` newest published products the actor may see."""
        with reading(self._sessions) as session:
            return ProductSearch(session, self._report_version).newest(actor, n)

    def oldest_draft(self, actor: Actor) -> Product | None:
        """The actor's own draft that waits longest to be published, if any."""
        with reading(self._sessions) as session:
            return ProductSearch(session, self._report_version).oldest_draft(actor)

    def get(self, actor: Actor, product_id: int) -> Product:
        """Product by id.

        Raises
        ------
        NotFound
            If there is none, or the actor may not know that there is.
        """
        with reading(self._sessions) as session:
            return _seen(actor, ProductRepository(session).find(product_id))

    def find(self, actor: Actor, address: str) -> Product:
        """Product by internal name or by id as text; NotFound as in ``get``."""
        with reading(self._sessions) as session:
            products = ProductRepository(session)
            if _ID.fullmatch(address):
                return _seen(actor, products.find(int(address)))
            return _seen(actor, products.find_named(address) if address.isascii() and address.isprintable() else None)

    def rights(self, actor: Actor, product: Product) -> ProductRights:
        """What the actor may do with this product, and why not."""
        return access.rights(actor, product)

    def register(self, actor: Actor, new: NewProduct) -> Product:
        """Make a draft.

        Raises
        ------
        InvalidInput
            If a field cannot be taken, or two do not go together.
        NotAllowed
            If the release is closed to the actor, or they may not mark products as official.
        """
        with unit_of_work(self._sessions) as uow:
            return register_product(uow, actor, new)

    def update(self, actor: Actor, product_id: int, changes: ProductChanges) -> Product:
        """Change fields, and by the field ``status`` where the product stands; what is equal is no change.

        Raises
        ------
        InvalidInput, NotAllowed
            As in ``register``.
        Conflict
            If the product cannot go to that status from where it stands.
        MissingColumns
            As in ``publish``.
        """
        with unit_of_work(self._sessions) as uow:
            products = ProductRepository(uow.session)
            row, product = _editable(actor, products, product_id)
            change_product(uow, actor, row, product, changes)
            return _again(products, product_id)

    def publish(self, actor: Actor, product_id: int) -> Product:
        """Make a draft visible to others; a published product stays as it is.

        Raises
        ------
        MissingColumns
            If it has a main file and needed roles are not known.
        Conflict
            If the main file is being read, or could not be read.
        """
        with unit_of_work(self._sessions) as uow:
            products = ProductRepository(uow.session)
            _, product = _editable(actor, products, product_id)
            has_main_file = product.main_file_name is not None
            rules.check_publishable(product.status, product.status_reason, has_main_file=has_main_file)
            return publish_product(products, product_id, actor.user_id)

    def delete(self, actor: Actor, product_id: int) -> None:
        """Take a product away from everybody; its bytes stay until they are swept, so it can be restored."""
        with unit_of_work(self._sessions) as uow:
            products = ProductRepository(uow.session)
            row, _ = _editable(actor, products, product_id)
            row.status_before_delete, row.status = row.status, int(ProductStatus.DELETED)
            row.updated_at = utc_now()
            products.note_event(product_id, actor.user_id, "deleted")

    def restore(self, actor: Actor, product_id: int) -> Product:
        """Undo a deletion.

        Raises
        ------
        NotFound
            If the product is not deleted, or not the actor's to restore.
        """
        with unit_of_work(self._sessions) as uow:
            products = ProductRepository(uow.session)
            row = products.lock(product_id)
            access.require_restore(actor, products.find(product_id))
            assert row is not None
            row.status = int(row.status_before_delete or ProductStatus.REGISTERING)
            row.status_before_delete, row.updated_at = None, utc_now()
            products.note_event(product_id, actor.user_id, "restored")
            return _again(products, product_id)

    def files(self, actor: Actor, product_id: int) -> tuple[ProductFile, ...]:
        """Files of a product, oldest first."""
        with reading(self._sessions) as session:
            products = ProductRepository(session)
            _seen(actor, products.find(product_id))
            return products.files(product_id)

    def file(self, actor: Actor, file_id: int) -> ProductFile:
        """One file; NotFound when there is none or its product is hidden from the actor."""
        with reading(self._sessions) as session:
            products = ProductRepository(session)
            found = products.find_file(file_id)
            if found is None:
                raise NotFound("There is no such file, or it is not open to you.")
            _seen(actor, products.find(found.product_id))
            return found

    def columns(self, actor: Actor, product_id: int) -> tuple[ProductColumn, ...]:
        """Columns of the main file, in file order; empty before it was read."""
        with reading(self._sessions) as session:
            products = ProductRepository(session)
            _seen(actor, products.find(product_id))
            return products.columns(product_id)

    def role_map(self, actor: Actor, product_id: int) -> RoleMap:
        """Roles of the columns, as every statistic asks for them."""
        return role_map(self.columns(actor, product_id))

    def set_role(
        self,
        actor: Actor,
        product_id: int,
        column_name: str,
        role: str | None,
        band: str | None = None,
        transform: str = "",
    ) -> tuple[ProductColumn, ...]:
        """Give a column a role (None: no role) by the word of the owner; the column that had it gives it up.

        Raises
        ------
        NotFound
            If the product has no such column.
        InvalidInput
            If role, band and conversion do not go together.
        """
        with unit_of_work(self._sessions) as uow:
            products = ProductRepository(uow.session)
            row, _ = _editable(actor, products, product_id)
            associate(products.column_rows(product_id), column_name, role, band, transform)
            check_again(self._jobs, uow, product_id, actor.user_id)
            row.updated_at = utc_now()
            products.note_event(product_id, actor.user_id, "role_set", column=column_name, role=role, band=band)
            return products.columns(product_id)

    def history(self, actor: Actor, product_id: int) -> tuple[ProductEvent, ...]:
        """What happened to a product, newest first."""
        with reading(self._sessions) as session:
            products = ProductRepository(session)
            _seen(actor, products.find(product_id))
            return products.events(product_id)


def register_product(uow: UnitOfWork, actor: Actor, new: NewProduct) -> Product:
    """Make a draft within a running transaction; refusals as for ``CatalogService.register``."""
    name = rules.clean_name(new.display_name)
    kind = product_type_of(new.product_type)
    draft = Draft(
        display_name=name,
        product_type_id=kind.id,
        release_id=release_id_of(people.releases(uow.session), actor, new.release),
        pz_code=rules.clean_pz_code(new.pz_code),
        description=rules.clean_description(new.description),
        official=rules.clean_official(new.official),
        release_year=rules.clean_release_year(new.release_year),
    )
    rules.check_fields(kind, draft.release_id, draft.pz_code)
    if draft.official:
        access.require_official(actor)
    rules.check_first_status(new.status)
    products = ProductRepository(uow.session)
    row = products.add(actor.user_id, draft)
    row.internal_name = rules.internal_name(row.id, name)
    index_product(row)
    products.note_event(row.id, actor.user_id, "registered")
    return _again(products, row.id)


def _seen(actor: Actor, product: Product | None) -> Product:
    access.require_sight(actor, product)
    assert product is not None
    return product


def _editable(actor: Actor, products: ProductRepository, product_id: int) -> tuple[ProductRow, Product]:
    """Locked row and value of a product the actor may change."""
    row = products.lock(product_id)
    product = products.find(product_id)
    access.require_edit(actor, product)
    assert row is not None
    assert product is not None
    return row, product


def _again(products: ProductRepository, product_id: int) -> Product:
    product = products.find(product_id)
    assert product is not None
    return product
