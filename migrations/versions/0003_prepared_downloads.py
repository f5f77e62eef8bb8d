"""Downloads made ready.

Revision: 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

UTC_TIME = sa.DateTime(timezone=True)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step forward."""
    op.create_table(
        "prepared_downloads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=128), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.CheckConstraint("kind IN ('product', 'main_file')", name=op.f("ck_prepared_downloads_kind_known")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_prepared_downloads_job_id_jobs", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_prepared_downloads_product_id_products", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_prepared_downloads"),
        sa.UniqueConstraint("product_id", "kind", "signature", name="uq_prepared_downloads_product_id_kind_signature"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_prepared_downloads_expires_at", "prepared_downloads", ["expires_at"])
    op.create_index("ix_prepared_downloads_job_id", "prepared_downloads", ["job_id"])
    op.create_index("ix_prepared_downloads_key", "prepared_downloads", ["key"])


def downgrade() -> None:
    """One step back."""
    op.drop_table("prepared_downloads")
