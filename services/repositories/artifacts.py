"""Rows of what was computed from products, and the question which blobs anybody still needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, union
from sqlalchemy.orm import Session

from services.models.products import ProductStatus
from services.schema import ArtifactRow, PreparedRow, ProductFileRow, ProductRow, StagedFileRow, utc_now
from services.storage.base import Blob

CANONICAL, OVERVIEW, CUBE, QUALITY = "canonical", "overview", "cube", "quality"
_DETAIL = "detail:"
_KEEPERS = (ArtifactRow, ProductFileRow, StagedFileRow, PreparedRow)
"""Tables whose rows name blobs."""


def detail_kind(name: str) -> str:
    """Kind of the artifact that holds one detail."""
    return _DETAIL + name


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something computed from a product: where it lies, which code made it, from what."""

    kind: str
    key: str
    size_bytes: int
    version: int
    signature: str
    created_at: datetime
    verdict: str = ""


class ArtifactRepository:
    """Artifacts of one session; never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, product_id: int, kind: str) -> Artifact | None:
        """Artifact of a product, None when there is none of that kind."""
        row = self._row(product_id, kind)
        return None if row is None else _artifact(row)

    def of_product(self, product_id: int) -> dict[str, Artifact]:
        """All artifacts of a product, by kind."""
        rows = self._session.scalars(select(ArtifactRow).where(ArtifactRow.product_id == product_id))
        return {row.kind: _artifact(row) for row in rows}

    def put(self, product_id: int, kind: str, blob: Blob, *, version: int, signature: str, verdict: str = "") -> None:
        """Set the artifact of that kind, in place of an earlier one."""
        row = self._row(product_id, kind)
        if row is None:
            row = ArtifactRow(product_id=product_id, kind=kind, key=blob.key)
            self._session.add(row)
        row.key, row.size_bytes = blob.key, blob.size_bytes
        row.version, row.signature, row.verdict, row.created_at = version, signature, verdict, utc_now()
        self._session.flush()

    def remove(self, product_id: int) -> None:
        """Forget all artifacts of a product; their bytes go with the next sweep."""
        self._session.execute(delete(ArtifactRow).where(ArtifactRow.product_id == product_id))

    def remove_report(self, product_id: int) -> None:
        """Forget the report of the checks: what columns mean has changed, and with it what the checks find."""
        report = ArtifactRow.product_id == product_id, ArtifactRow.kind == QUALITY
        self._session.execute(delete(ArtifactRow).where(*report))

    def without_report(self, version: int, before: int | None, limit: int) -> list[tuple[int, int, int]]:
        """Published products with a table but without a report of this version: id, owner, bytes of the table.

        Newest first, from below the id ``before``.
        """
        report = select(ArtifactRow.product_id).where(ArtifactRow.kind == QUALITY, ArtifactRow.version == version)
        wanted = (
            select(ProductRow.id, ProductRow.owner_id, ArtifactRow.size_bytes)
            .join(ArtifactRow, ArtifactRow.product_id == ProductRow.id)
            .where(ArtifactRow.kind == CANONICAL, ProductRow.status == ProductStatus.PUBLISHED)
            .where(ProductRow.id.not_in(report))
            .order_by(ProductRow.id.desc())
            .limit(limit)
        )
        if before is not None:
            wanted = wanted.where(ProductRow.id < before)
        return [(product_id, owner_id, size) for product_id, owner_id, size in self._session.execute(wanted)]

    def needed_keys(self) -> set[str]:
        """Keys of all blobs that a row of any table refers to."""
        keys = union(*(select(table.key).where(table.key.is_not(None)) for table in _KEEPERS))
        return set(self._session.scalars(keys))

    def is_needed(self, key: str) -> bool:
        """Whether any row refers to this blob."""
        return any(self._session.scalar(select(table.key).where(table.key == key).limit(1)) for table in _KEEPERS)

    def _row(self, product_id: int, kind: str) -> ArtifactRow | None:
        wanted = ArtifactRow.product_id == product_id, ArtifactRow.kind == kind
        return self._session.scalar(select(ArtifactRow).where(*wanted))


def _artifact(row: ArtifactRow) -> Artifact:
    return Artifact(row.kind, row.key, row.size_bytes, row.version, row.signature, row.created_at, row.verdict)
