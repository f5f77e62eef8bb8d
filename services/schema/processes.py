"""Tables of pipeline runs: what was asked for. How far a run got stands with its job, what it made with its product."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.schema.base import Base, utc_now


class ProcessRow(Base):
    """A run of a pipeline. Its name, owner and release are those of the product it makes."""

    __tablename__ = "processes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    pipeline: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[str] = mapped_column(String(32))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), unique=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), unique=True)
    used_config: Mapped[dict[str, Any]]
    flag_translation: Mapped[dict[str, Any] | None]
    """What the person's own flags file said."""
    comment: Mapped[str | None]
    """What the run noticed, a sentence each."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]
    """Removed from the lists; its row stays, so that the product still knows how it was made."""


class ProcessInputRow(Base):
    """A product that goes into a run; ``position`` counts from 0 in the order asked for."""

    __tablename__ = "process_inputs"

    process_id: Mapped[int] = mapped_column(ForeignKey("processes.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]
