"""Reading a file in this process while a worker may be at it too."""

from __future__ import annotations

import threading

from services.jobs.ingest import run_claimed, run_ingest
from services.models.jobs import JobState
from services.models.products import ProductStatus
from tests.support.ingests import N_ROWS, catalogue_csv, submitted
from tests.support.products import person


def test_a_job_in_the_hands_of_a_worker_is_awaited_and_not_done_twice(container):
    owner = person(container, "owner1")
    product = submitted(container, owner, catalogue_csv())
    job = container.jobs.latest(product.id)
    assert job is not None
    claimed = container.jobs.claim(job.id, "worker/1")
    assert claimed is not None

    waiting = threading.Thread(target=run_ingest, args=(container, job.id))
    waiting.start()
    waiting.join(timeout=0.5)
    assert waiting.is_alive(), "it must wait for the worker"
    run_claimed(container, claimed)
    waiting.join(timeout=60)

    assert not waiting.is_alive()
    done = container.jobs.get(job.id)
    assert (done.state, done.attempts) == (JobState.DONE, 1)
    read = container.catalog.get(owner, product.id)
    assert (read.status, read.n_rows) == (ProductStatus.PUBLISHED, N_ROWS)


def test_a_job_that_is_done_is_not_done_again(container):
    owner = person(container, "owner1")
    product = submitted(container, owner, catalogue_csv())
    job = container.jobs.latest(product.id)
    assert job is not None
    run_ingest(container, job.id)
    run_ingest(container, job.id)
    assert container.jobs.get(job.id).attempts == 1
