"""Times in UTC on both back ends, and references that hold."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from services.container import Container
from services.models.products import FileRole
from services.schema import GroupRow, ProductFileRow, ProductRow
from services.unit_of_work import reading, unit_of_work
from tests.support.products import draft, person, with_file


def test_times_come_back_as_the_same_moment_in_utc(container: Container) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-3)))
    with unit_of_work(container.sessions) as unit:
        unit.session.add(GroupRow(name="inner", created_at=moment))
    with reading(container.sessions) as session:
        found = session.scalar(select(GroupRow.created_at))
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


def test_times_without_a_zone_are_refused(container: Container) -> None:
    with pytest.raises(StatementError, match="zone"), unit_of_work(container.sessions) as unit:
        unit.session.add(GroupRow(name="inner", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_a_product_has_one_main_file_whatever_happens(container: Container) -> None:
    made = draft(container, person(container, "owner1"))
    with_file(container, made, "a.csv")
    with_file(container, made, "b.csv", FileRole.AUXILIARY)
    with_file(container, made, "c.csv", FileRole.AUXILIARY)
    with pytest.raises(IntegrityError):
        with_file(container, made, "d.csv")
    with pytest.raises(IntegrityError):
        with_file(container, made, "b.csv", FileRole.DESCRIPTION)


def test_statuses_and_references_are_checked_by_the_database(container: Container) -> None:
    made = draft(container, person(container, "owner1"))
    with pytest.raises(IntegrityError), unit_of_work(container.sessions) as unit:
        unit.session.get_one(ProductRow, made.id).status = 5
    with pytest.raises(IntegrityError), unit_of_work(container.sessions) as unit:
        unit.session.get_one(ProductRow, made.id).owner_id = 99


def test_what_belongs_to_a_product_goes_with_its_row(container: Container) -> None:
    made = draft(container, person(container, "owner1"))
    with_file(container, made)
    with unit_of_work(container.sessions) as unit:
        unit.session.delete(unit.session.get_one(ProductRow, made.id))
    with reading(container.sessions) as session:
        assert session.scalars(select(ProductFileRow)).all() == []
