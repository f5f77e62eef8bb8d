"""The last few values a process has used, and who works them out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """What this process has used last, by a word that changes with it, such as the checksum of its bytes."""

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._most = most
        self._values: OrderedDict[str, Value] = OrderedDict()

    def get(self, key: str) -> Value | None:
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    def put(self, key: str, value: Value) -> Value:
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


class Once:
    """Lets one thread work out each value while others who want the same one wait, and few values at a time."""

    def __init__(self, most_at_once: int) -> None:
        self._permits = threading.BoundedSemaphore(most_at_once)
        self._guard = threading.Lock()
        self._locks: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Nobody else is inside with the same key."""
        with self._guard:
            lock, waiting = self._locks.get(key, (threading.Lock(), 0))
            self._locks[key] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                _, waiting = self._locks[key]
                if waiting == 1:
                    del self._locks[key]
                else:
                    self._locks[key] = (lock, waiting - 1)

    @contextmanager
    def doing(self, key: str) -> Iterator[None]:
        """Both: nobody else has the same key, and few work at the same time."""
        with self.alone(key), self.working():
            yield

    @contextmanager
    def working(self) -> Iterator[None]:
        """One of the few who work at the same time. Never wait for another key inside."""
        with self._permits:
            yield
