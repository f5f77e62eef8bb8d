"""What can be done with background work: start it, follow it, claim it, end it, save it from dead workers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from services.access import CAN_EDIT
from services.errors import Conflict, NotFound, Unavailable
from services.jobs.owners import is_known_dead
from services.jobs.queue import JobQueue
from services.models.identity import Actor
from services.models.jobs import Job, JobState
from services.models.products import Product
from services.repositories.ingests import IngestRepository
from services.repositories.jobs import JobRepository
from services.schema import utc_now
from services.unit_of_work import UnitOfWork, reading, unit_of_work

INGEST = "ingest"
"""Kind of the jobs that read the main file of a product."""
QUIET = "quiet"
"""Mark in the payload of an ingest whose product has been registered already: it fills in what a first look left out,
and neither the status nor the roles that are known change by it."""
MAX_ATTEMPTS = 3
STALE_S = 20.0
"""A worker gives a sign of life every 2 s; ten missed ones mean that it is gone."""

_log = logging.getLogger(__name__)


class JobService:
    """Jobs of the portal.

    Parameters
    ----------
    sessions : sessionmaker
        Where the job table lies.
    queue : JobQueue
        Carries the ids to the workers.
    visible_product : callable
        Gives a product to an actor who may see it, raises NotFound otherwise.
    """

    def __init__(
        self, sessions: sessionmaker[Session], queue: JobQueue, visible_product: Callable[[Actor, int], Product]
    ) -> None:
        self._sessions = sessions
        self._queue = queue
        self._visible_product = visible_product

    def enqueue(
        self, unit: UnitOfWork, kind: str, product_id: int | None, owner_id: int, payload: Mapping[str, Any]
    ) -> Job:
        """New job, made together with the other changes of the unit; its id is queued once they are stored."""
        job = JobRepository(unit.session).add(kind, product_id, owner_id, payload)
        unit.after_commit(lambda: self._send(job.id))
        return job

    def get(self, job_id: int) -> Job:
        """Job by id; NotFound when there is none. For workers: no rights are asked."""
        with reading(self._sessions) as session:
            return JobRepository(session).get(job_id)

    def in_unit(self, unit: UnitOfWork, job_id: int) -> Job:
        """Job as it stands in a running transaction."""
        return JobRepository(unit.session).get(job_id)

    def latest_for_product(self, actor: Actor, product_id: int) -> Job | None:
        """The newest job of a product the actor may see; its log only for the owner and for admins."""
        product = self._visible_product(actor, product_id)
        job = self.latest(product.id)
        if job is None or CAN_EDIT.allows(actor, product):
            return job
        return replace(job, log="")

    def latest(self, product_id: int) -> Job | None:
        """The newest job of a product; no rights are asked."""
        with reading(self._sessions) as session:
            return JobRepository(session).latest(product_id)

    def has_active(self) -> bool:
        """Whether any job waits or runs."""
        with reading(self._sessions) as session:
            jobs = JobRepository(session)
            return bool(jobs.running() or jobs.overdue(utc_now() + timedelta(days=1)))

    def claim(self, job_id: int, worker_id: str) -> Job | None:
        """Take a queued job; None when it is gone or somebody else was quicker."""
        with unit_of_work(self._sessions) as unit:
            jobs = JobRepository(unit.session)
            return jobs.get(job_id) if jobs.claim(job_id, worker_id) else None

    def heartbeat(self, job: Job) -> bool:
        """Sign of life of the worker that claimed the job; False when the job has been given to another one."""
        with unit_of_work(self._sessions) as unit:
            return JobRepository(unit.session).beat(job.id, job.worker_id or "")

    def report(self, job_id: int, progress: float, message: str) -> None:
        """Tell how far a job got (0..1) and what is being done."""
        with unit_of_work(self._sessions) as unit:
            JobRepository(unit.session).report(job_id, min(max(progress, 0.0), 1.0), message)

    def note(self, job_id: int, line: str) -> None:
        """Add a line to the log of a job, for operators."""
        with unit_of_work(self._sessions) as unit:
            JobRepository(unit.session).note(job_id, line)

    def finish(self, unit: UnitOfWork, job: Job, message: str) -> None:
        """End a job well, together with the changes it made.

        Raises
        ------
        Conflict
            If this attempt was given up meanwhile and another one runs: nothing of it may be stored.
        """
        if not JobRepository(unit.session).close(job.id, job.attempts, JobState.DONE, message, None):
            raise Conflict(f"Attempt {job.attempts} of job {job.id} was replaced by another one.")

    def fail(self, unit: UnitOfWork, job: Job, error: str) -> None:
        """End a job with a reason, together with the changes that follow; Conflict as for ``finish``."""
        if not JobRepository(unit.session).close(job.id, job.attempts, JobState.FAILED, "Failed", error):
            raise Conflict(f"Attempt {job.attempts} of job {job.id} was replaced by another one.")

    def attempt_failed(self, job: Job, reason: str, *, is_final: bool = False) -> None:
        """An attempt broke off without an answer: try again, or give up after the last attempt.

        Parameters
        ----------
        job : Job
            As it was claimed.
        reason : str
            One sentence for people.
        is_final : bool
            Trying again would end the same way.
        """
        with unit_of_work(self._sessions) as unit:
            jobs = JobRepository(unit.session)
            jobs.note(job.id, f"Attempt {job.attempts}: {reason}")
            if not is_final and job.attempts < MAX_ATTEMPTS:
                if jobs.release(job.id, job.worker_id, forgive=False):
                    unit.after_commit(lambda: self._send(job.id))
            elif jobs.close(job.id, job.attempts, JobState.FAILED, "Failed", reason) and job.product_id is not None:
                IngestRepository(unit.session).mark_failed(job.product_id, reason)

    def hand_back(self, job: Job) -> None:
        """The worker is asked to stop: the job goes back into the line and the attempt does not count."""
        with unit_of_work(self._sessions) as unit:
            if JobRepository(unit.session).release(job.id, job.worker_id, forgive=True):
                unit.after_commit(lambda: self._send(job.id))

    def requeue_stale(self, stale_s: float = STALE_S) -> int:
        """Save jobs from dead workers and ids lost on their way; gives how many were queued again."""
        before = utc_now() - timedelta(seconds=stale_s)
        with reading(self._sessions) as session:
            jobs = JobRepository(session)
            running, overdue = jobs.running(), jobs.overdue(before)
        abandoned = [job for job in running if job.heartbeat_at is None or job.heartbeat_at < before or _orphaned(job)]
        for job in abandoned:
            self.attempt_failed(job, "The worker stopped in the middle of the work.")
        return len(abandoned) + sum(self._send_again(job_id, stale_s) for job_id in overdue)

    def _send_again(self, job_id: int, stale_s: float) -> bool:
        with unit_of_work(self._sessions) as unit:
            is_ours = JobRepository(unit.session).requeued(job_id, utc_now() - timedelta(seconds=stale_s))
            if is_ours:
                unit.after_commit(lambda: self._send(job_id))
        return is_ours

    def _send(self, job_id: int) -> None:
        """Queue an id. When the queue is away the job is safe in its table, and the sweep sends it later."""
        try:
            self._queue.enqueue(job_id)
        except Unavailable:
            _log.warning("The queue did not take a job; the sweep will send it again", extra={"job_id": job_id})


def _orphaned(job: Job) -> bool:
    return job.worker_id is not None and is_known_dead(job.worker_id)


def is_quiet(job: Job) -> bool:
    """Whether a job works on a product that is registered already, see ``QUIET``."""
    return bool(job.payload.get(QUIET))


def require_product(job: Job) -> int:
    """Product of a job; NotFound for a job that has none."""
    if job.product_id is None:
        raise NotFound(f"Job {job.id} belongs to no product.")
    return job.product_id
