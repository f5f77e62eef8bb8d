"""The queue carries the ids of jobs, nothing else: what a job is and how far it got stands in the job table.

Ids travel as plain digits, never as pickles, so that whoever reaches a shared queue cannot make a worker run code.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import urlsplit

from services.errors import InvalidInput, Unavailable
from services.settings import Settings

QUEUE_NAME = "pzserver"
POLL_S = 0.05
"""Pause between two looks at an empty queue: a tenth of what a person notices, and a trivial query."""


class JobQueue(Protocol):
    """Hands each id to one worker once. Losing an id is harmless: the sweep finds its job in the table."""

    def enqueue(self, job_id: int) -> None:
        """Put an id in the queue; Unavailable when the queue does not answer."""

    def take(self, wait_s: float) -> int | None:
        """Next id, None when none came within ``wait_s`` seconds."""

    def check(self) -> None:
        """Unavailable with the reason when the queue does not answer."""

    def close(self) -> None:
        """Give up the connection."""


class HueyQueue:
    """Queue on one of huey's storages, opened at first use so that building the portal touches nothing.

    Parameters
    ----------
    title : str
        What people call it in a sentence ("the embedded queue").
    connect : callable
        Makes the huey storage.
    failures : tuple of exception classes
        What the storage raises when its server or file does not answer.
    """

    def __init__(self, title: str, connect: Callable[[], Any], failures: tuple[type[Exception], ...]) -> None:
        self._title = title
        self._connect = connect
        self._failures = failures
        self._storage: Any = None
        self._opening = threading.Lock()

    def enqueue(self, job_id: int) -> None:
        """Put an id in the queue."""
        self._ask(lambda storage: storage.enqueue(str(job_id).encode()))

    def take(self, wait_s: float) -> int | None:
        """Next id, None when none came in time; what is no id is dropped."""
        deadline = time.monotonic() + wait_s
        while True:
            data = self._ask(lambda storage: storage.dequeue())
            if data is not None and bytes(data).isdigit():
                return int(bytes(data))
            if time.monotonic() >= deadline:
                return None
            time.sleep(POLL_S)

    def check(self) -> None:
        """Ask for the length of the queue."""
        self._ask(lambda storage: storage.queue_size())

    def close(self) -> None:
        """Give up the connection; the next use opens another one."""
        with self._opening:
            if self._storage is not None:
                self._storage.close()
                self._storage = None

    def _ask(self, question: Callable[[Any], Any]) -> Any:
        try:
            return question(self._opened())
        except self._failures as error:
            raise Unavailable(
                f"The queue for background work ({self._title}) does not answer. Try again in a minute; "
                "if it stays so, tell the operator."
            ) from error

    def _opened(self) -> Any:
        with self._opening:
            if self._storage is None:
                try:
                    self._storage = self._connect()
                except self._failures:  # two processes that make the tables at once: the second try finds them
                    self._storage = self._connect()
            return self._storage


def _embedded(settings: Settings) -> JobQueue:
    import sqlite3

    from huey.storage import SqliteStorage

    path: Path = settings.resolved_data_dir / "queue.sqlite3"
    path.parent.mkdir(parents=True, exist_ok=True)
    return HueyQueue(
        "embedded", lambda: SqliteStorage(name=QUEUE_NAME, filename=str(path), strict_fifo=True), (sqlite3.Error,)
    )


def _redis(settings: Settings) -> JobQueue:
    from huey.storage import RedisStorage

    try:
        failures = (import_module("redis.exceptions").RedisError,)
    except ImportError as error:
        raise Unavailable(
            "PZSERVER_QUEUE_URL names a Redis server, but the Python package redis is not installed. "
            "Install it with: pip install redis"
        ) from error
    return HueyQueue("Redis", lambda: RedisStorage(name=QUEUE_NAME, url=settings.queue_url, blocking=False), failures)


def _postgresql(settings: Settings) -> JobQueue:
    from huey.storage import PostgresStorage
    from psycopg import Error

    dsn = "postgresql://" + settings.queue_url.partition("://")[2]
    return HueyQueue("PostgreSQL", lambda: PostgresStorage(name=QUEUE_NAME, dsn=dsn, blocking=False), (Error,))


QUEUES: Mapping[str, Callable[[Settings], JobQueue]] = MappingProxyType(
    {"": _embedded, "redis": _redis, "rediss": _redis, "postgresql": _postgresql, "postgresql+psycopg": _postgresql}
)


def open_queue(settings: Settings) -> JobQueue:
    """Queue named by ``settings.queue_url``; empty means the one embedded in the data folder.

    Raises
    ------
    InvalidInput
        If the scheme is unknown.
    Unavailable
        If the library for it is not installed.
    """
    scheme = urlsplit(settings.queue_url).scheme
    opener = QUEUES.get(scheme)
    if opener is None:
        known = ", ".join(f"{name}://" for name in QUEUES if name)
        raise InvalidInput(
            f'No queue answers to "{scheme}://". Leave PZSERVER_QUEUE_URL empty or use one of {known}.',
            field="queue_url",
        )
    return opener(settings)
