"""Runs of pipelines as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.models.jobs import JobState
from services.models.products import Product


class ProcessStatus(StrEnum):
    """Life of a run in the words of the REST contract.

    A run that waits in the queue is Pending: clients that are told Queued stop waiting for the end.
    """

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"

    @property
    def job_state(self) -> JobState:
        """State of the job behind a run of this status."""
        return _STATES[self]


_STATES: Mapping[ProcessStatus, JobState] = {
    ProcessStatus.PENDING: JobState.QUEUED,
    ProcessStatus.RUNNING: JobState.RUNNING,
    ProcessStatus.SUCCESSFUL: JobState.DONE,
    ProcessStatus.FAILED: JobState.FAILED,
}
_STATUSES: Mapping[JobState, ProcessStatus] = {state: status for status, state in _STATES.items()}


def process_status(state: JobState) -> ProcessStatus:
    """Status of a run whose job is in this state."""
    return _STATUSES[state]


@dataclass(frozen=True, slots=True)
class NewProcess:
    """What a person asks for when starting a pipeline."""

    display_name: str
    pipeline: int | str
    """Id, name or alias."""
    inputs: tuple[int, ...]
    """Ids of products; doubles count once."""
    used_config: Mapping[str, Any] | str | None = None
    """Object with ``param``, or that object as JSON text; None for the pipeline's own parameters."""
    release: int | str | None = None
    flags_file: bytes | None = None
    """Content of the person's own translation of quality flags, YAML."""


@dataclass(frozen=True, slots=True)
class Process:
    """A run as an actor sees it. ``output`` is the product it makes, which also has its name, owner and release."""

    id: int
    pipeline: str
    """Key of ``services.pipelines.registry``."""
    version: str
    output: Product
    status: ProcessStatus
    job_id: int
    used_config: Mapping[str, Any]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    comment: str | None
    """What the run noticed, or why it failed."""
    inputs: tuple[Product, ...] = ()
    """In the order asked for; those that the actor may see."""


@dataclass(frozen=True, slots=True)
class ProcessQuery:
    """A list of runs. All filters are joined by AND; empty ones let everything pass."""

    pipelines: tuple[str, ...] | None = None
    """Names; None stands for any."""
    statuses: tuple[ProcessStatus, ...] = ()
    release_ids: tuple[int, ...] = ()
    has_release: bool | None = None
    release_words: tuple[str, ...] = ()
    """Parts that must all stand in the names of the release."""
    any_release_words: tuple[str, ...] = ()
    """Parts of which one must."""
    output_ids: tuple[int, ...] = ()
    owner_ids: tuple[int, ...] = ()
    sort: str = "-created_at"
    """id or created_at, with "-" before it for descending."""
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class ProcessPage:
    """Some runs of a list and how many match in all."""

    items: tuple[Process, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ProcessOrder:
    """A checked wish, as it is stored."""

    pipeline: str
    version: str
    used_config: Mapping[str, Any]
    flag_translation: Mapping[str, Any] | None
    input_ids: tuple[int, ...] = field(default_factory=tuple)
