"""What gunicorn runs on its own account: the server ends when the process that started it is gone.

Requests that gunicorn itself refuses never reach the application; they too are answered with a JSON object.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from typing import Any

from gunicorn import util

LOOK_EVERY_S = 1.0
PARENT_VARIABLE = "PZSERVER_STARTED_BY"
"""Process id of the one that started the server; without it nobody is watched."""
REFUSALS = {
    414: "The address of the request is too long. Ask for less in one address.",
    431: "The headers of the request are too large. Send fewer or shorter ones.",
    500: "The portal failed. Try again in a minute.",
}
"""What is said where gunicorn answers alone, by status."""
OTHER_REFUSAL = "The request is not one a server can read. Check how it was made."


def on_starting(_server: Any) -> None:
    """Watch the parent from the start; a killed parent could not end the server itself."""
    util.write_error = write_refusal  # gunicorn has no setting for it; workers are forked from this process
    if parent := os.environ.get(PARENT_VARIABLE):
        threading.Thread(target=_follow, args=(int(parent),), name="parent-watch", daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)


def write_refusal(client: socket.socket, status: int, reason: str, _message: str) -> None:
    """Answer with the object all errors have; gunicorn's own is a page of HTML, which released clients cannot read."""
    refusal = {"detail": REFUSALS.get(status, OTHER_REFUSAL), "code": f"http_{status}"}
    body = json.dumps(refusal).encode()
    lines = (
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    util.write_nonblock(client, "\r\n".join((*lines, "", "")).encode("ascii") + body)
