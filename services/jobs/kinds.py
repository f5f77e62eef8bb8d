"""Kinds of background work: one row each. A job of another kind is none of a worker's business."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.jobs.archive import ARCHIVE, run_archive
from services.jobs.ingest import run_claimed
from services.jobs.pipeline import run_pipeline
from services.jobs.service import INGEST, require_product
from services.jobs.workbench import WORKBENCH, run_workbench
from services.models.jobs import Job
from services.processes import PIPELINE
from services.repositories.ingests import IngestRepository
from services.unit_of_work import reading

if TYPE_CHECKING:
    from services.container import Container


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of one kind are done.

    ``run`` does a claimed job from beginning to end; ``size_bytes`` tells how much it has to go through; ``doing`` is
    what people read about it.
    """

    doing: str
    run: Callable[[Container, Job], None]
    size_bytes: Callable[[Container, Job], int]


def _main_file_bytes(container: Container, job: Job) -> int:
    with reading(container.sessions) as session:
        main_file = IngestRepository(session).subject(require_product(job)).main_file
    return main_file.size_bytes if main_file else 0


def _told_bytes(_: Container, job: Job) -> int:
    return int(job.payload["size_bytes"])


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        INGEST: Kind("Reading the file", run_claimed, _main_file_bytes),
        ARCHIVE: Kind("Packing the files", run_archive, _told_bytes),
        WORKBENCH: Kind("Computing plots", run_workbench, _told_bytes),
        PIPELINE: Kind("Running the pipeline", run_pipeline, _told_bytes),
    }
)
