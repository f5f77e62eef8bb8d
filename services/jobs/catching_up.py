"""After an upgrade: products whose checks were made by older code have them made again, before anybody looks."""

from __future__ import annotations

from services.container import Container
from services.jobs.workbench import WORKBENCH, enqueue_workbench
from services.quality_reports import report_version
from services.repositories.artifacts import ArtifactRepository
from services.repositories.jobs import JobRepository
from services.unit_of_work import unit_of_work

AT_ONCE = 1
"""Products asked for at a time: what people upload meanwhile waits for these at most."""


class CatchingUp:
    """One walk over all products, newest first; each is asked for once, whatever comes of it."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._before: int | None = None
        self.is_done = False

    def step(self) -> int:
        """Ask for the checks of the next products that have a table but no report of the present checks; how many.

        Nothing is asked for while such work is waiting already.
        """
        with unit_of_work(self._container.sessions) as unit:
            if JobRepository(unit.session).is_waiting(WORKBENCH):
                return 0
            found = ArtifactRepository(unit.session).without_report(report_version(), self._before, AT_ONCE)
            for product_id, owner_id, size_bytes in found:
                enqueue_workbench(self._container.jobs, unit, product_id, owner_id, size_bytes)
        self.is_done = len(found) < AT_ONCE
        self._before = found[-1][0] if found else self._before
        return len(found)
