"""Rows of background work. Every change of state is one conditional UPDATE, so that of two rivals one wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Update, or_, select, update
from sqlalchemy.orm import Session

from services.errors import NotFound
from services.models.jobs import Job, JobState
from services.schema import JobRow, utc_now
from services.text_rules import storable

LOG_LIMIT = 20_000
"""Characters of log kept per job."""


def job_value(row: JobRow) -> Job:
    """Value of a row."""
    return Job(
        id=row.id,
        kind=row.kind,
        product_id=row.product_id,
        owner_id=row.owner_id,
        state=JobState(row.state),
        attempts=row.attempts,
        progress=row.progress,
        message=row.message,
        error=row.error,
        log=row.log,
        created_at=row.created_at,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        ended_at=row.ended_at,
        payload=dict(row.payload),
        worker_id=row.worker_id,
    )


class JobRepository:
    """Jobs of one session; never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, kind: str, product_id: int | None, owner_id: int, payload: Mapping[str, Any]) -> Job:
        """New queued job. ``heartbeat_at`` of a queued job is when its id last went into the queue."""
        row = JobRow(kind=kind, product_id=product_id, owner_id=owner_id, payload=dict(payload), heartbeat_at=utc_now())
        self._session.add(row)
        self._session.flush()
        return job_value(row)

    def is_waiting(self, kind: str) -> bool:
        """Whether a job of this kind is queued or running."""
        states = [JobState.QUEUED.value, JobState.RUNNING.value]
        found = select(JobRow.id).where(JobRow.kind == kind, JobRow.state.in_(states)).limit(1)
        return self._session.scalar(found) is not None

    def get(self, job_id: int) -> Job:
        """Job by id; NotFound when there is none."""
        row = self._session.get(JobRow, job_id, populate_existing=True)
        if row is None:
            raise NotFound("There is no such job.")
        return job_value(row)

    def latest(self, product_id: int) -> Job | None:
        """The newest job of a product."""
        newest = select(JobRow).where(JobRow.product_id == product_id).order_by(JobRow.id.desc()).limit(1)
        row = self._session.scalar(newest)
        return None if row is None else job_value(row)

    def active(self, product_id: int) -> Job | None:
        """The job of a product that is queued or running."""
        wanted = (JobRow.product_id == product_id, JobRow.state.in_((JobState.QUEUED, JobState.RUNNING)))
        row = self._session.scalar(select(JobRow).where(*wanted).order_by(JobRow.id.desc()).limit(1))
        return None if row is None else job_value(row)

    def amend(self, job_id: int, payload: Mapping[str, Any]) -> bool:
        """Replace the payload of a job that is not over; False when it is."""
        active = update(JobRow).where(JobRow.id == job_id, JobRow.state.in_((JobState.QUEUED, JobState.RUNNING)))
        return self._changed(active.values(payload=dict(payload)))

    def drop(self, job_id: int, reason: str) -> bool:
        """End a job that nobody needs any more; an attempt under way finds out when it wants to store something."""
        active = update(JobRow).where(JobRow.id == job_id, JobRow.state.in_((JobState.QUEUED, JobState.RUNNING)))
        return self._changed(active.values(state=JobState.FAILED, error=reason, message="Dropped", ended_at=utc_now()))

    def claim(self, job_id: int, worker_id: str) -> bool:
        """Take a queued job; False when somebody else has it."""
        now = utc_now()
        taken = _of(job_id, JobState.QUEUED).values(
            state=JobState.RUNNING,
            attempts=JobRow.attempts + 1,
            worker_id=worker_id,
            started_at=now,
            heartbeat_at=now,
            ended_at=None,
            error=None,
            progress=0.0,
            message="",
        )
        return self._changed(taken)

    def beat(self, job_id: int, worker_id: str) -> bool:
        """Sign of life; False when the job is no longer this worker's."""
        mine = _of(job_id, JobState.RUNNING).where(JobRow.worker_id == worker_id)
        return self._changed(mine.values(heartbeat_at=utc_now()))

    def report(self, job_id: int, progress: float, message: str) -> None:
        """How far a running job got; also a sign of life."""
        self._changed(
            _of(job_id, JobState.RUNNING).values(progress=progress, message=storable(message), heartbeat_at=utc_now())
        )

    def close(self, job_id: int, attempt: int, state: JobState, message: str, error: str | None) -> bool:
        """End the given attempt of a running job; False when that attempt is not the running one."""
        running = _of(job_id, JobState.RUNNING).where(JobRow.attempts == attempt)
        ended: dict[str, Any] = {"state": state, "message": storable(message), "ended_at": utc_now()}
        if state is JobState.DONE:
            ended["progress"] = 1.0
        if error is not None:
            ended["error"] = storable(error)
        return self._changed(running.values(**ended))

    def cancel(self, job_id: int, reason: str) -> bool:
        """End a job that waits or runs, whoever does it; False when it is over already."""
        active = update(JobRow).where(JobRow.id == job_id, JobRow.state.in_((JobState.QUEUED, JobState.RUNNING)))
        ended = {"state": JobState.FAILED, "message": "Stopped", "error": storable(reason), "ended_at": utc_now()}
        return self._changed(active.values(**ended))

    def release(self, job_id: int, worker_id: str | None, *, forgive: bool) -> bool:
        """Put a running job of that worker back into the line; with ``forgive`` the attempt does not count."""
        mine = _of(job_id, JobState.RUNNING).where(JobRow.worker_id == worker_id)
        attempts = JobRow.attempts - 1 if forgive else JobRow.attempts
        return self._changed(
            mine.values(state=JobState.QUEUED, worker_id=None, heartbeat_at=utc_now(), attempts=attempts)
        )

    def note(self, job_id: int, line: str) -> None:
        """Add a line to the log, with its time."""
        row = self._session.get(JobRow, job_id, populate_existing=True)
        if row is not None:
            row.log = (row.log + f"{utc_now():%Y-%m-%d %H:%M:%S} {storable(line)}\n")[-LOG_LIMIT:]

    def running(self) -> Sequence[Job]:
        """Every running job."""
        rows = self._session.scalars(select(JobRow).where(JobRow.state == JobState.RUNNING))
        return [job_value(row) for row in rows]

    def overdue(self, before: datetime) -> Sequence[int]:
        """Ids of queued jobs that went into the queue before that time, or never."""
        rows = self._session.scalars(
            select(JobRow.id).where(JobRow.state == JobState.QUEUED, _silent_since(before)).order_by(JobRow.id)
        )
        return list(rows)

    def requeued(self, job_id: int, before: datetime) -> bool:
        """Note that a queued job goes into the queue again; False when another sweep was quicker."""
        overdue = _of(job_id, JobState.QUEUED).where(_silent_since(before))
        return self._changed(overdue.values(heartbeat_at=utc_now()))

    def _changed(self, statement: Update) -> bool:
        result = self._session.execute(statement.execution_options(synchronize_session=False))
        assert isinstance(result, CursorResult)
        return result.rowcount == 1


def _of(job_id: int, state: JobState) -> Update:
    return update(JobRow).where(JobRow.id == job_id, JobRow.state == state)


def _silent_since(before: datetime) -> ColumnElement[bool]:
    return or_(JobRow.heartbeat_at.is_(None), JobRow.heartbeat_at < before)
