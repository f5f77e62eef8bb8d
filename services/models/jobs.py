"""Background work as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Life of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of background work. The table row is the truth; the queue only carries the id.

    ``progress`` runs 0..1; ``message`` says in a few words what is being done; ``log`` keeps the lines for operators;
    ``error`` is a sentence fit for people.
    """

    id: int
    kind: str
    product_id: int | None
    owner_id: int
    state: JobState
    attempts: int
    progress: float
    message: str
    error: str | None
    log: str
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    ended_at: datetime | None
    payload: Mapping[str, Any] = field(default_factory=dict)
    """What the work needs to know beyond the product, as plain JSON."""
    worker_id: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the work is still to be done or under way."""
        return self.state in {JobState.QUEUED, JobState.RUNNING}
