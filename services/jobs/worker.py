"""The worker: takes ids from the queue, claims the jobs, has each one done in a process that may die.

``python manage.py worker`` runs it alone; the server starts one beside itself when the queue is the embedded one.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from services.container import Container, build_container
from services.errors import NotFound, PZServerError
from services.jobs.catching_up import CatchingUp
from services.jobs.kinds import KINDS
from services.jobs.owners import worker_name
from services.jobs.processes import GAVE_UP, Child
from services.jobs.sweeper import sweep
from services.logs import configure_logging
from services.models.jobs import Job
from services.settings import MIB, Settings

HEARTBEAT_S = 2.0
RESCUE_EVERY_S = 5.0
SWEEP_EVERY_S = 3600.0
CATCH_UP_EVERY_S = 2.0
TAKE_WAIT_S = 0.5
PAUSE_AFTER_TROUBLE_S = 2.0
MEMORY_LIMIT_BYTES = 3 * 2**30
"""Resident memory at which a job is ended: several times what any readable file needs, since readers work in pieces."""
WARM_MEMORY_BYTES = 600 * MIB
"""A process that stays below takes the next job; a larger one is replaced, so that memory returns to the system."""
MIN_WALL_S = 300.0
BYTES_PER_WALL_S = 10**6
"""A file may take a second per megabyte, ten times what slow readers need on a busy machine."""

_log = logging.getLogger(__name__)


class Slot:
    """One job at a time: a thread, its name in the job table, and the process that does the work."""

    def __init__(self, container: Container, number: int, stop: threading.Event) -> None:
        self._container = container
        self._name = worker_name(number)
        self._stop = stop
        self._child = Child(container.settings)

    def serve(self) -> None:
        """Work until the worker is asked to stop."""
        while not self._stop.is_set():
            try:
                self._serve_next()
            except (PZServerError, SQLAlchemyError):
                _log.exception("The database or the queue is in trouble; trying again")
                self._renew_child()  # it may be in the middle of a job, which the rescue will find
                self._stop.wait(PAUSE_AFTER_TROUBLE_S)
        self.end()

    def end(self) -> None:
        """End the process that reads files."""
        self._child.end()

    def _serve_next(self) -> None:
        job_id = self._container.queue.take(TAKE_WAIT_S)
        if job_id is None:
            return
        try:
            job = self._container.jobs.claim(job_id, self._name)
        except NotFound:
            return
        if job is not None:
            self._do(job)

    def _do(self, job: Job) -> None:
        started = time.monotonic()
        if not self._child.send(job.id):
            self._renew_child()  # it died while nothing was to do
            self._child.send(job.id)
        trouble = self._watched(job, started + self._wall_limit_s(job))
        _log.info(
            "Job ended",
            extra={"job_id": job.id, "duration_ms": round(1000 * (time.monotonic() - started)), "outcome": trouble},
        )
        if not self._stop.is_set() and (trouble or self._child.resident_bytes() > WARM_MEMORY_BYTES):
            self._renew_child()

    def _renew_child(self) -> None:
        self._child.end()
        self._child = Child(self._container.settings)

    def _watched(self, job: Job, deadline: float) -> str:
        """Wait for the end of a job; gives what went wrong, "" when nothing did."""
        doing = KINDS[job.kind].doing
        next_beat = time.monotonic() + HEARTBEAT_S
        while (answer := self._child.answer(0.2)) != str(job.id):
            if self._stop.is_set():
                self._child.end()
                self._container.jobs.hand_back(job)
                return "The worker was asked to stop."
            if answer is not None and answer.startswith(GAVE_UP):
                return self._given_up(job, answer.removeprefix(GAVE_UP))
            if answer is None:
                return self._given_up(job, _death_sentence(doing, self._child.wait()))
            if time.monotonic() > deadline:
                return self._given_up(job, f"{doing} took too long and was ended.", is_final=True)
            if self._child.resident_bytes() > MEMORY_LIMIT_BYTES:
                return self._given_up(job, f"{doing} needed too much memory and was ended.", is_final=True)
            if time.monotonic() > next_beat:
                next_beat = time.monotonic() + HEARTBEAT_S
                if not self._container.jobs.heartbeat(job):
                    return "The job was given to another worker."
        return ""

    def _given_up(self, job: Job, sentence: str, *, is_final: bool = False) -> str:
        self._child.end()
        self._container.jobs.attempt_failed(job, sentence, is_final=is_final)
        return sentence

    def _wall_limit_s(self, job: Job) -> float:
        return MIN_WALL_S + KINDS[job.kind].size_bytes(self._container, job) / BYTES_PER_WALL_S


def _death_sentence(doing: str, status: int) -> str:
    if status < 0:
        name = signal.Signals(-status).name
        return f"{doing} was ended by the signal {name}: the file may be damaged."
    return f"{doing} broke off without a known reason; the log of the server has the details."


class Worker:
    """Slots that do jobs, and the housekeeping between them."""

    def __init__(self, container: Container, n_slots: int) -> None:
        self._container = container
        self._stop = threading.Event()
        self._slots = [Slot(container, number, self._stop) for number in range(n_slots)]

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Hand back running jobs and end; also a signal handler."""
        self._stop.set()

    def run(self, *, parent: int | None = None) -> None:
        """Work until ``stop``, or until the process ``parent`` is no longer the parent of this one."""
        threads = [threading.Thread(target=slot.serve, name=f"slot-{n}") for n, slot in enumerate(self._slots)]
        for thread in threads:
            thread.start()
        try:
            self._keep_house(threads, parent)
        finally:
            self.stop()
            for thread in threads:
                thread.join()

    def _keep_house(self, threads: Sequence[threading.Thread], parent: int | None) -> None:
        next_rescue = next_sweep = next_catch_up = 0.0
        catching_up = CatchingUp(self._container)
        while not self._stop.wait(0.5):
            now = time.monotonic()
            if parent is not None and os.getppid() != parent:
                return
            if not all(thread.is_alive() for thread in threads):
                raise RuntimeError("a slot broke off, see the log above; the supervisor starts a new worker")
            try:
                if now >= next_rescue:
                    next_rescue = now + RESCUE_EVERY_S
                    self._container.jobs.requeue_stale()
                if now >= next_sweep:
                    next_sweep = now + SWEEP_EVERY_S
                    sweep(self._container)
                if now >= next_catch_up and not catching_up.is_done:
                    next_catch_up = now + CATCH_UP_EVERY_S
                    catching_up.step()
            except (PZServerError, SQLAlchemyError, OSError):
                _log.exception("Housekeeping failed; trying again")


def run_worker(settings: Settings, *, n_slots: int | None = None, parent: int | None = None) -> None:
    """Do background work until SIGTERM or SIGINT.

    Parameters
    ----------
    settings : Settings
        Of the portal.
    n_slots : int, optional
        Jobs at the same time; by default two, or one on a machine with a single processor.
    parent : int, optional
        Process that started this one; when it is gone the worker ends.
    """
    worker = Worker(build_container(settings), n_slots or min(2, os.cpu_count() or 1))
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run(parent=parent)


def main() -> None:
    """Entry point of the process started by ``start_worker_process``."""
    parser = argparse.ArgumentParser(description="Background jobs of PZ Server.")
    parser.add_argument("--with-parent", type=int, metavar="PID", help="end when this parent process is gone")
    parser.add_argument("--slots", type=int, help="jobs at the same time")
    arguments = parser.parse_args()
    configure_logging()
    run_worker(Settings(), n_slots=arguments.slots, parent=arguments.with_parent)


if __name__ == "__main__":
    main()
