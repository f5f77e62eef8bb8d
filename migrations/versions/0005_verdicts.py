"""Verdicts of the checks beside their reports. Reports from before have none and are made again when asked for.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step forward."""
    with op.batch_alter_table("artifacts") as table:
        table.add_column(sa.Column("verdict", sa.String(length=16), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """One step back."""
    with op.batch_alter_table("artifacts") as table:
        table.drop_column("verdict")
