"""The queue of job ids."""

from __future__ import annotations

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.errors import InvalidInput, Unavailable
from services.jobs.queue import open_queue
from services.settings import Settings


@pytest.fixture(params=["embedded", "postgresql"])
def queue(request, tmp_path):
    embedded = request.param == "embedded"
    url = "" if embedded else request.getfixturevalue("new_postgres_url")("template1")
    opened = open_queue(Settings(data_dir=tmp_path, queue_url=url))
    yield opened
    opened.close()


def test_ids_come_out_in_order_and_once(queue):
    for job_id in (3, 1, 2):
        queue.enqueue(job_id)
    assert [queue.take(0) for _ in range(4)] == [3, 1, 2, None]


def test_every_id_goes_to_one_of_many_takers(queue):
    for job_id in range(1, 31):
        queue.enqueue(job_id)
    with ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(lambda _: queue.take(0), range(30)))
    assert sorted(taken) == list(range(1, 31))


def test_waiting_ends_when_an_id_comes(queue):
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(queue.take, 20.0)
        queue.enqueue(7)
        assert waiting.result() == 7


def test_check_passes_on_a_queue_that_answers(queue):
    queue.check()


def test_ids_survive_a_new_process(tmp_path):
    open_queue(Settings(data_dir=tmp_path)).enqueue(5)
    assert open_queue(Settings(data_dir=tmp_path)).take(0) == 5


def test_what_is_no_id_is_dropped_never_unpickled(tmp_path):
    queue = open_queue(Settings(data_dir=tmp_path))
    queue.check()
    with sqlite3.connect(tmp_path / "queue.sqlite3") as database:
        evil = b"cos\nsystem\n(S'exit 1'\ntR."
        database.execute("insert into task (queue, data, priority) values ('pzserver', ?, 1)", (evil,))
    database.close()
    queue.enqueue(4)
    assert queue.take(5.0) == 4


def test_a_broken_queue_is_unavailable(tmp_path):
    (tmp_path / "queue.sqlite3").write_bytes(b"this is no database" * 100)
    queue = open_queue(Settings(data_dir=tmp_path))
    for question in (queue.check, lambda: queue.enqueue(1), lambda: queue.take(0)):
        with pytest.raises(Unavailable, match="embedded"):
            question()


def test_an_unknown_scheme_names_the_known_ones(tmp_path):
    with pytest.raises(InvalidInput, match="redis://"):
        open_queue(Settings(data_dir=tmp_path, queue_url="amqp://host"))


def test_a_missing_library_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "redis.exceptions", None)
    with pytest.raises(Unavailable, match="pip install redis"):
        open_queue(Settings(data_dir=tmp_path, queue_url="redis://localhost/0"))
