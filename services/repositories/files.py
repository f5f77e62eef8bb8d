"""Rows of the files of products, to change."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.errors import NotFound
from services.file_names import media_type
from services.models.products import FileRole, ProductFile, StagedFile
from services.repositories.products import file_value
from services.schema import ProductColumnRow, ProductFileRow, ProductRow, utc_now
from services.storage.base import Blob


class FileRepository:
    """Files of one session; never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def names(self, product_id: int) -> Collection[str]:
        """Names the files of a product have."""
        mine = select(ProductFileRow.name).where(ProductFileRow.product_id == product_id)
        return set(self._session.scalars(mine))

    def add(self, product_id: int, staged: StagedFile, name: str, role: FileRole) -> ProductFile:
        """New file of a product with the bytes of a staged one."""
        row = ProductFileRow(
            product_id=product_id,
            role=int(role),
            name=name,
            media_type=media_type(name),
            size_bytes=staged.size_bytes,
            sha256=staged.sha256,
            key=staged.key,
        )
        self._session.add(row)
        self._session.flush()
        return file_value(row)

    def replace_content(self, file_id: int, name: str, blob: Blob) -> None:
        """Give a file other bytes and the name that goes with them; it stays the same file."""
        row = self._session.get_one(ProductFileRow, file_id)
        row.name, row.media_type = name, media_type(name)
        row.size_bytes, row.sha256, row.key = blob.size_bytes, blob.sha256, blob.key
        row.updated_at = utc_now()
        self._session.flush()

    def remove(self, file_id: int) -> None:
        """Forget a file; its bytes go with a later sweep."""
        row = self._session.get(ProductFileRow, file_id)
        if row is None:
            raise NotFound("There is no such file, or it is not open to you.")
        self._session.delete(row)
        self._session.flush()

    def forget_table(self, product_id: int) -> None:
        """Forget what was read from a main file that is no more."""
        self._session.execute(delete(ProductColumnRow).where(ProductColumnRow.product_id == product_id))
        row = self._session.get(ProductRow, product_id)
        assert row is not None
        row.n_rows = row.n_columns = None
        row.notes = []
