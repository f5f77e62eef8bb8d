"""Brake on guessing passwords: failures are counted for each user name and address."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

MAX_FAILURES = 5
WINDOW_S = 300.0
MAX_KEYS = 10_000
"""Keys kept at most, so that a flood of made-up names cannot fill the memory."""

LONGEST_NAME = 150
"""Characters of a user name that are told apart: no account has more."""

Key = tuple[str, str]


class LoginThrottle:
    """Failures of the last minutes in this process; each server process counts for itself.

    Parameters
    ----------
    clock : callable
        Seconds that only go forward; replaced in tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[Key, list[float]] = {}

    def wait_s(self, username: str, address: str) -> int:
        """Whole seconds until another try is allowed; 0 when it is allowed now."""
        with self._lock:
            recent = self._recent(_key(username, address))
            if len(recent) < MAX_FAILURES:
                return 0
            return int(recent[0] + WINDOW_S - self._clock()) + 1

    def failed(self, username: str, address: str) -> None:
        """Count one failure."""
        key = _key(username, address)
        with self._lock:
            recent = [*self._recent(key), self._clock()]
            self._failures.pop(key, None)
            while len(self._failures) >= MAX_KEYS:
                del self._failures[next(iter(self._failures))]
            self._failures[key] = recent

    def succeeded(self, username: str, address: str) -> None:
        """Forget the failures: the person knew the password."""
        with self._lock:
            self._failures.pop(_key(username, address), None)

    def _recent(self, key: Key) -> list[float]:
        oldest = self._clock() - WINDOW_S
        return [moment for moment in self._failures.get(key, []) if moment > oldest]


def _key(username: str, address: str) -> Key:
    return username[:LONGEST_NAME].casefold(), address
