"""Products: rows in, values out. Lists and their filters are in ``product_search``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.models.products import FileRole, Product, ProductColumn, ProductEvent, ProductFile, ProductStatus
from services.repositories.ingests import column_value
from services.repositories.people import display_name
from services.repositories.product_rows import product_rows, read_products
from services.schema import (
    ProductColumnRow,
    ProductEventRow,
    ProductFileRow,
    ProductRow,
    UserRow,
    utc_now,
)
from services.schema.base import MAX_ID


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
        return next(iter(read_products(self._session, product_rows().where(condition))), None)

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
