"""Is everything there that the portal needs? One finding for each part, none of them changes anything."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from services.database import build_engine, check_database
from services.errors import PZServerError, Unavailable
from services.jobs.queue import open_queue
from services.settings import Settings
from services.storage.registry import open_store

_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one part: ``message`` says what is in use, or what is wrong and what to do."""

    part: str
    is_fine: bool
    message: str


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Findings about settings, database, storage, queue and disk, in this order."""
    parts: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("settings", _settings),
        ("database", _database),
        ("storage", _storage),
        ("queue", _queue),
        ("disk", _disk),
    )
    return tuple(_finding(part, check, settings) for part, check in parts)


def _finding(part: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(part, is_fine=True, message=check(settings))
    except PZServerError as error:
        return Finding(part, is_fine=False, message=error.message)
    except OSError as error:
        return Finding(part, is_fine=False, message=f"{error.strerror or error} ({error.filename or part}).")


def _settings(settings: Settings) -> str:
    settings.resolved_secret_key()
    demo = ", demo mode" if settings.demo else ""
    return f"{settings.environment}{demo}, http://{settings.host}:{settings.port}, data in {settings.resolved_data_dir}"


def _database(settings: Settings) -> str:
    engine = build_engine(settings)
    try:
        return check_database(engine)
    finally:
        engine.dispose()


def _storage(settings: Settings) -> str:
    open_store(settings.resolved_storage_url).check()
    return "written, read and removed a few bytes"


def _queue(settings: Settings) -> str:
    open_queue(settings).check()
    return "shared" if settings.queue_url else "embedded"


def _disk(settings: Settings) -> str:
    free = shutil.disk_usage(settings.resolved_data_dir).free
    if free < settings.upload_max_bytes:
        raise Unavailable(
            f"Only {free / _GIB:.1f} GiB are free, less than one upload may take "
            f"({settings.upload_max_bytes / _GIB:.1f} GiB). Make room or lower PZSERVER_UPLOAD_MAX_BYTES."
        )
    return f"{free / _GIB:.1f} GiB free"
