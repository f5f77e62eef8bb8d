"""Accounts and log-in."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from services.container import Container
from services.errors import Conflict, InvalidInput, NotAllowed
from services.schema import UserRow
from services.unit_of_work import unit_of_work
from tests.support.products import draft, person, published


def test_the_right_password_opens_the_account_whatever_the_case_of_the_name(container: Container) -> None:
    made = container.users.create_user("Owner1", "secret ß", first_name="Ada", last_name="Example", groups=["dp1"])
    actor = container.users.authenticate("owner1", "secret ß")
    assert actor == made
    assert actor.display_name == "Ada Example"
    assert len(actor.group_ids) == 1


def test_members_of_the_group_of_administrators_are_administrators(container: Container) -> None:
    made = container.users.create_user("editor", "editor", groups=["dp1", "Admin"])
    token = container.tokens.create(made).key
    seen = (
        made,
        container.users.actor(made.user_id),
        container.users.authenticate("editor", "editor"),
        container.tokens.actor_for(token),
    )
    assert [(actor.is_admin, len(actor.group_ids)) for actor in seen if actor is not None] == [(True, 2)] * len(seen)
    assert not container.users.create_user("reader", "reader", groups=["admins"]).is_admin


@pytest.mark.parametrize(
    ("username", "password"),
    [("owner1", "wrong"), ("nobody", "owner1"), ("owner1", ""), ("owner1", "x" * 5000), ("\x00", "x")],
)
def test_every_failure_says_the_same(container: Container, username: str, password: str) -> None:
    person(container, "owner1")
    with pytest.raises(InvalidInput, match="The user name or the password is wrong"):
        container.users.authenticate(username, password)


def test_unknown_names_cost_a_hash_too(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput):
        container.users.authenticate("nobody", "x")  # makes the decoy
    checked: list[str] = []

    def verify(self: PasswordHasher, password_hash: str, password: bytes) -> bool:
        checked.append(password_hash)
        return False

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    with pytest.raises(InvalidInput):
        container.users.authenticate("nobody", "x")
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")


def test_closed_accounts_neither_log_in_nor_act(container: Container) -> None:
    actor = person(container, "owner1")
    with unit_of_work(container.sessions) as unit:
        unit.session.execute(update(UserRow).values(is_active=False))
    with pytest.raises(InvalidInput):
        container.users.authenticate("owner1", "owner1")
    assert container.users.actor(actor.user_id) is None
    assert container.users.actor_named("owner1") is None


def test_passwords_are_kept_as_argon2_only_and_renewed_when_outdated(container: Container) -> None:
    person(container, "owner1")
    outdated = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("owner1")
    with unit_of_work(container.sessions) as unit:
        assert unit.session.scalar(select(UserRow.password_hash)).startswith("$argon2id$")
        unit.session.execute(update(UserRow).values(password_hash=outdated))
    container.users.authenticate("owner1", "owner1")
    with container.sessions() as session:
        assert session.scalar(select(UserRow.password_hash)) != outdated
    container.users.authenticate("owner1", "owner1")


def test_names_that_differ_only_in_case_are_one_name(container: Container) -> None:
    person(container, "owner1")
    with pytest.raises(Conflict, match="already a user"):
        person(container, "OWNER1")


@pytest.mark.parametrize(
    ("username", "password", "extra"),
    [
        ("", "x", {}),
        ("two words", "x", {}),
        ("é", "x", {}),
        ("x" * 151, "x", {}),
        ("owner1", "", {}),
        ("owner1", "x" * 1025, {}),
        ("owner1", "x", {"email": "no address"}),
        ("owner1", "x", {"first_name": "line\nbreak"}),
        ("owner1", "x", {"groups": [" "]}),
    ],
)
def test_unfit_accounts_are_refused(
    sqlite_container: Container, username: str, password: str, extra: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput):
        sqlite_container.users.create_user(username, password, **extra)  # type: ignore[arg-type]
    assert sqlite_container.users.actor_named(username) is None


def test_ids_out_of_range_are_nobody(container: Container) -> None:
    assert [container.users.actor(user_id) for user_id in (0, -1, 2**31, 2**70)] == [None] * 4


def test_uploaders_are_those_with_published_products_and_oneself(container: Container) -> None:
    owner, reader, drafter = (person(container, name) for name in ("zoe", "adam", "carl"))
    admin = person(container, "curator", is_admin=True)
    published(container, owner)
    draft(container, drafter)
    person(container, "Bea")
    assert [user.username for user in container.users.uploaders(reader)] == ["adam", "zoe"]
    assert [user.username for user in container.users.uploaders(admin, include_all=True)] == [
        "adam",
        "Bea",
        "carl",
        "curator",
        "zoe",
    ]
    with pytest.raises(NotAllowed):
        container.users.uploaders(reader, include_all=True)


def test_a_session_that_was_logged_out_has_nobody(container):
    actor = container.users.create_user("ada", "secret")
    mine, other = "a" * 32, "b" * 32
    assert container.users.actor_of_session(actor.user_id, mine) == actor
    container.users.end_session(mine)
    container.users.end_session(mine)
    assert container.users.actor_of_session(actor.user_id, mine) is None
    assert container.users.actor_of_session(actor.user_id, other) == actor
    assert container.users.actor_of_session(actor.user_id, "") is None, "a cookie that cannot be logged out"
