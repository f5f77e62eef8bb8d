"""Runs migrations over the connection that ``services.database`` opened."""

from __future__ import annotations

from alembic import context

from services.schema import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    user_module_prefix="schema.",
)
context.run_migrations()
