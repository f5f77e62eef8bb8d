"""Processes of background work as their parents see them: started, watched, ended."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil
from pydantic import SecretStr

from services.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
STOP_WAIT_S = 10.0
GAVE_UP = "! "
"""How the answer of a child begins that says why it ends."""


def environment_of(settings: Settings) -> dict[str, str]:
    """Environment in which ``Settings()`` gives these settings again."""
    given = {
        f"PZSERVER_{name.upper()}": _as_text(getattr(settings, name))
        for name in type(settings).model_fields
        if name not in {"host", "port", "demo"}
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PZSERVER_")}
    modules = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, **given, "PZSERVER_DATA_DIR": str(settings.resolved_data_dir), "PYTHONPATH": modules}


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value if isinstance(value, str) else json.dumps(value, default=str).strip('"')


LEAN_MEMORY = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
"""Settings of the C libraries under which a reader of a large table needs 36 MiB less (measured)."""


def module_command(module: str, *arguments: str) -> list[str]:
    """Command line that runs a module of this project with this Python."""
    return [sys.executable, "-m", module, *arguments]


def _scratch(settings: Settings) -> Path:
    """Folder for what libraries write for a moment: it too lies under the data folder, and is swept."""
    folder = settings.resolved_data_dir / "work"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Child:
    """A process that reads files, see ``services.jobs.child``. Used by one thread at a time."""

    def __init__(self, settings: Settings, module: str = "services.jobs.child") -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own module, no argument from outside
            module_command(module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment_of(settings), **LEAN_MEMORY, "TMPDIR": str(_scratch(settings))},
        )
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._follow, args=(self._process.stdout,), daemon=True).start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def send(self, task: int | str) -> bool:
        """Hand over a task as one line; False when the process is dead."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{task}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            return False
        return True

    def answer(self, wait_s: float) -> str | None:
        """Next answer, "" when none came in time, None when the process is dead."""
        try:
            return self._answers.get(timeout=wait_s)
        except queue.Empty:
            return ""

    def has_ended(self) -> bool:
        """Whether the process is dead."""
        return self._process.poll() is not None

    def resident_bytes(self) -> int:
        """Memory in use right now; 0 when the process is gone."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            return 0

    def end(self) -> int:
        """Kill the process if it lives; gives its exit status, negative for a signal."""
        self._process.kill()
        status = self._process.wait()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # a job it never read
            self._process.stdin.close()
        return status

    def wait(self) -> int:
        """Exit status of a process that has closed its answers, negative for a signal."""
        try:
            return self._process.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            return self.end()

    def _follow(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._answers.put(line.decode().strip())
        self._answers.put(None)


class WorkerSupervisor:
    """Keeps one worker process running beside the server: starts it again when it dies, ends it with the server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ended = threading.Event()
        self._process = self._started()
        self._thread = threading.Thread(target=self._watch, name="worker-supervisor", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """Process id of the worker that runs now."""
        return self._process.pid

    def stop(self) -> None:
        """End the worker: politely, so that it hands back its jobs, then with force."""
        self._ended.set()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()

    def _started(self) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C reaches the server only, which then ends the worker and its children in order.
        return subprocess.Popen(  # noqa: S603  # our own module, no argument from outside
            module_command("services.jobs.worker", "--with-parent", str(os.getpid())),
            env=environment_of(self._settings),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _watch(self) -> None:
        while not self._ended.is_set():
            self._process.wait()
            if not self._ended.wait(1.0):
                self._process = self._started()


def start_worker_process(settings: Settings) -> WorkerSupervisor:
    """Worker in a process of its own beside the server, kept alive until ``stop`` or the end of this process."""
    return WorkerSupervisor(settings)
