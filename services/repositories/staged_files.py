"""Rows of files that have arrived and belong to no product yet."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.models.products import StagedFile
from services.schema import StagedFileRow
from services.storage.base import Blob


class StagedFileRepository:
    """Staged files of one session; never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, owner_id: int, name: str, blob: Blob) -> StagedFile:
        """New row under an id nobody can guess."""
        row = StagedFileRow(
            id=secrets.token_hex(16),
            owner_id=owner_id,
            name=name,
            size_bytes=blob.size_bytes,
            sha256=blob.sha256,
            key=blob.key,
        )
        self._session.add(row)
        self._session.flush()
        return _value(row)

    def find(self, staged_id: str, owner_id: int) -> StagedFile | None:
        """Staged file of that owner."""
        if not (staged_id.isascii() and staged_id.isalnum()):
            return None
        row = self._session.get(StagedFileRow, staged_id)
        return _value(row) if row is not None and row.owner_id == owner_id else None

    def remove(self, staged_id: str) -> bool:
        """Forget the row; False when it is gone already, so that of two rivals one gets the file."""
        gone = delete(StagedFileRow).where(StagedFileRow.id == staged_id).returning(StagedFileRow.id)
        return self._session.scalar(gone) is not None

    def bytes_of(self, owner_id: int) -> int:
        """Bytes of all files of that owner that belong to no product yet."""
        total = select(func.coalesce(func.sum(StagedFileRow.size_bytes), 0)).where(StagedFileRow.owner_id == owner_id)
        return int(self._session.scalar(total) or 0)

    def older_than(self, before: datetime) -> Sequence[str]:
        """Ids of files staged before that time."""
        return list(self._session.scalars(select(StagedFileRow.id).where(StagedFileRow.created_at < before)))


def _value(row: StagedFileRow) -> StagedFile:
    return StagedFile(
        id=row.id,
        owner_id=row.owner_id,
        name=row.name,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        key=row.key,
        created_at=row.created_at,
    )
