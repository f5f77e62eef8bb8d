"""Details: computed once, kept in the store, computed again when roles change, counted under a cut."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import services.details
from services.container import Container, build_container
from services.cuts.tree import CutError
from services.errors import NotFound
from services.jobs.workbench import WORKBENCH, run_workbench
from services.models.identity import Actor
from services.models.jobs import JobState
from services.models.products import Product
from services.repositories.artifacts import QUALITY, ArtifactRepository, detail_kind
from services.schema import JobRow
from services.statistics.details import DETAILS
from services.unit_of_work import reading
from tests.support.ingests import ingested
from tests.support.products import draft, person

N = 500
CUT = "z_spec < 0.8"


def _columns() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    z_spec = random.gamma(2, 0.4, N).round(4)
    return z_spec, (z_spec + 0.05 * (1 + z_spec) * random.standard_normal(N)).clip(0).round(4)


def _csv() -> bytes:
    rows = (f"{k},{spec},{phot}" for k, (spec, phot) in enumerate(zip(*_columns(), strict=True)))
    return "\n".join(["id,z_spec,z_phot", *rows, ""]).encode()


@pytest.fixture
def owner(sqlite_container: Container) -> Actor:
    return person(sqlite_container, "owner1")


@pytest.fixture
def product(sqlite_container: Container, owner: Actor) -> Product:
    return ingested(sqlite_container, owner, _csv(), kind="validation_results")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """One entry each time the errors are computed: whether over all rows."""
    calls: list[bool] = []
    row = DETAILS["dz"]

    def compute(table: Any, roles: Any, whole: Any) -> Any:
        calls.append(whole is None)
        return row.compute(table, roles, whole)

    monkeypatch.setattr(services.details, "DETAILS", {**DETAILS, "dz": replace(row, compute=compute)})
    return calls


def test_a_detail_is_computed_once_and_then_comes_from_the_store(
    sqlite_container: Container, owner: Actor, product: Product, counted: list[bool]
) -> None:
    first: Any = sqlite_container.details.detail(owner, product.id, "dz")
    z_spec, z_phot = _columns()
    assert np.array_equal(first.counts, np.histogram((z_phot - z_spec) / (1 + z_spec), first.edges)[0])
    elsewhere = build_container(sqlite_container.settings)
    again: Any = elsewhere.details.detail(owner, product.id, "dz")
    assert np.array_equal(again.counts, first.counts)
    assert again.tally == first.tally
    assert counted == [True]


def test_under_a_cut_the_axis_stays_and_rows_add_up(
    sqlite_container: Container, owner: Actor, product: Product, counted: list[bool]
) -> None:
    found: Any = sqlite_container.details.detail(owner, product.id, "dz", CUT)
    z_spec, z_phot = _columns()
    left = z_spec < 0.8
    wanted = np.histogram(((z_phot - z_spec) / (1 + z_spec))[left], found.edges)[0]
    assert np.array_equal(found.counts, wanted)
    assert (found.tally.n_total, found.tally.n_cut) == (N, N - left.sum())
    assert sqlite_container.details.detail(owner, product.id, "dz", f"  {CUT} ") is found
    assert counted == [True, False]


def test_changed_roles_make_it_anew(
    sqlite_container: Container, owner: Actor, product: Product, counted: list[bool]
) -> None:
    sqlite_container.details.detail(owner, product.id, "dz")
    sqlite_container.catalog.set_role(owner, product.id, "z_phot", None)
    assert sqlite_container.details.detail(owner, product.id, "dz") is None
    assert counted == [True, True]


def test_what_does_not_fit_is_refused(sqlite_container: Container, owner: Actor, product: Product) -> None:
    details = sqlite_container.details
    with pytest.raises(CutError):
        details.detail(owner, product.id, "dz", "nothing < 1")
    with pytest.raises(NotFound):
        details.detail(owner, product.id, "nothing")
    hidden = draft(sqlite_container, person(sqlite_container, "owner2"))
    with pytest.raises(NotFound):
        details.detail(owner, hidden.id, "dz")
    with pytest.raises(NotFound):
        details.offered(owner, hidden.id)


def _workbench_jobs(container: Container) -> list[int]:
    with reading(container.sessions) as session:
        return [row.id for row in session.query(JobRow).filter(JobRow.kind == WORKBENCH).order_by(JobRow.id)]


def _kept(container: Container, product: Product) -> set[str]:
    with reading(container.sessions) as session:
        return set(ArtifactRepository(session).of_product(product.id))


def test_after_reading_a_job_prepares_all_details_and_the_checks(
    sqlite_container: Container, owner: Actor, product: Product, counted: list[bool]
) -> None:
    (job_id,) = _workbench_jobs(sqlite_container)
    job = sqlite_container.jobs.claim(job_id, "test")
    assert job is not None
    assert job.product_id is None
    run_workbench(sqlite_container, job)
    assert sqlite_container.jobs.get(job_id).state is JobState.DONE
    offered = {detail_kind(row.name) for row in sqlite_container.details.offered(owner, product.id)}
    assert detail_kind("dz") in offered
    assert {*offered, QUALITY} <= _kept(sqlite_container, product)
    build_container(sqlite_container.settings).details.detail(owner, product.id, "dz")
    assert counted == [True]


def test_a_product_that_is_gone_needs_no_plots(sqlite_container: Container, owner: Actor, product: Product) -> None:
    (job_id,) = _workbench_jobs(sqlite_container)
    sqlite_container.catalog.delete(owner, product.id)
    job = sqlite_container.jobs.claim(job_id, "test")
    assert job is not None
    run_workbench(sqlite_container, job)
    assert sqlite_container.jobs.get(job_id).state is JobState.DONE
