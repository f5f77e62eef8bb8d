"""Who asks, and with which tools: set once per request by ``api/session.py``, read by pages, callbacks and routes.

Services never read it: they take the actor as their first argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from services.errors import NotSignedIn
from services.models.identity import Actor

if TYPE_CHECKING:
    from services.container import Container

READ_ONLY_TOKEN = "This API token may only read. Use one that may write, from the API Token page."  # noqa: S105


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request: the services of this process, the person asking (None: signed out), an id for the logs."""

    container: Container
    actor: Actor | None
    request_id: str
    base_url: str = ""
    by_token: bool = False
    """Whether an API token says who asks, and no browser session."""
    is_read_only: bool = False
    """Whether that token may only read."""
    token_expires_at: datetime | None = None
    """When that token ends; None: never."""
    theme: str = "light"
    """Theme the browser shows, "light" or "dark": figures are drawn for it."""


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def set_context(context: RequestContext | None) -> None:
    """Make this the context of the running request."""
    _current.set(context)


@contextmanager
def use_context(context: RequestContext) -> Iterator[None]:
    """Context for the length of a ``with`` block (tests, command line)."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


def current_context() -> RequestContext:
    """Context of the running request; RuntimeError outside one (a programming mistake)."""
    context = _current.get()
    if context is None:
        raise RuntimeError("no request context: api.session sets it before every request")
    return context


def portal() -> Container:
    """Services of this process."""
    return current_context().container


def current_actor() -> Actor:
    """The person asking.

    Raises
    ------
    NotSignedIn
        If nobody is signed in.
    """
    actor = current_context().actor
    if actor is None:
        raise NotSignedIn("Your session has ended. Log in again to go on.")
    return actor
