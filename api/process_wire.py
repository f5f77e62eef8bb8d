"""A run of a pipeline as programs read it, and the filters of lists of runs as the services take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from api.paging import Window
from api.product_wire import ProductWire, product_wire
from api.wire import UtcTime, Wire
from services.errors import InvalidInput
from services.models.identity import Actor
from services.models.processes import Process, ProcessQuery, ProcessStatus
from services.pipelines.base import Pipeline
from services.pipelines.registry import PIPELINES
from services.processes import pipeline_of
from services.text_rules import folded

_STATUSES = {status.value.casefold(): status for status in ProcessStatus} | {"queued": ProcessStatus.PENDING}
_LARGEST_ID = 2**31 - 1


class ProcessWire(Wire):
    """One run of a pipeline."""

    id: int
    upload: int = Field(description="Id of the output product.")
    status: str = Field(description="Pending, Running, Successful or Failed.")
    display_name: str
    pipeline: int
    pipeline_name: str
    pipeline_version: str
    release: int | None
    release_name: str | None
    inputs: list[int] = Field(description="Ids of the inputs that are open to the caller.")
    provenance_inputs: list[ProductWire] = Field(description="The same inputs as products.")
    used_config: dict[str, Any]
    owned_by: str
    is_owner: bool
    created_at: UtcTime
    started_at: UtcTime | None
    ended_at: UtcTime | None
    orchestration_process_id: int = Field(description="Job that does the work.")
    path: str | None = Field(default=None, description="Always null: where the portal works is its own affair.")
    comment: str | None = Field(description="What the run noticed, or why it failed.")


class LogPartWire(Wire):
    """One log."""

    content: str


class LogsWire(Wire):
    """What a run left in its logs; there is no batch system, so the second is empty."""

    pipeline: LogPartWire
    slurm: LogPartWire


class ProcessConfigWire(Wire):
    """How a product was made; without keys for uploads."""

    config: dict[str, Any] | None = None
    flag_translation: dict[str, Any] | None = None


def process_wire(process: Process, actor: Actor) -> ProcessWire:
    """A run as this caller reads it."""
    output, pipeline = process.output, pipeline_of(process)
    return ProcessWire(
        id=process.id,
        upload=output.id,
        status=process.status.value,
        display_name=output.display_name,
        pipeline=pipeline.id,
        pipeline_name=pipeline.title,
        pipeline_version=process.version,
        release=output.release_id,
        release_name=output.release_name,
        inputs=[product.id for product in process.inputs],
        provenance_inputs=[product_wire(product, actor) for product in process.inputs],
        used_config=dict(process.used_config),
        owned_by=output.owner_username,
        is_owner=output.owner_id == actor.user_id,
        created_at=process.created_at,
        started_at=process.started_at,
        ended_at=process.ended_at,
        orchestration_process_id=process.job_id,
        comment=process.comment,
    )


def process_query(given: Mapping[str, Any], window: Window) -> ProcessQuery:
    """Filters of a list of runs.

    Raises
    ------
    InvalidInput
        If there is no such status.
    """
    return ProcessQuery(
        pipelines=_pipelines(given["pipeline"], given["pipeline__or"]),
        statuses=_statuses(given["status"]),
        release_ids=_ids(given["release"]),
        has_release=None if given["release__isnull"] is None else not given["release__isnull"],
        release_words=_parts(given["release_name"]),
        any_release_words=_parts(given["release_name__or"]),
        output_ids=_ids(given["upload"]),
        owner_ids=_ids(given["user"]),
        sort=given["ordering"],
        offset=window.offset,
        limit=window.limit,
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _ids(value: int | None) -> tuple[int, ...]:
    """Ids to look for; one that no row can have finds nothing."""
    if value is None:
        return ()
    return (value if 0 < value <= _LARGEST_ID else 0,)


def _statuses(word: str) -> tuple[ProcessStatus, ...]:
    if not word.strip():
        return ()
    status = _STATUSES.get(word.strip().casefold())
    if status is None:
        names = ", ".join(status.value for status in ProcessStatus)
        raise InvalidInput(f"There is no such status of a process. Choose one of: {names}.", field="status")
    return (status,)


def _pipelines(every: str, some: str) -> tuple[str, ...] | None:
    """Names of pipelines that fit both filters, None when neither is given."""
    if not _parts(every) and not _parts(some):
        return None
    return tuple(
        row.name
        for row in PIPELINES.values()
        if all(_fits(row, part) for part in _parts(every))
        and (not _parts(some) or any(_fits(row, part) for part in _parts(some)))
    )


def _fits(row: Pipeline, part: str) -> bool:
    if part.isdecimal():
        return part == str(row.id)
    return any(folded(part) in folded(word) for word in (row.name, row.title, *row.aliases))
