"""Rows of downloads made ready. How far one is follows from its job, so that no second truth can go stale."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, select
from sqlalchemy.orm import Session

from services.models.jobs import JobState
from services.models.prepared import Prepared, PreparedKind, PreparedState
from services.schema import JobRow, PreparedRow, utc_now
from services.storage.base import Blob

LOST = "The archive was not finished. Prepare the download again."
_STATES = {JobState.QUEUED: PreparedState.PENDING, JobState.RUNNING: PreparedState.RUNNING}


class PreparedRepository:
    """Downloads made ready, of one session; never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, prepared_id: int) -> Prepared | None:
        """By id, expired ones too."""
        return self._one(_rows().where(PreparedRow.id == prepared_id))

    def find(self, product_id: int, kind: PreparedKind, signature: str) -> Prepared | None:
        """The one made from these sources, unless it has expired."""
        return self._one(_rows().where(*_of(product_id, kind), PreparedRow.signature == signature, _is_kept()))

    def with_bytes(self, product_id: int, kind: PreparedKind, key: str) -> Prepared | None:
        """The one with these bytes, unless it has expired."""
        return self._one(_rows().where(*_of(product_id, kind), PreparedRow.key == key, _is_kept()).limit(1))

    def was_asked_for(self, product_id: int, kind: PreparedKind) -> bool:
        """Whether a download of this kind was prepared from any state of the product and has not expired."""
        wanted = select(PreparedRow.id).where(*_of(product_id, kind), _is_kept()).limit(1)
        return self._session.scalar(wanted) is not None

    def open_for(self, product_id: int, kind: PreparedKind, signature: str, name: str, expires_at: datetime) -> int:
        """Id of the row for these sources: the one there is, emptied when it has expired, or a new one.

        The product must be locked, so that of two rivals one makes the row and the other finds it.
        """
        same = *_of(product_id, kind), PreparedRow.signature == signature
        row = self._session.scalar(select(PreparedRow).where(*same).execution_options(populate_existing=True))
        if row is not None and row.expires_at <= utc_now():
            self._session.delete(row)
            self._session.flush()
            row = None
        if row is None:
            row = PreparedRow(product_id=product_id, kind=kind, signature=signature, name=name, expires_at=expires_at)
            self._session.add(row)
            self._session.flush()
        return row.id

    def assign(self, prepared_id: int, job_id: int) -> None:
        """A job makes the bytes, those there were are gone."""
        row = self._session.get_one(PreparedRow, prepared_id)
        row.job_id, row.key, row.updated_at = job_id, None, utc_now()

    def settle(self, prepared_id: int, blob: Blob, expires_at: datetime) -> None:
        """The bytes are there."""
        row = self._session.get_one(PreparedRow, prepared_id)
        row.key, row.size_bytes = blob.key, blob.size_bytes
        row.updated_at, row.expires_at = utc_now(), expires_at

    def renew(self, prepared_id: int, expires_at: datetime) -> None:
        """Keep it longer; nothing happens when it is gone."""
        row = self._session.get(PreparedRow, prepared_id)
        if row is not None:
            row.expires_at = expires_at

    def remove(self, prepared_id: int) -> None:
        """Forget one; its bytes go with the next sweep."""
        self._session.execute(delete(PreparedRow).where(PreparedRow.id == prepared_id))

    def remove_expired(self, before: datetime) -> int:
        """Forget all that expired before that time; gives how many."""
        gone = delete(PreparedRow).where(PreparedRow.expires_at <= before).returning(PreparedRow.id)
        return len(self._session.scalars(gone).all())

    def _one(self, wanted: Select[Any, *tuple[Any, ...]]) -> Prepared | None:
        row = self._session.execute(wanted.execution_options(populate_existing=True)).first()
        return None if row is None else _value(row)


def _rows() -> Select[Any, *tuple[Any, ...]]:
    return select(PreparedRow, JobRow.state.label("job_state"), JobRow.error.label("job_error")).outerjoin(
        JobRow, JobRow.id == PreparedRow.job_id
    )


def _of(product_id: int, kind: PreparedKind) -> tuple[Any, Any]:
    return PreparedRow.product_id == product_id, PreparedRow.kind == kind


def _is_kept() -> Any:
    return PreparedRow.expires_at > utc_now()


def _value(found: Row[Any]) -> Prepared:
    row: PreparedRow = found.PreparedRow
    state = PreparedState.READY if row.key is not None else _STATES.get(found.job_state, PreparedState.FAILED)
    return Prepared(
        id=row.id,
        product_id=row.product_id,
        kind=PreparedKind(row.kind),
        signature=row.signature,
        name=row.name,
        state=state,
        job_id=row.job_id,
        key=row.key,
        size_bytes=row.size_bytes,
        error=(found.job_error or LOST) if state is PreparedState.FAILED else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
    )
