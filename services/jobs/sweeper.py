"""Removes what nobody refers to any more: blobs without a row, files staged and forgotten, expired archives."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from services.container import Container
from services.errors import NotFound
from services.repositories.artifacts import ArtifactRepository
from services.repositories.people import forget_ended_sessions
from services.repositories.prepared import PreparedRepository
from services.repositories.staged_files import StagedFileRepository
from services.schema import utc_now
from services.unit_of_work import reading, unit_of_work
from services.users import SESSION_LIFETIME

KEEP = timedelta(hours=24)
"""Bytes come before rows, so young bytes without a row may be about to get one."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """How much a sweep removed."""

    n_staged: int
    n_archives: int
    n_blobs: int
    n_leftovers: int
    n_sessions: int


def sweep(container: Container, *, keep: timedelta = KEEP) -> Swept:
    """Remove staged files and unreferenced blobs older than ``keep``, and prepared downloads that have expired."""
    before = utc_now() - keep
    data_dir = container.settings.resolved_data_dir
    swept = Swept(
        n_staged=_forget_staged(container, before),
        n_archives=_forget_prepared(container),
        n_blobs=_remove_orphans(container, before),
        n_leftovers=container.storage.remove_abandoned(before)
        + _remove_old(data_dir / "work", before)
        + _remove_old(data_dir / "cache" / "archives", before),  # where the first release kept archives
        n_sessions=_forget_sessions(container),
    )
    _log.info("Swept", extra={"swept": swept})
    return swept


def _forget_staged(container: Container, before: datetime) -> int:
    with unit_of_work(container.sessions) as unit:
        staged = StagedFileRepository(unit.session)
        return sum(staged.remove(staged_id) for staged_id in staged.older_than(before))


def _forget_prepared(container: Container) -> int:
    with unit_of_work(container.sessions) as unit:
        return PreparedRepository(unit.session).remove_expired(utc_now())


def _forget_sessions(container: Container) -> int:
    """Log-outs whose cookies have expired by themselves."""
    with unit_of_work(container.sessions) as unit:
        return forget_ended_sessions(unit.session, utc_now() - SESSION_LIFETIME)


def _remove_orphans(container: Container, before: datetime) -> int:
    with reading(container.sessions) as session:
        needed = ArtifactRepository(session).needed_keys()
    return sum(
        _remove_orphan(container, blob.key, before) for blob in container.storage.blobs() if blob.key not in needed
    )


def _remove_orphan(container: Container, key: str, before: datetime) -> bool:
    """Remove one blob after a second look, since the same bytes may have arrived again meanwhile."""
    try:
        modified_at = container.storage.stat(key).modified_at
    except NotFound:  # a sweep on another machine was quicker
        return False
    with reading(container.sessions) as session:
        is_needed = ArtifactRepository(session).is_needed(key)
    if is_needed or modified_at is None or modified_at >= before:
        return False
    container.storage.delete(key)
    return True


def _remove_old(folder: Path, before: datetime) -> int:
    """Remove files and folders in a folder that nobody has touched since."""
    old = [path for path in folder.glob("*") if _is_old(path, before)]
    for path in old:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return len(old)


def _is_old(path: Path, before: datetime) -> bool:
    """Whether nobody has touched it since; what vanished a moment ago was in use."""
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
