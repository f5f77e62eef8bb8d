"""People, groups, releases and API tokens as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

TokenScope = Literal["all", "read"]
"""What an API token may do: everything its person may, or only read."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person on whose behalf something is done."""

    user_id: int
    username: str
    display_name: str
    is_admin: bool = False
    group_ids: frozenset[int] = field(default_factory=frozenset)
    email: str | None = None
    session_epoch: int = 0
    """A session made under another epoch has ended."""


@dataclass(frozen=True, slots=True)
class UserSummary:
    """A person as others may see them: no id, no e-mail address."""

    username: str
    first_name: str
    last_name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Release:
    """A data release: public, or open to some groups."""

    id: int
    name: str
    display_name: str
    description: str | None
    is_public: bool
    group_ids: frozenset[int]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """An API token without its secret."""

    id: int
    label: str
    prefix: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    scope: TokenScope = "all"

    @property
    def is_read_only(self) -> bool:
        """Whether programs that use it may change nothing."""
        return self.scope == "read"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token just made: ``key`` (40 hex digits) is shown once and never stored."""

    key: str
    info: TokenInfo


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """The person a token stands for, and which token said so."""

    actor: Actor
    info: TokenInfo
