"""What gunicorn runs on its own account: the server ends when the process that started it is gone."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

LOOK_EVERY_S = 1.0
PARENT_VARIABLE = "PZSERVER_STARTED_BY"
"""Process id of the one that started the server; without it nobody is watched."""


def on_starting(_server: Any) -> None:
    """Watch the parent from the start; a killed parent could not end the server itself."""
    if parent := os.environ.get(PARENT_VARIABLE):
        threading.Thread(target=_follow, args=(int(parent),), name="parent-watch", daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
