"""Servers under test: gunicorn as in production with one worker, serving the portal or a bare application."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from api.serving import gunicorn_command
from services.jobs.processes import environment_of
from services.settings import MIB, Settings
from tests.support.portal import free_port

READY_WITHIN_S = 60.0
REST_S = 4.0
MIB_AT_REST = 0.5
"""Change of memory within ``REST_S`` below which a server is at rest."""
PORTAL = "app:create_server()"
BARE = "benchmarks.bare_flask:create()"


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    pid: int

    def resident_mib(self) -> float:
        """Memory of the process that answers, in MiB."""
        (worker,) = psutil.Process(self.pid).children()
        return worker.memory_info().rss / MIB

    def settled_mib(self) -> float:
        """Memory once it stays as it is: after its start the portal loads compiled loops in the background."""
        before, now = 0.0, self.resident_mib()
        while abs(now - before) > MIB_AT_REST:
            time.sleep(REST_S)
            before, now = now, self.resident_mib()
        return now


@contextmanager
def serving(application: str, settings: Settings, **extra: str) -> Iterator[Server]:
    """Server of an application for the length of a ``with`` block; ``extra`` goes into its environment."""
    settings = settings.model_copy(update={"port": free_port()})
    command = [application if word == PORTAL else word for word in gunicorn_command(settings, 1)]
    url = f"http://127.0.0.1:{settings.port}"
    log = settings.resolved_data_dir / "server.log"  # else a line a request hides the table of ratios
    with log.open("wb") as out, subprocess.Popen(command, env=environment_of(settings) | extra, stderr=out) as process:
        try:
            _wait_until_ready(f"{url}/healthz")
            yield Server(url, process.pid)
        finally:
            process.terminate()
            process.wait()


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            with urllib.request.urlopen(address):
                return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
