"""Lists of columns and files over all products an actor may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from services.access import CAN_EDIT, CAN_SEE
from services.errors import NotFound
from services.models.contents import ContentQuery, FileEntry, Part
from services.models.identity import Actor
from services.models.products import FileRole, ProductColumn, ProductStatus
from services.repositories.ingests import column_value
from services.repositories.products import file_value
from services.schema import ProductColumnRow, ProductFileRow, ProductRow
from services.schema.base import MAX_ID

NO_SUCH_COLUMN = "There is no such column, or it is not open to you."
_MAIN = and_(ProductFileRow.product_id == ProductRow.id, ProductFileRow.role == FileRole.MAIN)
_COLUMN_ORDERS = {"id": ProductColumnRow.id, "order": ProductColumnRow.position, "product": ProductColumnRow.product_id}
_FILE_ORDERS = {"id": ProductFileRow.id, "role": ProductFileRow.role, "product_id": ProductFileRow.product_id}


class ContentRepository:
    """Columns and files of one session; never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def columns(self, actor: Actor, query: ContentQuery) -> Part[ProductColumn]:
        """Columns of the products an actor may see, named as programs name them."""
        statement = (
            select(ProductColumnRow, ProductFileRow.name, ProductFileRow.table_info)
            .join(ProductRow, ProductRow.id == ProductColumnRow.product_id)
            .outerjoin(ProductFileRow, _MAIN)
            .where(CAN_SEE.where(actor))
        )
        wanted = _wanted(query, ProductColumnRow.product_id, ProductColumnRow.id)
        rows, total = self._part(statement.where(*wanted), query, _COLUMN_ORDERS)
        return Part(tuple(named_by_place(column_value(row), name, info) for row, name, info in rows), total)

    def files(self, actor: Actor, query: ContentQuery) -> Part[FileEntry]:
        """Files of the products an actor may see."""
        editable = CAN_EDIT.where(actor)
        statement = (
            select(ProductFileRow, ProductRow.status, editable.label("editable"))
            .join(ProductRow, ProductRow.id == ProductFileRow.product_id)
            .where(CAN_SEE.where(actor))
        )
        wanted = _wanted(query, ProductFileRow.product_id, ProductFileRow.id)
        rows, total = self._part(statement.where(*wanted), query, _FILE_ORDERS)
        return Part(tuple(_file_entry(row, status, bool(editable)) for row, status, editable in rows), total)

    def _part(
        self, statement: Select[Any, *tuple[Any, ...]], query: ContentQuery, orders: Mapping[str, Any]
    ) -> tuple[list[Any], int]:
        chosen = orders.get(query.sort.removeprefix("-"), orders["id"])
        ordered = statement.order_by(chosen.desc() if query.sort.startswith("-") else chosen, orders["id"])
        rows = list(self._session.execute(ordered.offset(query.offset).limit(query.limit)))
        if query.offset == 0 and len(rows) < query.limit:
            return rows, len(rows)
        total = self._session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
        return rows, int(total or 0)

    def product_of(self, column_id: int) -> int:
        """Id of the product a column belongs to; NotFound when there is no such column."""
        wanted = select(ProductColumnRow.product_id).where(ProductColumnRow.id == column_id)
        found = self._session.scalar(wanted) if 0 < column_id <= MAX_ID else None
        if found is None:
            raise NotFound(NO_SUCH_COLUMN)
        return found

    def table_info(self, file_id: int) -> Mapping[str, Any] | None:
        """How the reader took a main file; None when it was not read."""
        return self._session.scalar(select(ProductFileRow.table_info).where(ProductFileRow.id == file_id))


def named_by_place(column: ProductColumn, file_name: str | None, table_info: Mapping[str, Any] | None) -> ProductColumn:
    """A column under the name programs use: its place, "0", "1", ..., in a CSV file without header."""
    return replace(column, name=str(column.order)) if is_headerless(file_name, table_info) else column


def is_headerless(file_name: str | None, table_info: Mapping[str, Any] | None) -> bool:
    """Whether a main file is CSV without a line of names."""
    is_csv = (file_name or "").lower().endswith(".csv")
    return is_csv and table_info is not None and table_info.get("has_header") is False


def _wanted(query: ContentQuery, product_id: Any, own_id: Any) -> list[ColumnElement[bool]]:
    asked = ((product_id, query.product_id), (own_id, query.id))
    return [column == (value if 0 < value <= MAX_ID else 0) for column, value in asked if value is not None]


def _file_entry(row: ProductFileRow, status: int, editable: bool) -> FileEntry:
    is_kept = row.role == FileRole.MAIN and status == ProductStatus.PUBLISHED
    return FileEntry(file_value(row), can_delete=editable and not is_kept)
