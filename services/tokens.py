"""API tokens: made once, shown once, kept only as SHA-256."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import get_args

from services.errors import InvalidInput, NotFound
from services.models.identity import Actor, IssuedToken, TokenHolder, TokenInfo, TokenScope
from services.repositories import people
from services.schema import ApiTokenRow, utc_now
from services.schema.base import MAX_ID
from services.text_rules import is_one_line
from services.unit_of_work import Sessions, reading, unit_of_work

_KEY = re.compile(r"[0-9a-f]{40}")
_KEY_BYTES = 20
_PREFIX_LENGTH = 8
"""Enough for a person to tell their tokens apart, far too little to guess the rest."""
_MAX_LABEL = 255
_MAX_DAYS = 36_500
_USE_RESOLUTION = timedelta(minutes=5)
"""``last_used_at`` is kept to this, so that busy clients do not turn every read into a write."""


class TokenService:
    """Tokens with which programs act for a person."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def create(
        self, actor: Actor, label: str = "", expires_days: int | None = None, scope: TokenScope = "all"
    ) -> IssuedToken:
        """Make a token; its key is in the answer and nowhere else.

        Raises
        ------
        InvalidInput
            If the label is too long, the days are not between 1 and 36500, or the scope is unknown.
        """
        label = _checked_label(label)
        if expires_days is not None and not 1 <= expires_days <= _MAX_DAYS:
            raise InvalidInput(f"A token expires after 1 to {_MAX_DAYS} days, or never.", field="expires_days")
        if scope not in get_args(TokenScope):
            raise InvalidInput('The scope of a token is "all" or "read".', field="scope")
        key, row = _new_token(actor, label, scope)
        if expires_days is not None:
            row.expires_at = row.created_at + timedelta(days=expires_days)
        with unit_of_work(self._sessions) as uow:
            uow.session.add(row)
            uow.session.flush()
            return IssuedToken(key=key, info=people.token_info(row))

    def replace_unnamed(self, actor: Actor, expires_at: datetime | None = None) -> IssuedToken:
        """Make the token without a label anew: every older one without a label ends, named ones stay.

        Parameters
        ----------
        expires_at : datetime, optional
            End of the new one; None: never.
        """
        key, row = _new_token(actor, "", "all")
        row.expires_at = expires_at
        with unit_of_work(self._sessions) as uow:
            people.remove_unnamed_tokens(uow.session, actor.user_id)
            uow.session.add(row)
            uow.session.flush()
            return IssuedToken(key=key, info=people.token_info(row))

    def list(self, actor: Actor) -> tuple[TokenInfo, ...]:
        """Tokens of the actor, newest first."""
        with reading(self._sessions) as session:
            return people.tokens_of(session, actor.user_id)

    def revoke(self, actor: Actor, token_id: int) -> None:
        """End one of the actor's own tokens at once.

        Raises
        ------
        NotFound
            If the actor has no such token.
        """
        with unit_of_work(self._sessions) as uow:
            known = 0 < token_id <= MAX_ID and people.remove_token(uow.session, actor.user_id, token_id)
            if not known:
                raise NotFound("You have no such token; it may have been revoked already.")

    def actor_for(self, key: str) -> Actor | None:
        """Person a key stands for; None when it is unknown or expired, or its account closed."""
        holder = self.holder_of(key)
        return holder.actor if holder else None

    def holder_of(self, key: str) -> TokenHolder | None:
        """Person a key stands for, with the token itself; None as for ``actor_for``."""
        if _KEY.fullmatch(key) is None:
            return None
        now = utc_now()
        with reading(self._sessions) as session:
            found = people.token_by_hash(session, _hash(key))
        if found is None:
            return None
        row, actor = found
        if row.expires_at is not None and row.expires_at <= now:
            return None
        if row.last_used_at is None or now - row.last_used_at > _USE_RESOLUTION:
            with unit_of_work(self._sessions) as uow:
                people.mark_token_used(uow.session, row.id, now)
        return TokenHolder(actor, people.token_info(row))


def _new_token(actor: Actor, label: str, scope: TokenScope) -> tuple[str, ApiTokenRow]:
    key = secrets.token_hex(_KEY_BYTES)
    row = ApiTokenRow(
        user_id=actor.user_id,
        key_hash=_hash(key),
        prefix=key[:_PREFIX_LENGTH],
        label=label,
        scope=scope,
        created_at=utc_now(),
    )
    return key, row


def _checked_label(label: str) -> str:
    label = label.strip()
    if len(label) > _MAX_LABEL or not is_one_line(label):
        raise InvalidInput(f"A label is plain text of at most {_MAX_LABEL} characters.", field="label")
    return label


def _hash(key: str) -> str:
    """SHA-256 in hex. No salt: a key of 160 random bits cannot be guessed from its checksum."""
    return hashlib.sha256(key.encode()).hexdigest()
