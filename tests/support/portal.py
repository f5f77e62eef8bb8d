"""The real portal as a process of its own, on a free loopback port, in a folder that goes away."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from services.settings import Settings
from tests.support.databases import clean_environment
from tests.support.files import REPOSITORY

START_LIMIT_S = 90
STOP_LIMIT_S = 20
DEMO_ROWS = "20000"


@dataclass(frozen=True)
class Portal:
    """A running portal. Everybody's password equals the user name: demo, owner1, owner2; curator is the admin."""

    url: str
    data_dir: Path
    pid: int
    log: Path

    def manage(self, *arguments: str) -> str:
        """Output of one ``manage.py`` command run on this portal."""
        return manage(self.data_dir, *arguments)


def portal_environment(data_dir: Path) -> dict[str, str]:
    """Settings of a demo portal in a folder."""
    return clean_environment(PZSERVER_DATA_DIR=str(data_dir), PZSERVER_DEMO="1", PYTHONUNBUFFERED="1")


def manage(data_dir: Path, *arguments: str) -> str:
    """Output of one ``manage.py`` command; an error of the command fails the test with what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env=portal_environment(data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def free_port() -> int:
    """A loopback port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not _answers(url):
        has_failed = process.poll() is not None or time.monotonic() > deadline
        assert not has_failed, f"the portal did not start:\n{log.read_text()[-5000:]}"
        time.sleep(0.2)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the portal with all it started; what outlives it is ended too and fails the test that used it."""
    family = [] if process.poll() is not None else psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_LIMIT_S)
    _, survivors = psutil.wait_procs(family, timeout=STOP_LIMIT_S)
    for survivor in survivors:
        survivor.kill()
    assert not survivors, f"the portal left processes behind: {[p.pid for p in survivors]}"


@contextmanager
def serving(data_dir: Path, port: int | None = None) -> Iterator[Portal]:
    """Portal on the data in a folder, for the length of a ``with`` block."""
    port = port or free_port()
    url, log = f"http://127.0.0.1:{port}", data_dir / "server.log"
    command: Sequence[str] = [sys.executable, "manage.py", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=portal_environment(data_dir),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, url, log)
            yield Portal(url=url, data_dir=data_dir, pid=process.pid, log=log)
        finally:
            stop(process)


def make_demo_people(data_dir: Path) -> None:
    """The four people of the demo, without any product."""
    from services.container import build_container
    from services.demo.seeding import make_people

    container = build_container(Settings(data_dir=data_dir, demo=True))
    make_people(container)
    container.engine.dispose()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> Iterator[Portal]:
    """Running portal with four people and no products, shared by all browser tests of this process."""
    data_dir = tmp_path_factory.mktemp("portal")
    shutil.copyfile(migrated_sqlite_file, data_dir / "pzserver.sqlite3")
    make_demo_people(data_dir)
    with serving(data_dir) as running:
        yield running


@pytest.fixture(scope="session")
def demo_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Running portal with the demo data (the large training set cut short), shared likewise; look, do not change."""
    data_dir = tmp_path_factory.mktemp("demo_portal")
    manage(data_dir, "migrate")
    manage(data_dir, "seed-demo", "--rows", DEMO_ROWS)
    with serving(data_dir) as running:
        yield running
