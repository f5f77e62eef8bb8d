"""The production server: what it refuses, what it starts, and that it ends all of it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from api.serving import gunicorn_command, local_address
from services.database import migrate
from services.settings import Settings
from tests.support.databases import clean_environment
from tests.support.files import REPOSITORY
from tests.support.portal import free_port

LIMIT_S = 60.0


@contextmanager
def _started(folder: Path, port: int, **extra: str) -> Iterator[subprocess.Popen[str]]:
    """``python app.py`` on a folder, ended at the latest with the block."""
    environment = clean_environment(
        PZSERVER_DATA_DIR=str(folder), PZSERVER_PORT=str(port), PYTHONUNBUFFERED="1", **extra
    )
    with subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_ending_the_server_ends_all_it_started(tmp_path: Path, ending: signal.Signals) -> None:
    migrate(Settings(data_dir=tmp_path))
    port = free_port()
    with _started(tmp_path, port) as process:
        _until(lambda: _answers(port) or process.poll() is not None)
        _until(lambda: "services.jobs.worker" in _command_lines(_below(process)) or process.poll() is not None)
        below = _below(process)
        names = _command_lines(below)
        process.send_signal(ending)
        output = process.communicate(timeout=LIMIT_S)[0]
    assert "gunicorn" in names
    assert process.returncode in (0, -signal.SIGKILL)
    _until(lambda: not any(_lives(child) for child in below))
    if ending != signal.SIGKILL:
        assert f"http://127.0.0.1:{port}" in output
        assert "Traceback" not in output


def test_what_never_reaches_the_application_is_refused_with_an_object(tmp_path: Path) -> None:
    migrate(Settings(data_dir=tmp_path))
    port = free_port()
    with _started(tmp_path, port) as process:
        _until(lambda: _answers(port) or process.poll() is not None)
        address = f"http://127.0.0.1:{port}/api/products/"
        answers = [
            requests.get(address, params={"search": "a" * 9000}, timeout=LIMIT_S),
            requests.get(address, headers={"X-Long": "a" * 9000}, timeout=LIMIT_S),
            requests.get(address, headers={"X Bad": "a"}, timeout=LIMIT_S),
        ]
    assert [answer.status_code for answer in answers] == [414, 431, 400]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/json"}
    assert all(answer.json()["detail"].endswith(".") for answer in answers)


def _below(process: subprocess.Popen[str]) -> list[psutil.Process]:
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _command_lines(processes: list[psutil.Process]) -> str:
    return " ".join(" ".join(process.cmdline()) for process in processes if _lives(process))


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    migrate(Settings(data_dir=tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with _started(tmp_path, taken.getsockname()[1]) as process:
            output = process.communicate(timeout=LIMIT_S)[0]
    assert process.returncode == 1
    assert "choose another port" in output
    assert len(output.strip().splitlines()) == 1


def test_demo_mode_stays_on_this_machine(tmp_path: Path) -> None:
    with _started(tmp_path, free_port(), PZSERVER_DEMO="1", PZSERVER_HOST="0.0.0.0") as process:
        output = process.communicate(timeout=LIMIT_S)[0]
    assert process.returncode == 1
    assert "PZSERVER_DEMO" in output
    assert len(output.strip().splitlines()) == 1


def test_the_command_keeps_the_promises_of_the_server() -> None:
    command = gunicorn_command(Settings(port=9000), 3)
    assert "app:create_server()" in command
    assert command[command.index("--workers") + 1] == "3"
    assert command[command.index("--worker-class") + 1] == "gthread"
    assert "--no-control-socket" in command
    assert "--preload" not in command


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", "http://127.0.0.1:9000"), ("::1", "http://[::1]:9000")])
def test_the_address_is_one_a_browser_takes(host: str, expected: str) -> None:
    assert local_address(Settings(host=host, port=9000)) == expected
