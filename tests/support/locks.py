"""Turns taken between test processes of one machine."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Hold a lock that all test processes of this user share."""
    with (Path(tempfile.gettempdir()) / f"{name}.{os.getuid()}.lock").open("w") as keeper:
        fcntl.flock(keeper, fcntl.LOCK_EX)
        yield
