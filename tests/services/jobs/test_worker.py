"""The worker as it runs in production: real processes, killed in the middle of real work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil
import pytest

from services.jobs.processes import environment_of, module_command, start_worker_process
from services.jobs.service import MAX_ATTEMPTS
from services.jobs.worker import Slot, Worker
from services.models.jobs import Job, JobState
from services.models.products import ProductStatus
from services.settings import Settings
from tests.support.ingests import catalogue_csv, submitted
from tests.support.products import person

LIMIT_S = 120.0
LONG_ROWS = 200_000
"""A table that takes long enough to be interrupted."""


@pytest.fixture
def owner(container):
    return person(container, "owner1")


@pytest.fixture(scope="module")
def long_csv() -> bytes:
    return catalogue_csv(LONG_ROWS)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def _working(settings: Settings, slots: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        module_command("services.jobs.worker", "--slots", str(slots)), env=environment_of(settings)
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(LIMIT_S)


def _children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children()


def _is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def _job(container, product) -> Job:
    job = container.jobs.latest(product.id)
    assert job is not None
    return job


def _running(container, product) -> bool:
    return _job(container, product).state is JobState.RUNNING


def _over(container, product) -> bool:
    return not _job(container, product).is_active


def test_two_uploads_are_read_side_by_side_and_the_worker_ends_on_request(container, owner):
    with ThreadPoolExecutor(2) as pool:
        products = list(pool.map(lambda n: submitted(container, owner, catalogue_csv(seed=n), f"{n}.csv"), (1, 2)))
    with _working(container.settings, slots=2) as worker:
        for product in products:
            _until(lambda product=product: _over(container, product))
        children = _children(worker)
        worker.terminate()
        assert worker.wait(LIMIT_S) == 0
        assert all(_is_gone(child) for child in children)
    assert [container.catalog.get(owner, p.id).status for p in products] == [ProductStatus.PUBLISHED] * 2


def test_a_job_killed_with_its_worker_is_finished_after_a_restart(container, owner, long_csv):
    product = submitted(container, owner, long_csv)
    with _working(container.settings) as worker:
        _until(lambda: _running(container, product))
        children = _children(worker)
        worker.kill()
        worker.wait(LIMIT_S)
        _until(lambda: all(_is_gone(child) for child in children))
    assert _running(container, product)
    with _working(container.settings):
        _until(lambda: _over(container, product))
    job = _job(container, product)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    read = container.catalog.get(owner, product.id)
    assert (read.status, read.n_rows) == (ProductStatus.PUBLISHED, LONG_ROWS)


def test_a_crash_of_the_reader_costs_an_attempt_and_nothing_else(container, owner, long_csv):
    product = submitted(container, owner, long_csv)
    with _working(container.settings) as worker:
        _until(lambda: _running(container, product))
        (child,) = _children(worker)
        child.send_signal(signal.SIGSEGV)
        _until(lambda: _over(container, product))
        assert worker.poll() is None
    job = _job(container, product)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert "SIGSEGV" in job.log


def test_a_reader_that_died_while_idle_costs_no_attempt(sqlite_container):
    container = sqlite_container
    with _working(container.settings) as worker:
        _until(lambda: bool(_children(worker)))
        for child in _children(worker):
            child.kill()
            _until(lambda child=child: _is_gone(child))
        product = submitted(container, person(container, "owner1"), catalogue_csv())
        _until(lambda: _over(container, product))
    job = _job(container, product)
    assert (job.state, job.attempts) == (JobState.DONE, 1)


def test_a_worker_whose_slot_broke_ends_so_that_another_is_started(sqlite_container, monkeypatch):
    monkeypatch.setattr("services.jobs.worker.Slot.serve", lambda slot: slot.end())
    worker = Worker(sqlite_container, 1)
    with pytest.raises(RuntimeError, match="slot broke off"):
        worker.run()


def test_a_file_that_crashes_the_reader_every_time_fails_with_a_sentence(sqlite_container, long_csv):
    container, owner = sqlite_container, person(sqlite_container, "owner1")
    product = submitted(container, owner, long_csv)
    killed: set[int] = set()

    def abort_the_reader() -> bool:
        if _running(container, product):
            for child in _children(worker):
                if child.pid not in killed:
                    killed.add(child.pid)
                    child.send_signal(signal.SIGABRT)
        return _over(container, product)

    with _working(container.settings) as worker:
        _until(abort_the_reader)
        after = submitted(container, owner, catalogue_csv())
        _until(lambda: _over(container, after))
    job = _job(container, product)
    assert (job.state, job.attempts) == (JobState.FAILED, MAX_ATTEMPTS)
    failed = container.catalog.get(owner, product.id)
    assert failed.status is ProductStatus.FAILED
    assert "SIGABRT" in failed.status_reason
    assert container.catalog.get(owner, after.id).status is ProductStatus.PUBLISHED


def test_a_worker_asked_to_stop_hands_its_job_back(sqlite_container, long_csv):
    container = sqlite_container
    product = submitted(container, person(container, "owner1"), long_csv)
    with _working(container.settings) as worker:
        _until(lambda: _running(container, product))
        worker.terminate()
        assert worker.wait(LIMIT_S) == 0
    job = _job(container, product)
    assert (job.state, job.attempts, job.worker_id) == (JobState.QUEUED, 0, None)


def test_too_much_memory_ends_the_job_for_good(sqlite_container, long_csv, monkeypatch):
    container = sqlite_container
    product = submitted(container, person(container, "owner1"), long_csv)
    monkeypatch.setattr("services.jobs.worker.MEMORY_LIMIT_BYTES", 1)
    _serve_one(container)
    job = _job(container, product)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert "too much memory" in job.error


def test_too_much_time_ends_the_job_for_good(sqlite_container, long_csv, monkeypatch):
    container = sqlite_container
    product = submitted(container, person(container, "owner1"), long_csv)
    monkeypatch.setattr("services.jobs.worker.MIN_WALL_S", 0.0)
    monkeypatch.setattr("services.jobs.worker.BYTES_PER_WALL_S", 10**12)
    _serve_one(container)
    assert "too long" in _job(container, product).error


def _serve_one(container) -> None:
    """One slot, here, until no job waits."""
    stop = threading.Event()
    slot = Slot(container, 0, stop)
    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(slot.serve)
        _until(lambda: served.done() or not container.jobs.has_active())
        stop.set()
        served.result(LIMIT_S)


def test_the_supervisor_replaces_a_dead_worker_and_ends_a_living_one(sqlite_container):
    supervisor = start_worker_process(sqlite_container.settings)
    first = psutil.Process(supervisor.pid)
    first.kill()
    _until(lambda: supervisor.pid != first.pid)
    second = psutil.Process(supervisor.pid)
    supervisor.stop()
    assert _is_gone(first)
    assert _is_gone(second)


PARENT = "import sys, time; from services.settings import Settings; from services.jobs.processes import *; \
print(start_worker_process(Settings()).pid, flush=True); time.sleep(600)"


def test_the_worker_beside_a_server_ends_when_the_server_is_killed(sqlite_container):
    server = subprocess.Popen(
        [sys.executable, "-c", PARENT], env=environment_of(sqlite_container.settings), stdout=subprocess.PIPE
    )
    with server:
        assert server.stdout is not None
        worker = psutil.Process(int(server.stdout.readline()))
        _until(lambda: bool(worker.children()))
        everybody = [worker, *worker.children()]
        os.kill(server.pid, signal.SIGKILL)
        server.wait(LIMIT_S)
    _until(lambda: all(_is_gone(process) for process in everybody))
