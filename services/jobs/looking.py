"""A first look at a file: columns, dialect, number of rows, and what its first rows hold. Quick for files of any size.

The look is done by ``services.jobs.looking_child``, for the reason that jobs have: what people upload meets parsers
written in C. Measured on 90 MB of CSV: 0.6 s with the process at hand, 1.5 s with its start.
"""

from __future__ import annotations

import json
import threading
import time
import weakref
from dataclasses import asdict, dataclass
from typing import Any

from services.errors import NotATable, Unavailable, UnreadableTable
from services.jobs.processes import Child
from services.models.tables import ColumnProfile, TableColumn, TableInfo
from services.settings import MIB, Settings

MODULE = "services.jobs.looking_child"
WALL_S = 90.0
"""Longest look; proxies give up on a request soon after."""
MEMORY_LIMIT_BYTES = 2 * 2**30
KEPT_MEMORY_BYTES = 500 * MIB
"""A process that grew beyond is not kept for the next look."""
POLL_S = 0.1
MOST_AT_ONCE = 2
"""Looks of one server process at the same time; others wait, so that many uploads do not fill the memory."""
_TOO_LONG = "looking at the file took too long and was ended. Split it, or save it as Parquet or FITS."
_TOO_MUCH = "looking at the file needed too much memory and was ended. Save it as Parquet or FITS."
_BROKE_OFF = "the process that read the file broke off: the file may be damaged."


@dataclass(frozen=True, slots=True)
class Task:
    """A file to look at: where it lies, how it is called, and where to put the table of an archive (None: nowhere)."""

    path: str
    name: str
    unpack_to: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a first look finds. ``profiles`` are made from the first rows; ``info.n_rows`` is exact, or None.

    ``unpacked_name`` is the name of the table inside an archive that was unpacked as asked.
    """

    info: TableInfo
    profiles: tuple[ColumnProfile, ...]
    unpacked_name: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values for the way between processes."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Look:
        """Back from plain values."""
        columns = tuple(TableColumn(**column) for column in found["info"]["columns"])
        listed = {name: tuple(found["info"][name]) for name in ("warnings", "grid")}
        profiles = tuple(ColumnProfile(**{**p, "examples": tuple(p["examples"])}) for p in found["profiles"])
        return cls(TableInfo(**{**found["info"], **listed, "columns": columns}), profiles, found["unpacked_name"])


class _Bench:
    """Where one process waits for the next task."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None

    def taken(self) -> Child | None:
        """The waiting process, if there is one and it lives."""
        with self._lock:
            child, self._child = self._child, None
        if child is None or not child.has_ended():
            return child
        child.end()
        return None

    def put(self, child: Child) -> None:
        """Let a process wait, or end it when one waits already."""
        with self._lock:
            spare = child if self._child else None
            self._child = self._child or child
        if spare is not None:
            spare.end()

    def clear(self) -> None:
        """End what waits."""
        child = self.taken()
        if child is not None:
            child.end()


class Looker:
    """Looks at files in processes of its own; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bench = _Bench()
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        weakref.finalize(self, self._bench.clear)

    def get_ready(self) -> None:
        """Start a process ahead of need, so that its imports are done when it is wanted."""
        self._bench.put(self._bench.taken() or Child(self._settings, MODULE))

    def look(self, task: Task) -> Look:
        """Look at a file.

        Raises
        ------
        UnreadableTable, NotATable
            With one sentence that names the file and the reason.
        Unavailable
            If the disk of the portal does not take what is unpacked.
        """
        with self._places:
            return _understood(self._taken(task))

    def _taken(self, task: Task) -> dict[str, Any]:
        child = self._bench.taken() or Child(self._settings, MODULE)
        is_sound = False
        try:
            answer = self._answer(child, task)
            is_sound = child.resident_bytes() < KEPT_MEMORY_BYTES
        finally:
            if is_sound:
                self._bench.put(child)
            else:
                child.end()
        return answer

    def _answer(self, child: Child, task: Task) -> dict[str, Any]:
        deadline = time.monotonic() + WALL_S
        child.send(json.dumps(asdict(task)))
        while (line := child.answer(POLL_S)) is not None:
            if line:
                answer: dict[str, Any] = json.loads(line)
                return answer
            if time.monotonic() > deadline:
                raise UnreadableTable(f"{task.name}: {_TOO_LONG}")
            if child.resident_bytes() > MEMORY_LIMIT_BYTES:
                raise UnreadableTable(f"{task.name}: {_TOO_MUCH}")
        raise UnreadableTable(f"{task.name}: {_BROKE_OFF}")


def _understood(answer: dict[str, Any]) -> Look:
    if "look" in answer:
        return Look.from_json(answer["look"])
    kinds = {"not_a_table": NotATable, "unreadable": UnreadableTable}
    raise kinds.get(answer["refused"], Unavailable)(answer["reason"])
