"""People: log-in, accounts, who has uploaded something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from services.access import may_list_everybody
from services.errors import InvalidInput, NotAllowed
from services.models.identity import Actor, UserSummary
from services.repositories import people
from services.schema import UserRow
from services.schema.base import MAX_ID
from services.text_rules import folded, is_one_line
from services.unit_of_work import Sessions, reading, unit_of_work

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]{0,149}")
SESSION_LIFETIME = timedelta(days=14)
"""How long the cookie of a browser session is taken."""
_MAX_PASSWORD_BYTES = 1024
"""Longer ones would only cost time to hash."""
_WRONG = "The user name or the password is wrong. Check both and try again."

_hasher = PasswordHasher()


@cache
def _decoy_hash() -> str:
    """Checked when the user name is unknown, so that the answer takes as long as for a known one."""
    return _hasher.hash("the password of nobody")


class UserService:
    """Accounts of the portal."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def authenticate(self, username: str, password: str) -> Actor:
        """Person behind a user name and a password.

        Raises
        ------
        InvalidInput
            If either is wrong or the account is closed; the message never says which, nor does the time it takes.
        """
        with reading(self._sessions) as session:
            row = people.find_user(session, username)
            known = row is not None and row.is_active
            matches = _password_matches(row.password_hash if row is not None else _decoy_hash(), password)
            if row is None or not known or not matches:
                raise InvalidInput(_WRONG, field="password")
            actor = people.actor_from(session, row)
            outdated = _hasher.check_needs_rehash(row.password_hash)
        if outdated:
            self._rehash(actor.user_id, password)
        return actor

    def _rehash(self, user_id: int, password: str) -> None:
        with unit_of_work(self._sessions) as uow:
            people.set_password_hash(uow.session, user_id, _hasher.hash(password))

    def actor(self, user_id: int) -> Actor | None:
        """Person of an id, None when unknown or closed."""
        if not 0 < user_id <= MAX_ID:
            return None
        with reading(self._sessions) as session:
            return people.active_actor(session, user_id)

    def actor_of_session(self, user_id: int, session_id: str) -> Actor | None:
        """Person of a browser session, None as for ``actor`` and when the session was logged out."""
        if not 0 < user_id <= MAX_ID or not session_id:
            return None
        with reading(self._sessions) as session:
            return people.active_actor(session, user_id, session_id)

    def end_session(self, session_id: str) -> None:
        """Log a browser session out for good: its cookie opens nothing any more, wherever a copy of it lies."""
        with unit_of_work(self._sessions) as uow:
            people.end_session(uow.session, session_id)

    def actor_named(self, username: str) -> Actor | None:
        """Person of a user name, any case; None when unknown or closed."""
        with reading(self._sessions) as session:
            row = people.find_user(session, username)
            return people.actor_from(session, row) if row is not None and row.is_active else None

    def create_user(
        self,
        username: str,
        password: str,
        *,
        email: str | None = None,
        first_name: str = "",
        last_name: str = "",
        is_admin: bool = False,
        groups: Iterable[str] = (),
    ) -> Actor:
        """Open an account; groups that do not exist yet are made.

        Raises
        ------
        InvalidInput
            If a name or the password cannot be taken.
        Conflict
            If the user name is taken, in any case.
        """
        row = _new_row(username, password, (first_name.strip(), last_name.strip()), email)
        row.is_admin = is_admin
        names = clean_group_names(groups)
        with unit_of_work(self._sessions) as uow:
            people.add_user(uow.session, row, names)
            return people.actor_from(uow.session, row)

    def uploaders(self, actor: Actor, include_all: bool = False) -> tuple[UserSummary, ...]:
        """People who have published something, and oneself, by user name; admins may ask for everybody."""
        if include_all and not may_list_everybody(actor):
            raise NotAllowed("Only administrators may list every account.")
        with reading(self._sessions) as session:
            return people.summaries(session, with_products_only=not include_all, and_user_id=actor.user_id)


def _password_matches(password_hash: str, password: str) -> bool:
    if len(password.encode("utf-8", "replace")) > _MAX_PASSWORD_BYTES:
        return False
    try:
        return _hasher.verify(password_hash, password.encode("utf-8", "replace"))
    except (VerifyMismatchError, InvalidHashError):
        return False


def _new_row(username: str, password: str, names: tuple[str, str], email: str | None) -> UserRow:
    _check_username(username)
    _check_password(password)
    if any(len(name) > 150 or not is_one_line(name) for name in names):
        raise InvalidInput("First and last name must be plain text of at most 150 characters each.", "first_name")
    if email and (len(email) > 254 or "@" not in email or not is_one_line(email)):
        raise InvalidInput("The e-mail address is not complete. Write it like name@example.org.", "email")
    return UserRow(
        username=username,
        folded_username=folded(username),
        folded_names=folded("\n".join((username, *names))),
        first_name=names[0],
        last_name=names[1],
        email=email or None,
        password_hash=_hasher.hash(password),
    )


def _check_username(username: str) -> None:
    if _USERNAME.fullmatch(username) is None:
        raise InvalidInput(
            "A user name starts with a letter or digit and has up to 150 letters, digits and _ . @ + - characters.",
            field="username",
        )


def _check_password(password: str) -> None:
    if not password:
        raise InvalidInput("The password is empty. Choose one.", field="password")
    if len(password.encode("utf-8", "replace")) > _MAX_PASSWORD_BYTES:
        raise InvalidInput(f"The password is longer than {_MAX_PASSWORD_BYTES} bytes.", field="password")


def clean_group_names(groups: Iterable[str]) -> Sequence[str]:
    """Trimmed names of groups.

    Raises
    ------
    InvalidInput
        If a name is empty or longer than 150 characters.
    """
    names = [name.strip() for name in groups]
    if any(not name or len(name) > 150 or not is_one_line(name) for name in names):
        raise InvalidInput("A group name is plain text of 1 to 150 characters.", field="group")
    return names
