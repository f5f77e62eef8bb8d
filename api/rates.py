"""How often programs may ask, and how often a password may be guessed: counted by the library ``limits``.

Counts live in the memory of the process, or in the Redis server that carries the queue, where all processes share
them. When that server does not answer, nobody is turned away: a brake must not stop the portal.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, request
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from api.errors import answer
from api.paths import API_PREFIX
from api.session import API_PAGES
from services.context import current_context
from services.settings import Settings

logger = logging.getLogger(__name__)

LOGIN_FAILURES = "5 per 5 minutes"
"""Failures forgiven for one user name at one address."""
SHARED_SCHEMES = frozenset({"redis", "rediss"})
STORAGE_TIMEOUT_S = 1

Value = TypeVar("Value")


def open_storage(settings: Settings) -> Storage:
    """Where counts are kept; connects to nothing yet."""
    if urlsplit(settings.queue_url).scheme not in SHARED_SCHEMES:
        return MemoryStorage()
    return RedisStorage(
        settings.queue_url,
        wrap_exceptions=True,
        socket_timeout=STORAGE_TIMEOUT_S,
        socket_connect_timeout=STORAGE_TIMEOUT_S,
    )


class Counter:
    """Events of one kind, counted for each key in windows that begin with a key's first event.

    Parameters
    ----------
    rate : str
        Events allowed, as in "5 per 5 minutes".
    """

    def __init__(self, storage: Storage, rate: str) -> None:
        self._limiter = FixedWindowRateLimiter(storage)
        self._item: RateLimitItem = parse(rate)

    def count(self, *key: str) -> bool:
        """Count one event; False when it was one too many."""
        return _or_nobody_waits(lambda: self._limiter.hit(self._item, *key), otherwise=True)

    def wait_s(self, *key: str) -> int:
        """Whole seconds until another event is allowed; 0 when it is allowed now."""
        if _or_nobody_waits(lambda: self._limiter.test(self._item, *key), otherwise=True):
            return 0
        now = time.time()
        ends_at = _or_nobody_waits(
            lambda: float(self._limiter.get_window_stats(self._item, *key).reset_time), otherwise=now
        )
        return max(1, math.ceil(ends_at - now))

    def forget(self, *key: str) -> None:
        """Begin anew for a key."""
        _or_nobody_waits(lambda: self._limiter.clear(self._item, *key), otherwise=None)


def _or_nobody_waits(question: Callable[[], Value], otherwise: Value) -> Value:
    try:
        return question()
    except StorageError:
        logger.warning("the storage of request counts does not answer; nobody is turned away", exc_info=True)
        return otherwise


class LoginBrake:
    """Brake on guessing passwords: failures are counted for each user name and address."""

    def __init__(self, storage: Storage, rate: str = LOGIN_FAILURES) -> None:
        self._failures = Counter(storage, rate)

    def wait_s(self, username: str, address: str) -> int:
        """Whole seconds until another try is allowed; 0 when it is allowed now."""
        return self._failures.wait_s(*_login_key(username, address))

    def failed(self, username: str, address: str) -> None:
        """Count one failure."""
        self._failures.count(*_login_key(username, address))

    def succeeded(self, username: str, address: str) -> None:
        """Forget the failures: the person knew the password."""
        self._failures.forget(*_login_key(username, address))


def _login_key(username: str, address: str) -> tuple[str, str, str]:
    """Names are kept as checksums: of any length, and a password typed into the wrong field stays secret."""
    return "login", hashlib.sha256(username.casefold().encode("utf-8", "replace")).hexdigest(), address


def register(server: Flask, settings: Settings, storage: Storage) -> None:
    """Turn away programs that ask too often; pages, static files and health checks are never counted."""
    if not settings.api_rate:
        return
    requests = Counter(storage, settings.api_rate)

    @server.before_request
    def slow_down() -> Response | None:
        if not request.path.startswith(API_PREFIX) or request.path in API_PAGES:
            return None
        key = _caller()
        return None if requests.count(*key) else _refusal(max(1, requests.wait_s(*key)))


def _caller() -> tuple[str, str, str]:
    """One person with all their tokens and browsers, or an address nobody has logged in at."""
    actor = current_context().actor
    return ("api", "user", str(actor.user_id)) if actor else ("api", "address", request.remote_addr or "")


def _refusal(wait_s: int) -> Response:
    seconds = "1 second" if wait_s == 1 else f"{wait_s} seconds"
    refusal = answer(429, f"Too many requests. Wait {seconds} and go on more slowly.", "too_many_requests")
    refusal.headers["Retry-After"] = str(wait_s)
    return refusal
