"""Packing a whole product for download, as background work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.errors import NotFound
from services.models.jobs import Job
from services.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from services.container import Container

ARCHIVE = "archive"
"""Kind of the jobs that pack a product. They belong to no product, so that nobody takes them for its reading."""


def run_archive(container: Container, job: Job) -> None:
    """Build the archive a claimed job asks for; doing it twice gives the same bytes.

    What cannot be packed because it is gone is no error here: the job ends as failed and says why.

    Raises
    ------
    Conflict
        If the job was given to another worker meanwhile; nothing is stored then.
    Unavailable
        If the disk does not take the archive; the job may be tried again.
    """
    try:
        container.prepared.fulfil(job)
    except NotFound as error:
        with unit_of_work(container.sessions) as unit:
            container.jobs.fail(unit, job, error.message)
