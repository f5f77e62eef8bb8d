"""API tokens."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from services.container import Container
from services.errors import InvalidInput, NotFound
from services.schema import ApiTokenRow, UserRow, utc_now
from services.unit_of_work import unit_of_work
from tests.support.products import person


def test_a_token_stands_for_its_person(container: Container) -> None:
    actor = person(container, "owner1", groups=["dp1"])
    issued = container.tokens.create(actor, " laptop ")
    assert len(issued.key) == 40
    assert issued.info.label == "laptop"
    assert issued.key.startswith(issued.info.prefix)
    assert container.tokens.actor_for(issued.key) == actor


def test_the_key_is_nowhere_in_the_database(container: Container) -> None:
    issued = container.tokens.create(person(container, "owner1"))
    with container.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM api_tokens")).mappings().one()
    assert issued.key not in map(str, row.values())
    assert row["key_hash"] == hashlib.sha256(issued.key.encode()).hexdigest()


@pytest.mark.parametrize("key", ["", "0" * 40, "x" * 40, "0" * 39, "é" * 40, "0" * 100_000])
def test_other_keys_stand_for_nobody(sqlite_container: Container, key: str) -> None:
    sqlite_container.tokens.create(person(sqlite_container, "owner1"))
    assert sqlite_container.tokens.actor_for(key) is None


def test_tokens_end_when_revoked_expired_or_their_account_is_closed(container: Container) -> None:
    actor = person(container, "owner1")
    revoked, expiring, closed = (container.tokens.create(actor, expires_days=days) for days in (None, 1, None))
    assert [info.id for info in container.tokens.list(actor)] == [closed.info.id, expiring.info.id, revoked.info.id]
    container.tokens.revoke(actor, revoked.info.id)
    assert container.tokens.actor_for(revoked.key) is None
    assert container.tokens.actor_for(expiring.key) == actor
    with unit_of_work(container.sessions) as unit:
        unit.session.execute(
            update(ApiTokenRow)
            .values(expires_at=utc_now() - timedelta(seconds=1))
            .where(ApiTokenRow.id == expiring.info.id)
        )
    assert container.tokens.actor_for(expiring.key) is None
    assert container.tokens.actor_for(closed.key) == actor
    with unit_of_work(container.sessions) as unit:
        unit.session.execute(update(UserRow).values(is_active=False))
    assert container.tokens.actor_for(closed.key) is None


def test_nobody_revokes_the_tokens_of_others(container: Container) -> None:
    issued = container.tokens.create(person(container, "owner1"))
    other = person(container, "owner2")
    for token_id in (issued.info.id, 99, -1, 2**40):
        with pytest.raises(NotFound):
            container.tokens.revoke(other, token_id)
    assert container.tokens.actor_for(issued.key) is not None
    assert container.tokens.list(other) == ()


def test_use_is_noted_but_not_at_every_request(container: Container) -> None:
    issued = container.tokens.create(person(container, "owner1"))
    container.tokens.actor_for(issued.key)
    with container.sessions() as session:
        first = session.scalar(select(ApiTokenRow.last_used_at))
    container.tokens.actor_for(issued.key)
    with container.sessions() as session:
        assert first is not None
        assert session.scalar(select(ApiTokenRow.last_used_at)) == first


def test_a_token_may_be_for_reading_only(container: Container) -> None:
    actor = person(container, "owner1")
    for scope in ("all", "read"):
        issued = container.tokens.create(actor, "notebook", scope=scope)
        holder = container.tokens.holder_of(issued.key)
        assert holder is not None
        assert (holder.actor, holder.info.scope, holder.info.is_read_only) == (actor, scope, scope == "read")
    assert [info.scope for info in container.tokens.list(actor)] == ["read", "all"]
    with pytest.raises(InvalidInput):
        container.tokens.create(actor, scope="write")  # type: ignore[arg-type]


def test_a_scope_of_a_newer_version_means_reading(container: Container) -> None:
    issued = container.tokens.create(person(container, "owner1"))
    with unit_of_work(container.sessions) as unit:
        unit.session.execute(update(ApiTokenRow).values(scope="uploads"))
    holder = container.tokens.holder_of(issued.key)
    assert holder is not None
    assert holder.info.is_read_only


def test_the_unnamed_token_is_replaced_and_named_ones_stay(container: Container) -> None:
    actor, other = person(container, "owner1"), person(container, "owner2")
    named, foreign = container.tokens.create(actor, "laptop"), container.tokens.replace_unnamed(other)
    first = container.tokens.replace_unnamed(actor)
    end = utc_now() + timedelta(days=3)
    second = container.tokens.replace_unnamed(actor, expires_at=end)
    assert container.tokens.actor_for(first.key) is None
    assert container.tokens.actor_for(second.key) == actor
    assert container.tokens.actor_for(named.key) == actor
    assert container.tokens.actor_for(foreign.key) == other
    assert (second.info.label, second.info.scope, second.info.expires_at) == ("", "all", end)


@pytest.mark.parametrize(("label", "days"), [("x" * 256, None), ("two\nlines", None), ("", 0), ("", -1), ("", 10**6)])
def test_unfit_tokens_are_refused(sqlite_container: Container, label: str, days: int | None) -> None:
    actor = person(sqlite_container, "owner1")
    with pytest.raises(InvalidInput):
        sqlite_container.tokens.create(actor, label, days)
    assert sqlite_container.tokens.list(actor) == ()
