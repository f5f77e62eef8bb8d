"""Tables of products, what belongs to them, and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.schema.base import Base, BigInt, SortText, utc_now

_MAIN_FILE = text("role = 0")


class ProductTypeRow(Base):
    """A product type, filled from ``services.product_types`` whenever the database is migrated."""

    __tablename__ = "product_types"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(255))
    position: Mapped[int]
    description: Mapped[str]
    aliases: Mapped[list[str]]
    folded_words: Mapped[str]
    """Name, titles and aliases, folded, a line each."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ProductRow(Base):
    """A data product. ``status`` holds the numbers of ``ProductStatus``."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("status IN (0, 1, 2, 3, 9)", name="status_known"),
        CheckConstraint("length(display_name) BETWEEN 1 AND 255", name="display_name_length"),
        Index("ix_products_list", "status", "official", "created_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    internal_name: Mapped[str] = mapped_column(String(255), unique=True)
    display_name: Mapped[str] = mapped_column(String(255))
    sort_name: Mapped[str] = mapped_column(SortText)
    """Display name by which lists are ordered."""
    folded_text: Mapped[str]
    """Display name, internal name, pz code and description, folded, a line each: what searches look at."""
    product_type_id: Mapped[int] = mapped_column(ForeignKey("product_types.id"), index=True)
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    official: Mapped[bool] = mapped_column(default=False)
    pz_code: Mapped[str | None] = mapped_column(String(55))
    description: Mapped[str | None]
    release_year: Mapped[int | None]
    origin: Mapped[str] = mapped_column(String(255), default="Upload")
    status: Mapped[int] = mapped_column(default=0)
    status_reason: Mapped[str | None]
    status_before_delete: Mapped[int | None]
    """Where a restored product returns to."""
    n_rows: Mapped[int | None] = mapped_column(BigInt)
    n_columns: Mapped[int | None]
    notes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class ProductFileRow(Base):
    """A stored file of a product. ``table_info`` keeps how the reader took it (format, place, delimiter, header)."""

    __tablename__ = "product_files"
    __table_args__ = (
        UniqueConstraint("product_id", "name"),
        CheckConstraint("role IN (0, 1, 2)", name="role_known"),
        Index("uq_product_files_main", "product_id", unique=True, sqlite_where=_MAIN_FILE, postgresql_where=_MAIN_FILE),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    role: Mapped[int]
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInt)
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(128), index=True)
    n_rows: Mapped[int | None] = mapped_column(BigInt)
    table_info: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class ProductColumnRow(Base):
    """A column of the main file with what it means; ``position`` counts from 0 in file order."""

    __tablename__ = "product_columns"
    __table_args__ = (UniqueConstraint("product_id", "position"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    folded_name: Mapped[str]
    position: Mapped[int]
    dtype: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str | None]
    ucd: Mapped[str | None]
    description: Mapped[str | None]
    alias: Mapped[str | None] = mapped_column(String(256))
    role: Mapped[str | None] = mapped_column(String(64))
    band: Mapped[str | None] = mapped_column(String(64))
    how: Mapped[str | None] = mapped_column(String(16))
    transform: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    needs_confirmation: Mapped[bool] = mapped_column(default=False)


class StagedFileRow(Base):
    """A file whose bytes have arrived but that belongs to no product yet."""

    __tablename__ = "staged_files"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInt)
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(128), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class ArtifactRow(Base):
    """Something computed from a product and kept in the store, such as its canonical table.

    ``version`` is that of the code that made it, ``signature`` identifies what it was made from.
    """

    __tablename__ = "artifacts"
    __table_args__ = (UniqueConstraint("product_id", "kind"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(128), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInt, default=0)
    version: Mapped[int] = mapped_column(default=0)
    signature: Mapped[str] = mapped_column(String(255), default="")
    verdict: Mapped[str] = mapped_column(String(16), default="", server_default=text("''"))
    """Of a report of checks its verdict, so that lists can be filtered by it; empty for everything else."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ProductEventRow(Base):
    """Something that happened to a product, for its History."""

    __tablename__ = "product_events"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    what: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    happened_at: Mapped[datetime] = mapped_column(default=utc_now)
