"""After a table was read: the details of its plots and the report of its checks, before anybody waits for them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from services.errors import NoTable, NotFound, StillRunning
from services.models.jobs import Job
from services.repositories.artifacts import CANONICAL, ArtifactRepository
from services.unit_of_work import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from services.container import Container
    from services.jobs.service import JobService

WORKBENCH = "workbench"
"""Kind of these jobs. They belong to no product, so that nobody takes them for its reading."""


def enqueue_workbench(jobs: JobService, unit: UnitOfWork, product_id: int, owner_id: int, size_bytes: int) -> None:
    """Ask for the work, together with the other changes of the unit."""
    jobs.enqueue(unit, WORKBENCH, None, owner_id, {"product_id": product_id, "size_bytes": size_bytes})


def check_again(jobs: JobService, unit: UnitOfWork, product_id: int, owner_id: int) -> None:
    """Columns got other roles: forget the report of the checks and ask for a new one, where there is a table."""
    artifacts = ArtifactRepository(unit.session)
    artifacts.remove_report(product_id)
    table = artifacts.find(product_id, CANONICAL)
    if table is not None:
        enqueue_workbench(jobs, unit, product_id, owner_id, table.size_bytes)


def run_workbench(container: Container, job: Job) -> None:
    """Do a claimed job; what is there already stays, so doing it twice costs nothing.

    A product that is gone, or read again meanwhile, needs nothing: its next reading asks for this work anew.
    """
    product_id = int(job.payload["product_id"])
    actor = container.users.actor(job.owner_id)
    if actor is not None:
        with suppress(NotFound, NoTable, StillRunning):
            container.details.prepare(actor, product_id)
            container.quality.report(actor, product_id)
    with unit_of_work(container.sessions) as unit:
        container.jobs.finish(unit, job, "Done")
