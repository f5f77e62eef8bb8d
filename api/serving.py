"""The production server: gunicorn and, when the queue is the embedded one, the worker beside it.

They run in processes of their own under this one, with one that compiles loops at low priority, so that ending it ends
everything.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

import click

from api.gunicorn_hooks import PARENT_VARIABLE
from services.database import migrate
from services.errors import Unavailable
from services.jobs.processes import LEAN_MEMORY, environment_of, module_command, start_worker_process
from services.settings import Settings

DEFAULT_WORKERS = 2
THREADS = 8
REQUEST_TIMEOUT_S = 120
GRACE_S = 10
"""Time open requests get to finish when the server is told to stop."""
READY_WITHIN_S = 60.0
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def serve(settings: Settings, workers: int | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises
    ------
    Unavailable
        If the address is taken, the database cannot be brought to the newest schema, or the server ends by itself.
    """
    _check_port(settings)
    if not settings.queue_url:
        migrate(settings)
    with _ending_on_signals(), _gunicorn(settings, workers or DEFAULT_WORKERS) as server:
        _wait_until_ready(settings, server)
        with _worker(settings), _rehearsal(settings):  # only now: all at once would keep visitors waiting
            click.echo(_welcome(settings))
            status = server.wait()
    raise Unavailable(f"The server ended by itself with status {status}; the lines above say why.")


def gunicorn_command(settings: Settings, workers: int) -> list[str]:
    """Command line of the web server; no shared socket or preloading, each worker builds its own application."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    options = {
        "--bind": f"{host}:{settings.port}",
        "--workers": str(workers),
        "--worker-class": "gthread",
        "--threads": str(THREADS),
        "--timeout": str(REQUEST_TIMEOUT_S),
        "--graceful-timeout": str(GRACE_S),
        "--limit-request-line": "8190",
        "--log-level": "warning",
        "--config": "python:api.gunicorn_hooks",
    }
    words = [word for pair in options.items() for word in pair]
    return [sys.executable, "-m", "gunicorn", "app:create_server()", "--no-control-socket", *words]


def local_address(settings: Settings) -> str:
    """Address under which this machine reaches the server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{host}:{settings.port}"


def _welcome(settings: Settings) -> str:
    lines = [f"PZ Server is ready: {settings.base_url or local_address(settings)}   (Ctrl-C ends it)"]
    if settings.demo:
        lines.append('Log in with one click: "Log in as the demo user".')
    return "\n".join(lines)


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Unavailable(
                f"The server cannot listen on {settings.host}:{settings.port} ({error.strerror}). "
                f"Stop what listens there, or choose another port, for example PORT={settings.port + 1}."
            ) from error


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Signals end the ``with`` block from inside, so that everything started in it is ended in order."""

    def end(number: int, _frame: FrameType | None) -> None:
        for other in ENDING_SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        raise SystemExit(0 if number == signal.SIGINT else 128 + number if number != signal.SIGTERM else 0)

    before = {number: signal.signal(number, end) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    if settings.queue_url:
        yield
        return
    supervisor = start_worker_process(settings)
    try:
        yield
    finally:
        supervisor.stop()


@contextmanager
def _rehearsal(settings: Settings) -> Iterator[None]:
    """A process that compiles what people have not waited for yet, and ends by itself."""
    process = subprocess.Popen(  # noqa: S603  # our own module
        module_command("services.jobs.rehearsal"),
        env=LEAN_MEMORY | environment_of(settings),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def _gunicorn(settings: Settings, workers: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = (
        LEAN_MEMORY
        | environment_of(settings)
        | {
            "PZSERVER_DEMO": "1" if settings.demo else "0",
            "PZSERVER_HOST": settings.host,
            "PZSERVER_PORT": str(settings.port),
            PARENT_VARIABLE: str(os.getpid()),
        }
    )
    # A session of its own: Ctrl-C reaches only this process, which then ends the server in order.
    server = subprocess.Popen(  # noqa: S603  # our own command line
        gunicorn_command(settings, workers), env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield server
    finally:
        _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
    try:
        server.wait(GRACE_S + 5)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_until_ready(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    address = f"{local_address(settings)}/healthz"
    deadline = time.monotonic() + READY_WITHIN_S
    while server.poll() is None:
        try:
            with urlopen(address, timeout=5):  # noqa: S310  # our own address
                return
        except (URLError, ConnectionError, TimeoutError):
            if time.monotonic() > deadline:
                raise Unavailable(f"The server does not answer at {address}; the lines above may say why.") from None
            time.sleep(0.1)
