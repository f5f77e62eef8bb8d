"""The job table as the truth: claims, attempts, rescue."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.errors import Conflict, NotFound, Unavailable
from services.jobs.owners import is_known_dead, worker_name
from services.jobs.service import INGEST, MAX_ATTEMPTS, JobService
from services.models.jobs import JobState
from services.models.products import ProductStatus
from services.unit_of_work import unit_of_work
from tests.support.products import draft, person, published, with_status


@pytest.fixture
def owner(container):
    return person(container, "owner1")


@pytest.fixture
def product(container, owner):
    return draft(container, owner)


@pytest.fixture
def job(container, owner, product):
    with unit_of_work(container.sessions) as unit:
        return container.jobs.enqueue(unit, INGEST, product.id, owner.user_id, {"publish_when_ready": True})


def _end(container, job, **how):
    with unit_of_work(container.sessions) as unit:
        if "error" in how:
            container.jobs.fail(unit, job, how["error"])
        else:
            container.jobs.finish(unit, job, "Done")


def test_a_new_job_waits_and_its_id_is_queued(container, job):
    assert (job.state, job.attempts, job.is_active) == (JobState.QUEUED, 0, True)
    assert container.queue.take(0) == job.id


def test_nothing_is_queued_when_the_change_is_rolled_back(container, owner, product):
    def interrupted() -> None:
        with unit_of_work(container.sessions) as unit:
            container.jobs.enqueue(unit, INGEST, product.id, owner.user_id, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert container.queue.take(0) is None
    assert container.jobs.latest(product.id) is None


def test_of_many_claims_one_wins(container, job):
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda n: container.jobs.claim(job.id, f"w{n}"), range(8)))
    (won,) = [claim for claim in claims if claim is not None]
    assert (won.state, won.attempts) == (JobState.RUNNING, 1)
    assert container.jobs.get(job.id).worker_id == won.worker_id


def test_progress_and_log_are_kept(container, owner, product, job):
    container.jobs.claim(job.id, "w")
    container.jobs.report(job.id, 0.4, "Reading")
    container.jobs.note(job.id, "first line")
    seen = container.jobs.latest_for_product(owner, product.id)
    assert (seen.progress, seen.message) == (0.4, "Reading")
    assert "first line" in seen.log


def test_the_log_is_for_owner_and_admin_and_hidden_products_have_no_job(container, owner, product, job):
    container.jobs.note(job.id, "secret of the machine")
    reader, admin = person(container, "reader"), person(container, "curator", is_admin=True)
    with pytest.raises(NotFound):
        container.jobs.latest_for_product(reader, product.id)
    with_status(container, product, ProductStatus.PUBLISHED)
    assert container.jobs.latest_for_product(reader, product.id).log == ""
    assert "secret" in container.jobs.latest_for_product(admin, product.id).log


def test_a_finished_job_is_over(container, job):
    claimed = container.jobs.claim(job.id, "w")
    _end(container, claimed)
    done = container.jobs.get(job.id)
    assert (done.state, done.progress, done.is_active) == (JobState.DONE, 1.0, False)
    assert done.ended_at is not None
    assert container.jobs.claim(job.id, "w2") is None
    assert container.jobs.heartbeat(claimed) is False


def test_an_attempt_that_was_replaced_can_store_nothing(container, job):
    old = container.jobs.claim(job.id, "w1")
    container.jobs.attempt_failed(old, "The worker stopped.")
    new = container.jobs.claim(job.id, "w2")
    for end in ({}, {"error": "late"}):
        with pytest.raises(Conflict):
            _end(container, old, **end)
    assert container.jobs.heartbeat(old) is False
    assert container.jobs.heartbeat(new) is True
    _end(container, new)


def test_the_last_attempt_fails_job_and_product_with_the_reason(container, owner, product, job):
    for attempt in range(1, MAX_ATTEMPTS + 1):
        claimed = container.jobs.claim(container.queue.take(0), "w")
        assert claimed.attempts == attempt
        container.jobs.attempt_failed(claimed, "It crashed.")
    assert container.queue.take(0) is None
    ended = container.jobs.get(job.id)
    assert (ended.state, ended.error) == (JobState.FAILED, "It crashed.")
    assert ended.log.count("It crashed.") == MAX_ATTEMPTS
    failed = container.catalog.get(owner, product.id)
    assert (failed.status, failed.status_reason) == (ProductStatus.FAILED, "It crashed.")


def test_a_final_failure_is_not_tried_again(container, job):
    container.queue.take(0)
    container.jobs.attempt_failed(container.jobs.claim(job.id, "w"), "Too much memory.", is_final=True)
    assert container.jobs.get(job.id).state is JobState.FAILED
    assert container.queue.take(0) is None


def test_a_published_product_stays_published_when_reading_it_again_fails(container, owner):
    product = published(container, owner)
    with unit_of_work(container.sessions) as unit:
        job = container.jobs.enqueue(unit, INGEST, product.id, owner.user_id, {})
    container.jobs.attempt_failed(container.jobs.claim(job.id, "w"), "It crashed.", is_final=True)
    assert container.catalog.get(owner, product.id).status is ProductStatus.PUBLISHED


def test_a_job_handed_back_does_not_lose_an_attempt(container, job):
    container.queue.take(0)
    container.jobs.hand_back(container.jobs.claim(job.id, "w"))
    again = container.jobs.claim(container.queue.take(0), "w")
    assert (again.id, again.attempts) == (job.id, 1)


def test_a_silent_worker_loses_its_job(container, job):
    container.queue.take(0)
    container.jobs.claim(job.id, "elsewhere/1/1/0")
    assert container.jobs.requeue_stale() == 0
    assert container.jobs.requeue_stale(stale_s=-1) == 1
    assert container.queue.take(0) == job.id
    assert "worker stopped" in container.jobs.get(job.id).log


def test_a_worker_known_to_be_dead_loses_its_job_at_once(container, job):
    gone = subprocess.run(
        [sys.executable, "-c", "from services.jobs.owners import worker_name; print(worker_name())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert is_known_dead(gone)
    assert not is_known_dead(worker_name())
    container.queue.take(0)
    container.jobs.claim(job.id, gone)
    assert container.jobs.requeue_stale() == 1
    assert container.queue.take(0) == job.id


def test_an_id_the_queue_lost_is_sent_again_once(container, job):
    container.queue.take(0)
    assert container.jobs.requeue_stale() == 0
    assert container.jobs.requeue_stale(stale_s=-1) == 1
    assert container.jobs.requeue_stale() == 0
    assert container.queue.take(0) == job.id


def test_a_queue_that_is_away_loses_no_job(container, owner, product):
    class Away:
        def enqueue(self, job_id: int) -> None:
            raise Unavailable("The queue does not answer.")

    jobs = JobService(container.sessions, Away(), container.catalog.get)
    with unit_of_work(container.sessions) as unit:
        job = jobs.enqueue(unit, INGEST, product.id, owner.user_id, {})
    assert container.jobs.requeue_stale(stale_s=-1) == 1
    assert container.queue.take(0) == job.id


def test_a_worker_this_machine_cannot_judge_is_not_called_dead():
    own_name_cut_short = worker_name().rsplit("/", 1)[0]
    for name in ("", "inline", "host/x/1/0", "elsewhere/1/1/0", own_name_cut_short):
        assert not is_known_dead(name), name
