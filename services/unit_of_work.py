"""One change of the database from beginning to end: everything or nothing, then the work that must follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError  # noqa: A004
from sqlalchemy.orm import Session, sessionmaker

from services.errors import Unavailable

Sessions: TypeAlias = sessionmaker[Session]
"""Where the services get their sessions from: one a process, made by the container."""
WRITES = "pz_writes"
"""Execution option that says: this transaction will write, so take the lock now (SQLite)."""


class UnitOfWork:
    """A session that is committed once, and what to do after that.

    Attributes
    ----------
    session : Session
        Rows added or changed here become visible to others together, at the end of the ``with`` block.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._followers: list[Callable[[], object]] = []

    def after_commit(self, work: Callable[[], object]) -> None:
        """Do this once the change is safely stored; never when it was rolled back."""
        self._followers.append(work)

    def _follow(self) -> None:
        for work in self._followers:
            work()


@contextmanager
def _answering() -> Iterator[None]:
    """Unavailable in place of what drivers raise when the server is gone, overloaded or full."""
    try:
        yield
    except (OperationalError, InterfaceError, TimeoutError) as error:
        raise Unavailable("The database does not answer right now. Try again in a moment.") from error


@contextmanager
def unit_of_work(sessions: Sessions) -> Iterator[UnitOfWork]:
    """Change the database: commit at the end of the block, roll back when it raises."""
    with _answering(), sessions() as session:
        session.connection(execution_options={WRITES: True})
        unit = UnitOfWork(session)
        yield unit
        session.commit()
    unit._follow()


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """Read the database as it stands at one moment, without keeping anybody waiting."""
    with _answering(), sessions() as session:
        yield session
