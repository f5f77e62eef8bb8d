"""One change: everything or nothing, then what must follow."""

import threading

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from services.container import Container
from services.schema import GroupRow
from services.unit_of_work import reading, unit_of_work


def _n_groups(container: Container) -> int:
    with reading(container.sessions) as session:
        return session.scalar(select(func.count()).select_from(GroupRow)) or 0


def test_rows_are_there_before_the_work_that_follows(container: Container) -> None:
    seen: list[int] = []
    with unit_of_work(container.sessions) as unit:
        unit.session.add(GroupRow(name="inner"))
        unit.after_commit(lambda: seen.append(_n_groups(container)))
        assert seen == []
    assert seen == [1]


def test_an_error_undoes_everything_and_nothing_follows(container: Container) -> None:
    followed: list[str] = []

    def stumble() -> None:
        with unit_of_work(container.sessions) as unit:
            unit.session.add(GroupRow(name="inner"))
            unit.session.flush()
            unit.after_commit(lambda: followed.append("done"))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        stumble()
    assert (_n_groups(container), followed) == (0, [])


def test_a_refused_commit_is_followed_by_nothing(container: Container) -> None:
    followed: list[str] = []

    def collide() -> None:
        with unit_of_work(container.sessions) as unit:
            unit.after_commit(lambda: followed.append("done"))
            unit.session.add_all((GroupRow(name="inner"), GroupRow(name="inner")))

    with pytest.raises(IntegrityError):
        collide()
    assert (_n_groups(container), followed) == (0, [])


def test_writers_wait_for_one_another(container: Container) -> None:
    """Read, think, write in eight threads: a writer that had not taken its turn would overwrite or fail."""
    with unit_of_work(container.sessions) as unit:
        unit.session.add(GroupRow(name="0"))

    def count_up() -> None:
        with unit_of_work(container.sessions) as unit:
            row = unit.session.scalars(select(GroupRow).with_for_update()).one()
            row.name = str(int(row.name) + 1)

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(container.sessions) as session:
        assert session.scalar(select(GroupRow.name)) == "8"


def test_readers_do_not_wait_for_a_writer(container: Container) -> None:
    with unit_of_work(container.sessions) as unit:
        unit.session.execute(text("INSERT INTO groups (name, created_at) VALUES ('inner', '2026-01-01 00:00:00')"))
        assert _n_groups(container) == 0
    assert _n_groups(container) == 1
