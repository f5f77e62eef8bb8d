"""What the ingest of a main file reads from a product and writes back to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.errors import NotFound
from services.models.products import FileRole, ProductColumn, ProductStatus
from services.schema import ProductColumnRow, ProductFileRow, ProductRow, ProductTypeRow, utc_now
from services.text_rules import folded, storable


@dataclass(frozen=True, slots=True)
class MainFile:
    """The main file of a product, as far as reading it goes."""

    id: int
    name: str
    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class IngestSubject:
    """A product about to be read: its type, its state, its main file and what its columns meant so far."""

    product_id: int
    product_type: str
    status: ProductStatus
    owner_id: int
    main_file: MainFile | None
    columns: tuple[ProductColumn, ...]


class IngestRepository:
    """Products under ingest, of one session; never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, product_id: int) -> None:
        """Keep rivals off this product until the end of the transaction (SQLite locks as a whole anyway)."""
        found = self._session.scalar(select(ProductRow.id).where(ProductRow.id == product_id).with_for_update())
        if found is None:
            raise NotFound("There is no such product.")

    def subject(self, product_id: int) -> IngestSubject:
        """Everything the ingest needs to know about a product."""
        row = self._product(product_id)
        type_name = self._session.scalar(select(ProductTypeRow.name).where(ProductTypeRow.id == row.product_type_id))
        assert type_name is not None
        return IngestSubject(
            product_id=row.id,
            product_type=type_name,
            status=ProductStatus(row.status),
            owner_id=row.owner_id,
            main_file=self._main_file(product_id),
            columns=tuple(column_value(column) for column in self._columns(product_id)),
        )

    def set_status(self, product_id: int, status: ProductStatus, reason: str | None = None) -> None:
        """New status of a product; one deleted meanwhile stays deleted and would return to it when restored."""
        row = self._product(product_id)
        if row.status == ProductStatus.DELETED:
            row.status_before_delete = status
        else:
            row.status = status
        row.status_reason = None if reason is None else storable(reason)
        row.updated_at = utc_now()

    def mark_failed(self, product_id: int, reason: str) -> None:
        """The main file cannot be shown. A product that is published stays so, since its readers rely on it."""
        is_published = self._product(product_id).status == ProductStatus.PUBLISHED
        self.set_status(product_id, ProductStatus.PUBLISHED if is_published else ProductStatus.FAILED, reason)

    def describe(self, product_id: int, *, n_rows: int | None, n_columns: int | None, notes: Sequence[str]) -> None:
        """Size of the table and what the reader noticed."""
        row = self._product(product_id)
        row.n_rows, row.n_columns = n_rows, n_columns
        row.notes = [storable(note) for note in notes]

    def describe_main_file(self, file_id: int, n_rows: int | None, table_info: Mapping[str, Any] | None) -> None:
        """How the reader took the main file."""
        row = self._session.get(ProductFileRow, file_id)
        if row is None:
            raise NotFound("The main file was removed while it was read.")
        row.n_rows, row.table_info = n_rows, None if table_info is None else dict(table_info)

    def replace_columns(self, product_id: int, columns: Sequence[ProductColumn]) -> None:
        """Set the columns of a product. One that keeps its name keeps its id, since clients remember ids."""
        known = {row.name: row for row in self._columns(product_id)}
        kept = {column.name for column in columns}
        for row in known.values():
            if row.name in kept:
                row.position = -1 - row.position  # out of the way: positions are unique
            else:
                self._session.delete(row)
        self._session.flush()
        for column in columns:
            row = known.get(column.name) or ProductColumnRow(product_id=product_id, name=column.name)
            _fill(row, column)
            self._session.add(row)
        self._session.flush()

    def _product(self, product_id: int) -> ProductRow:
        row = self._session.get(ProductRow, product_id)
        if row is None:
            raise NotFound("There is no such product.")
        return row

    def _main_file(self, product_id: int) -> MainFile | None:
        wanted = ProductFileRow.product_id == product_id, ProductFileRow.role == FileRole.MAIN
        row = self._session.scalar(select(ProductFileRow).where(*wanted))
        return None if row is None else MainFile(row.id, row.name, row.key, row.size_bytes)

    def _columns(self, product_id: int) -> Sequence[ProductColumnRow]:
        mine = select(ProductColumnRow).where(ProductColumnRow.product_id == product_id)
        return self._session.scalars(mine.order_by(ProductColumnRow.position)).all()


def column_value(row: ProductColumnRow) -> ProductColumn:
    """Value of a row."""
    return ProductColumn(
        id=row.id,
        product_id=row.product_id,
        name=row.name,
        order=row.position,
        dtype=row.dtype,
        unit=row.unit,
        ucd=row.ucd,
        description=row.description,
        alias=row.alias,
        role=row.role,
        band=row.band,
        how=row.how,
        transform=row.transform,
        needs_confirmation=row.needs_confirmation,
    )


def _fill(row: ProductColumnRow, column: ProductColumn) -> None:
    row.position, row.dtype, row.folded_name = column.order, column.dtype, folded(column.name)
    row.unit, row.ucd, row.alias = _kept(column.unit), _kept(column.ucd), _kept(column.alias)
    row.description = _kept(column.description)
    row.role, row.band, row.how = column.role, column.band, column.how
    row.transform, row.needs_confirmation = column.transform, column.needs_confirmation


def _kept(text: str | None) -> str | None:
    return None if text is None else storable(text)
