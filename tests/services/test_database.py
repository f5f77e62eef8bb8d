"""The engine and the way to the newest schema, on both back ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, delete, inspect, select, text

from services.container import Container, build_container
from services.database import alembic_config, build_engine, check_database, migrate, run_migrations
from services.errors import InvalidInput, Unavailable
from services.product_types import PRODUCT_TYPES
from services.schema import Base, ProductTypeRow, UserRow
from services.settings import Settings
from tests.support.databases import clean_environment
from tests.support.files import REPOSITORY
from tests.support.products import person


@pytest.fixture
def empty_settings(settings: Settings, database_url: str) -> Settings:
    """Settings with an empty database."""
    return settings.model_copy(update={"database_url": database_url})


@pytest.fixture
def engine(empty_settings: Settings) -> Iterator[Engine]:
    """Engine on an empty database."""
    made = build_engine(empty_settings)
    yield made
    made.dispose()


def _differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def _constraints(engine: Engine) -> dict[str, set[str | None]]:
    inspector = inspect(engine)
    return {
        table: {
            found["name"]
            for kind in ("check_constraints", "unique_constraints", "foreign_keys", "indexes")
            for found in getattr(inspector, f"get_{kind}")(table)
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_migrating_from_empty_gives_the_tables_of_the_code(empty_settings: Settings, engine: Engine) -> None:
    migrate(empty_settings)
    assert _differences(engine) == []
    migrated = _constraints(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        Base.metadata.drop_all(connection)
        Base.metadata.create_all(connection)
    assert migrated == _constraints(engine)


def test_every_constraint_has_a_name() -> None:
    nameless = [
        (table.name, item) for table in Base.metadata.sorted_tables for item in table.constraints if not item.name
    ]
    assert nameless == []


def test_the_last_step_goes_down_and_up_again(empty_settings: Settings, engine: Engine) -> None:
    migrate(empty_settings)
    last = ScriptDirectory.from_config(alembic_config()).get_current_head()
    with engine.connect() as connection:
        run_migrations(connection, "-1", down=True)
        current = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        assert current != last
        run_migrations(connection)
    assert _differences(engine) == []
    assert check_database(engine).endswith(f"schema {last}")


def test_migrating_again_keeps_the_rows_and_renews_the_product_types(container: Container) -> None:
    actor = person(container, "owner1")
    with container.engine.begin() as connection:
        connection.execute(delete(ProductTypeRow).where(ProductTypeRow.id == 7))
        connection.execute(text("UPDATE product_types SET display_name = 'Old words'"))
    migrate(container.settings)
    with container.sessions() as session:
        rows = {row.name: (row.id, row.display_name, row.aliases) for row in session.scalars(select(ProductTypeRow))}
    assert rows == {row.name: (row.id, row.title, list(row.aliases)) for row in PRODUCT_TYPES.values()}
    assert container.users.actor(actor.user_id) == actor


def test_processes_that_migrate_together_do_not_collide(empty_settings: Settings, engine: Engine) -> None:
    environment = clean_environment(
        PZSERVER_DATABASE_URL=empty_settings.database_url, PZSERVER_DATA_DIR=str(empty_settings.data_dir)
    )
    command = [sys.executable, "manage.py", "migrate"]
    running = [
        subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [(process.communicate()[1], process.returncode) for process in running] == [("", 0)] * 3
    assert _differences(engine) == []


def test_an_old_schema_is_told_with_what_to_do(engine: Engine) -> None:
    with pytest.raises(Unavailable, match=r"manage\.py migrate"):
        check_database(engine)


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "nonsense", "oracle:///"])
def test_other_databases_are_refused_in_words(settings: Settings, url: str) -> None:
    with pytest.raises(InvalidInput, match="PZSERVER_DATABASE_URL"):
        build_engine(settings.model_copy(update={"database_url": url}))


def test_a_database_that_is_not_there_is_told_without_the_password(settings: Settings) -> None:
    url = "postgresql://somebody:hidden@127.0.0.1:1/nothing"
    with pytest.raises(Unavailable, match="refused") as caught:
        check_database(build_engine(settings.model_copy(update={"database_url": url})))
    assert "hidden" not in caught.value.message


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_services_say_so_when_the_database_is_not_there(settings: Settings, scheme: str) -> None:
    container = build_container(settings.model_copy(update={"database_url": f"{scheme}://u:hidden@127.0.0.1:1/x"}))
    for question in (lambda: container.users.actor(1), lambda: container.releases.create("dp1", "DP1")):
        with pytest.raises(Unavailable, match="does not answer right now"):
            question()


def test_sqlite_is_set_up_for_many_readers_and_real_references(sqlite_container: Container) -> None:
    with sqlite_container.engine.connect() as connection:
        pragmas = [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")]
    assert pragmas == ["wal", 1]


def test_a_fork_opens_its_own_connections(container: Container) -> None:
    person(container, "owner1")
    child = os.fork()
    if child == 0:
        found = None
        try:
            with container.sessions() as session:
                found = session.scalar(select(UserRow.username))
        finally:
            os._exit(0 if found == "owner1" else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert container.users.actor_named("owner1") is not None


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'er' / 'portal.sqlite3'}"
    migrate(Settings(data_dir=tmp_path / "data", database_url=url))
    assert (tmp_path / "deep" / "er" / "portal.sqlite3").exists()
