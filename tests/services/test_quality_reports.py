"""Quality reports of products: made once, kept, made again when roles change, hidden with the product."""

from __future__ import annotations

import pytest

from services.catalog import CatalogService
from services.errors import NotFound
from services.jobs.workbench import WORKBENCH, run_workbench
from services.models.products import ProductQuery
from services.models.quality import Verdict
from services.product_tables import ProductTables
from services.quality.report import build_report
from services.quality_reports import QualityService, report_version
from services.repositories.artifacts import QUALITY, ArtifactRepository
from services.schema import JobRow
from services.unit_of_work import reading
from tests.support.ingests import catalogue_csv, ingested, submitted
from tests.support.products import person


@pytest.fixture
def owner(container):
    return person(container, "owner1")


@pytest.fixture
def product(container, owner):
    return ingested(container, owner, catalogue_csv())


def fresh(container) -> QualityService:
    tables = ProductTables(container.sessions, container.storage, container.catalog, container.jobs)
    return QualityService(tables)


def test_a_report_is_made_once_and_kept(container, owner, product, monkeypatch):
    made = container.quality.report(owner, product.id)
    assert made.verdict in set(Verdict)
    assert {check.name for check in made.checks} >= {"missing_redshift", "duplicates"}

    def forbidden(*_: object) -> None:
        raise AssertionError("made again although the stored report is current")

    monkeypatch.setattr("services.quality_reports.build_report", forbidden)
    assert fresh(container).report(owner, product.id) == made


def test_a_report_is_made_again_when_a_role_changes(container, owner, product):
    before = container.quality.report(owner, product.id)
    column = next(c.name for c in container.catalog.columns(owner, product.id) if c.role == "redshift")
    container.catalog.set_role(owner, product.id, column, None)
    after = container.quality.report(owner, product.id)
    assert any(check.name == "missing_redshift" for check in before.checks)
    assert not any(check.name == "missing_redshift" and check.column == column for check in after.checks)


def test_a_change_of_roles_asks_for_new_checks_by_itself(container, owner, product):
    column = next(c for c in container.catalog.columns(owner, product.id) if c.role == "redshift")
    with reading(container.sessions) as session:
        before = session.query(JobRow).where(JobRow.kind == WORKBENCH).count()
    container.catalog.set_role(owner, product.id, column.name, None)
    container.contents.describe_column(owner, column.id, {"alias": "z"})
    with reading(container.sessions) as session:
        rows = session.query(JobRow).where(JobRow.kind == WORKBENCH).order_by(JobRow.id).all()[before:]
    assert [(row.state, row.payload["product_id"]) for row in rows] == [("queued", product.id)] * 2
    run_workbench(container, container.jobs.claim(rows[-1].id, "test"))
    assert container.quality.verdict(owner, product.id) in set(Verdict)


def test_a_report_that_was_overtaken_by_a_change_of_roles_is_not_kept(container, owner, product, monkeypatch):
    column = next(c.name for c in container.catalog.columns(owner, product.id) if c.role == "redshift")

    def overtaken(*given: object) -> object:
        container.catalog.set_role(owner, product.id, column, None)
        return build_report(*given)

    monkeypatch.setattr("services.quality_reports.build_report", overtaken)
    container.quality.report(owner, product.id)
    with reading(container.sessions) as session:
        assert ArtifactRepository(session).find(product.id, QUALITY) is None


def test_a_lost_report_is_made_again(container, owner, product):
    made = container.quality.report(owner, product.id)
    found = ProductTables(container.sessions, container.storage, container.catalog, container.jobs).find(
        owner, product.id
    )
    container.storage.delete(found.artifacts["quality"].key)
    assert container.quality.report(owner, product.id).checks == made.checks


def test_hidden_products_have_no_report(container, owner):
    draft = submitted(container, owner, catalogue_csv())
    with pytest.raises(NotFound):
        container.quality.report(person(container, "stranger"), draft.id)


def test_a_verdict_is_that_of_the_kept_report_and_never_worked_out(container, owner, product, monkeypatch):
    monkeypatch.setattr("services.quality_reports.build_report", lambda *_: pytest.fail("worked out for a verdict"))
    assert fresh(container).verdict(owner, product.id) is None
    monkeypatch.undo()
    made = container.quality.report(owner, product.id)
    assert fresh(container).verdict(owner, product.id) is made.verdict
    assert container.quality.verdict(owner, product.id) is made.verdict
    column = next(c.name for c in container.catalog.columns(owner, product.id) if c.role == "redshift")
    container.catalog.set_role(owner, product.id, column, None)
    assert container.quality.verdict(owner, product.id) is None


def _listed(container, actor, *states):
    return {one.id for one in container.catalog.search(actor, ProductQuery(checks=states)).items}


def _choices(container, actor, *states):
    found = container.catalog.facets(actor, ProductQuery(checks=states)).checks
    return {choice.value: choice.count for choice in found}


def test_lists_are_filtered_by_what_the_checks_came_to(container, owner, product):
    other = submitted(container, owner, catalogue_csv(), "waiting.csv")
    assert _listed(container, owner, "not_run") == _listed(container, owner) == {product.id, other.id}
    assert _choices(container, owner) == {"not_run": 2}
    verdict = container.quality.report(owner, product.id).verdict.value
    assert _listed(container, owner, verdict) == {product.id}
    assert _listed(container, owner, "not_run") == {other.id}
    assert _listed(container, owner, verdict, "not_run") == {product.id, other.id}
    assert _choices(container, owner, "serious") == {"serious": 0} | {verdict: 1, "not_run": 1}
    container.catalog.delete(owner, product.id)
    assert _listed(container, owner, verdict) == set()


def test_a_verdict_that_no_longer_holds_is_not_found(container, owner, product):
    verdict = container.quality.report(owner, product.id).verdict.value
    later = CatalogService(container.sessions, report_version() + 1, container.jobs)
    assert [one.id for one in later.search(owner, ProductQuery(checks=("not_run",))).items] == [product.id]
    column = next(c.name for c in container.catalog.columns(owner, product.id) if c.role == "redshift")
    container.catalog.set_role(owner, product.id, column, None)
    assert _listed(container, owner, verdict) == set()
    assert _listed(container, owner, "not_run") == {product.id}


def test_no_verdict_without_a_table_and_none_of_hidden_products(container, owner):
    waiting = submitted(container, owner, catalogue_csv(), "waiting.csv")
    assert container.quality.verdict(owner, waiting.id) is None
    with pytest.raises(NotFound):
        container.quality.verdict(person(container, "stranger"), waiting.id)
