"""Checks made by older code are made again after an upgrade, each product once."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from services.jobs import catching_up
from services.jobs.catching_up import CatchingUp
from services.jobs.workbench import WORKBENCH, run_workbench
from services.models.quality import Verdict
from services.repositories.artifacts import QUALITY
from services.schema import ArtifactRow, JobRow
from services.unit_of_work import reading, unit_of_work
from tests.support.ingests import catalogue_csv, ingested
from tests.support.products import person


@pytest.fixture
def owner(container):
    return person(container, "owner1")


def waiting(container) -> list[int]:
    """Ids of the products whose work waits, oldest job first."""
    with reading(container.sessions) as session:
        rows = session.query(JobRow).where(JobRow.kind == WORKBENCH, JobRow.state == "queued").order_by(JobRow.id)
        return [row.payload["product_id"] for row in rows]


def work(container) -> None:
    """Do all that waits."""
    with reading(container.sessions) as session:
        ids = [row.id for row in session.query(JobRow).where(JobRow.kind == WORKBENCH, JobRow.state == "queued")]
    for job_id in ids:
        job = container.jobs.claim(job_id, "test")
        assert job is not None
        run_workbench(container, job)


def age(container, *product_ids: int) -> None:
    """As if the checks of these products had been made by another version of the code."""
    with unit_of_work(container.sessions) as unit:
        report = ArtifactRow.kind == QUALITY, ArtifactRow.product_id.in_(product_ids)
        unit.session.execute(update(ArtifactRow).where(*report).values(version=-1))


def test_old_reports_are_made_again_and_current_ones_are_left(container, owner):
    old, new, deleted = (ingested(container, owner, catalogue_csv()).id for _ in range(3))
    work(container)
    age(container, old, deleted)
    container.catalog.delete(owner, deleted)
    assert container.quality.verdict(owner, old) is None
    walk = CatchingUp(container)
    assert (walk.step(), waiting(container)) == (1, [old])
    work(container)
    assert (walk.step(), walk.is_done) == (0, True)
    assert container.quality.verdict(owner, old) in set(Verdict)
    assert CatchingUp(container).step() == 0
    assert waiting(container) == []
    assert new != old


def test_products_come_in_small_parts_and_none_twice(container, owner, monkeypatch):
    monkeypatch.setattr(catching_up, "AT_ONCE", 2)
    ids = [ingested(container, owner, catalogue_csv()).id for _ in range(3)]
    work(container)
    age(container, *ids)
    walk = CatchingUp(container)
    assert (walk.step(), waiting(container), walk.is_done) == (2, [ids[2], ids[1]], False)
    assert walk.step() == 0, "the first part is still waiting"
    work(container)
    age(container, *ids)  # as if nothing had come of it
    assert (walk.step(), waiting(container), walk.is_done) == (1, [ids[0]], True)
