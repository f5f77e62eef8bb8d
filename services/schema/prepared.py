"""Table of downloads made ready: which archive was made from which state of a product, and where its bytes lie."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.schema.base import Base, BigInt, utc_now


class PreparedRow(Base):
    """A download of a product in one state. It is ready once ``key`` is set; until then ``job_id`` tells how it stands.

    ``signature`` identifies the sources, so that a change of them asks for another row.
    """

    __tablename__ = "prepared_downloads"
    __table_args__ = (
        UniqueConstraint("product_id", "kind", "signature"),
        CheckConstraint("kind IN ('product', 'main_file')", name="kind_known"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    key: Mapped[str | None] = mapped_column(String(128), index=True)
    size_bytes: Mapped[int | None] = mapped_column(BigInt)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
