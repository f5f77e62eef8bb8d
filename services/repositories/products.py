"""Products: rows in, values out. Lists and their filters are in ``product_search``."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from services.models.products import FileRole, Product, ProductColumn, ProductEvent, ProductFile, ProductStatus
from services.repositories.ingests import column_value
from services.repositories.people import display_name
from services.schema import (
    ProductColumnRow,
    ProductEventRow,
    ProductFileRow,
    ProductRow,
    ProductTypeRow,
    ReleaseRow,
    UserRow,
    release_groups,
    utc_now,
)
from services.schema.base import MAX_ID

MainFileRow = aliased(ProductFileRow, name="main_file")

SIZE_BYTES: ColumnElement[int] = (
    select(func.coalesce(func.sum(ProductFileRow.size_bytes), 0))
    .where(ProductFileRow.product_id == ProductRow.id)
    .correlate(ProductRow)
    .scalar_subquery()
)
"""Bytes of all files of a product together."""


def product_rows() -> Select[Any, *tuple[Any, ...]]:
    """Every product with its type, owner, release and main file: what ``product_values`` reads, one row each."""
    return (
        select(
            ProductRow,
            ProductTypeRow.name.label("type_name"),
            ProductTypeRow.display_name.label("type_title"),
            UserRow,
            ReleaseRow,
            MainFileRow.name.label("main_name"),
            MainFileRow.sha256.label("main_sha256"),
            SIZE_BYTES.label("size_bytes"),
        )
        .join(ProductTypeRow, ProductTypeRow.id == ProductRow.product_type_id)
        .join(UserRow, UserRow.id == ProductRow.owner_id)
        .outerjoin(ReleaseRow, ReleaseRow.id == ProductRow.release_id)
        .outerjoin(MainFileRow, (MainFileRow.product_id == ProductRow.id) & (MainFileRow.role == FileRole.MAIN))
    )


def product_values(session: Session, rows: Iterable[Row[Any]]) -> tuple[Product, ...]:
    """Values of ``product_rows``; one more statement finds the groups of restricted releases."""
    taken = list(rows)
    restricted = {row.ReleaseRow.id for row in taken if row.ReleaseRow is not None and not row.ReleaseRow.is_public}
    groups = _groups_of_releases(session, restricted)
    return tuple(_product(row, groups.get(row.ProductRow.release_id, frozenset())) for row in taken)


def _groups_of_releases(session: Session, release_ids: set[int]) -> Mapping[int, frozenset[int]]:
    groups: defaultdict[int, set[int]] = defaultdict(set)
    if release_ids:
        wanted = select(release_groups).where(release_groups.c.release_id.in_(release_ids))
        for release_id, group_id in session.execute(wanted):
            groups[release_id].add(group_id)
    return {release_id: frozenset(ids) for release_id, ids in groups.items()}


def _product(row: Row[Any], group_ids: frozenset[int]) -> Product:
    product: ProductRow = row.ProductRow
    release: ReleaseRow | None = row.ReleaseRow
    return Product(
        id=product.id,
        internal_name=product.internal_name,
        display_name=product.display_name,
        product_type=row.type_name,
        product_type_title=row.type_title,
        release_id=product.release_id,
        release_name=None if release is None else release.display_name,
        owner_id=product.owner_id,
        owner_username=row.UserRow.username,
        owner_display_name=display_name(row.UserRow),
        official=product.official,
        pz_code=product.pz_code,
        description=product.description,
        status=ProductStatus(product.status),
        status_reason=product.status_reason,
        created_at=product.created_at,
        updated_at=product.updated_at,
        n_rows=product.n_rows,
        n_columns=product.n_columns,
        size_bytes=int(row.size_bytes),
        main_file_name=row.main_name,
        main_file_sha256=row.main_sha256,
        notes=tuple(product.notes),
        release_group_ids=group_ids,
        origin=product.origin,
        release_year=product.release_year,
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """Checked fields of a product to be."""

    display_name: str
    product_type_id: int
    release_id: int | None
    pz_code: str | None
    description: str | None
    official: bool
    release_year: int | None


class ProductRepository:
    """Products of one session; never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, product_id: int) -> Product | None:
        """Product by id, deleted ones too: rights are the caller's business."""
        if not 0 < product_id <= MAX_ID:
            return None
        return self._one(ProductRow.id == product_id)

    def find_named(self, internal_name: str) -> Product | None:
        """Product by internal name."""
        return self._one(ProductRow.internal_name == internal_name)

    def _one(self, condition: ColumnElement[bool]) -> Product | None:
        rows = self._session.execute(product_rows().where(condition)).all()
        return next(iter(product_values(self._session, rows)), None)

    def lock(self, product_id: int) -> ProductRow | None:
        """Row to change; rivals wait until the end of the transaction (SQLite locks as a whole anyway)."""
        if not 0 < product_id <= MAX_ID:
            return None
        wanted = select(ProductRow).where(ProductRow.id == product_id).with_for_update()
        return self._session.scalar(wanted.execution_options(populate_existing=True))

    def add(self, owner_id: int, draft: Draft) -> ProductRow:
        """New row under a stand-in name, since the internal name holds the id; the caller names it."""
        now = utc_now()
        row = ProductRow(
            internal_name=f"new-{uuid.uuid4().hex}",
            sort_name="",
            folded_text="",
            owner_id=owner_id,
            display_name=draft.display_name,
            product_type_id=draft.product_type_id,
            release_id=draft.release_id,
            pz_code=draft.pz_code,
            description=draft.description,
            official=draft.official,
            release_year=draft.release_year,
            status=int(ProductStatus.REGISTERING),
            created_at=now,
            updated_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def files(self, product_id: int) -> tuple[ProductFile, ...]:
        """Files of a product, by id."""
        mine = select(ProductFileRow).where(ProductFileRow.product_id == product_id)
        return tuple(file_value(row) for row in self._session.scalars(mine.order_by(ProductFileRow.id)))

    def find_file(self, file_id: int) -> ProductFile | None:
        """File by id."""
        row = self._session.get(ProductFileRow, file_id) if 0 < file_id <= MAX_ID else None
        return None if row is None else file_value(row)

    def has_main_file(self, product_id: int) -> bool:
        """Whether a product has a main file; without one it is metadata only."""
        wanted = ProductFileRow.product_id == product_id, ProductFileRow.role == FileRole.MAIN
        return self._session.scalar(select(ProductFileRow.id).where(*wanted)) is not None

    def column_rows(self, product_id: int) -> Sequence[ProductColumnRow]:
        """Columns of a product to change, in file order."""
        mine = select(ProductColumnRow).where(ProductColumnRow.product_id == product_id)
        return self._session.scalars(mine.order_by(ProductColumnRow.position)).all()

    def columns(self, product_id: int) -> tuple[ProductColumn, ...]:
        """Columns of a product, in file order."""
        return tuple(column_value(row) for row in self.column_rows(product_id))

    def note_event(self, product_id: int, actor_id: int | None, what: str, **details: Any) -> None:
        """Keep for the History what somebody (None: the portal itself) did to a product."""
        self._session.add(ProductEventRow(product_id=product_id, actor_id=actor_id, what=what, details=details))

    def events(self, product_id: int) -> tuple[ProductEvent, ...]:
        """What happened to a product, newest first."""
        statement = (
            select(ProductEventRow, UserRow)
            .outerjoin(UserRow, UserRow.id == ProductEventRow.actor_id)
            .where(ProductEventRow.product_id == product_id)
            .order_by(ProductEventRow.id.desc())
        )
        return tuple(
            ProductEvent(event.what, event.happened_at, None if user is None else display_name(user), event.details)
            for event, user in self._session.execute(statement)
        )


def file_value(row: ProductFileRow) -> ProductFile:
    """Value of a row."""
    return ProductFile(
        id=row.id,
        product_id=row.product_id,
        role=FileRole(row.role),
        name=row.name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        key=row.key,
        n_rows=row.n_rows,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
