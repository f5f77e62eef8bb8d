"""The services of one process."""

from dataclasses import fields

import pytest
from sqlalchemy import Engine, event

from services.container import Container, build_container
from services.errors import InvalidInput
from services.settings import Settings


def test_building_opens_no_connection_and_migrates_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(Engine, "raw_connection", lambda engine: opened.append(engine))
    container = build_container(settings)
    assert opened == []
    assert settings.resolved_data_dir.is_dir()
    assert not (settings.resolved_data_dir / "pzserver.sqlite3").exists()
    assert all(getattr(container, field.name) is not None for field in fields(Container))


def test_two_containers_share_nothing_but_the_data(migrated_settings: Settings) -> None:
    first, second = build_container(migrated_settings), build_container(migrated_settings)
    seen: list[str] = []
    event.listen(first.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    actor = second.users.create_user("owner1", "owner1")
    assert seen == []
    assert first.users.actor_named("owner1") == actor
    for container in (first, second):
        container.engine.dispose()


@pytest.mark.parametrize(
    ("field", "value"), [("storage_url", "gopher://x"), ("queue_url", "gopher://x"), ("database_url", "gopher://x")]
)
def test_addresses_nobody_answers_to_are_named(settings: Settings, field: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=f"PZSERVER_{field.upper()}"):
        build_container(settings.model_copy(update={field: value}))
