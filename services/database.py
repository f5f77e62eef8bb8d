"""The database engine, set up for threads and forks, and the way to the newest schema."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from services.errors import InvalidInput, Unavailable
from services.repositories.product_types import fill_product_types
from services.settings import Settings
from services.unit_of_work import WRITES

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another one; longer than any transaction of the portal."""
CONNECT_TIMEOUT_S = 10
"""How long a PostgreSQL server may take to answer at all."""
POOL_SIZE = 16
"""Connections kept per process: one for each thread of the server and the jobs beside it."""
_MIGRATION_LOCK_ID = 7_301_552
"""Key of the PostgreSQL advisory lock under which one process migrates while others wait."""
_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def _database_url(settings: Settings) -> URL:
    try:
        url = make_url(settings.resolved_database_url)
    except ArgumentError as error:
        raise InvalidInput(
            "PZSERVER_DATABASE_URL is not a database address. Write it like postgresql://user:password@host/name."
        ) from error
    if url.get_backend_name() in {"postgresql", "postgres"}:  # hosting platforms hand out both spellings
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise InvalidInput("PZSERVER_DATABASE_URL must name a SQLite file or a PostgreSQL database.")
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; see _begin_sqlite
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the lock at once: a read that turns into a write would fail at the first rival."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _forget_after_fork(engine: Engine) -> None:
    """A child process opens its own connections and leaves those of its parent alone."""
    keeper = weakref.ref(engine)

    def forget() -> None:
        if (inherited := keeper()) is not None:
            inherited.dispose(close=False)

    os.register_at_fork(after_in_child=forget)


def build_engine(settings: Settings) -> Engine:
    """Engine for the database of the settings; connects only when first used."""
    url = _database_url(settings)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        Path(str(url.database)).expanduser().resolve().parent.mkdir(parents=True, exist_ok=True)
    try:
        engine = create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_pre_ping=not is_sqlite,
            json_deserializer=orjson.loads,
            connect_args={} if is_sqlite else {"connect_timeout": CONNECT_TIMEOUT_S},
        )
    except NoSuchModuleError as error:
        raise InvalidInput("PZSERVER_DATABASE_URL names a database driver that is not there.") from error
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    _forget_after_fork(engine)
    return engine


@contextmanager
def _one_at_a_time(settings: Settings) -> Iterator[None]:
    """One process of this machine inside; the others wait."""
    settings.resolved_data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.resolved_data_dir / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def alembic_config(connection: Connection | None = None) -> Config:
    """Configuration of the migrations, run over the given connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def run_migrations(connection: Connection, target: str = "head", *, down: bool = False) -> None:
    """Bring an open connection, outside any transaction, to a revision."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:  # rebuilding a table must not delete the rows that point to it
        _outside_transaction(connection, "PRAGMA foreign_keys = OFF")
        _outside_transaction(connection, "PRAGMA journal_mode = WAL")
    with connection.execution_options(**{WRITES: True}).begin():
        if not sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK_ID})
        (command.downgrade if down else command.upgrade)(alembic_config(connection), target)
        if not down:
            fill_product_types(connection)
    if sqlite:
        _outside_transaction(connection, "PRAGMA foreign_keys = ON")


def _outside_transaction(connection: Connection, statement: str) -> None:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.execute(statement).fetchall()


def migrate(settings: Settings) -> None:
    """Bring the database of the settings to the newest schema; safe when several processes start together.

    Raises
    ------
    Unavailable
        If the database does not answer or refuses the change.
    """
    engine = build_engine(settings)
    try:
        with _one_at_a_time(settings), engine.connect() as connection:
            run_migrations(connection)
    except SQLAlchemyError as error:
        raise Unavailable(f"The database could not be brought to the newest schema: {_reason(error)}.") from error
    finally:
        engine.dispose()


def _reason(error: SQLAlchemyError) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def check_database(engine: Engine) -> str:
    """One line about the database that is in use.

    Raises
    ------
    Unavailable
        If it does not answer, or its schema is not the newest.
    """
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise Unavailable(f"The database does not answer: {_reason(error)}.") from error
    if current != newest:
        raise Unavailable("The database schema is not the newest. Run: python manage.py migrate")
    return f"{engine.dialect.name}, schema {current}"
