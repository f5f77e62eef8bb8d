"""Runs of pipelines.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

UTC_TIME = sa.DateTime(timezone=True)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step forward."""
    op.create_table(
        "processes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pipeline", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("used_config", sa.JSON(), nullable=False),
        sa.Column("flag_translation", sa.JSON(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("deleted_at", UTC_TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_processes_product_id_products", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_processes_job_id_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
        sa.UniqueConstraint("product_id", name="uq_processes_product_id"),
        sa.UniqueConstraint("job_id", name="uq_processes_job_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_processes_pipeline", "processes", ["pipeline"])
    op.create_table(
        "process_inputs",
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_id"], ["processes.id"], name="fk_process_inputs_process_id_processes", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_process_inputs_product_id_products", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("process_id", "product_id", name="pk_process_inputs"),
    )
    op.create_index("ix_process_inputs_product_id", "process_inputs", ["product_id"])


def downgrade() -> None:
    """One step back."""
    op.drop_table("process_inputs")
    op.drop_table("processes")
