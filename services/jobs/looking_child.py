"""Takes first looks at files: ``python -m services.jobs.looking_child``, see ``services.jobs.looking``.

It takes tasks as lines of JSON on standard input and answers each with one line. It ends when its input ends, which is
how it notices that the server is gone, or when nothing was asked of it for a while.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import resource
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.errors import NotATable, UnreadableTable
from services.formats.base import TableReader, is_own_disk
from services.formats.registry import open_table
from services.formats.unpack import HEAD_BYTES, packing, unpack
from services.jobs.child_lines import follow_input, private_output
from services.jobs.looking import Look, Task
from services.models.tables import ColumnProfile
from services.statistics.arrow_types import canonical_array, canonical_schema
from services.statistics.column_profiles import ProfileBuilder

IDLE_S = 300.0
SAMPLE_ROWS = 200_000
SAMPLE_VALUES = 4_000_000
"""Rows are read until there are so many, or so many values in all columns together."""


def look_at(task: Task) -> Look:
    """Look at a file in this process; errors as for ``open_table``."""
    path, name, inner = Path(task.path), task.name, None
    with tempfile.TemporaryDirectory(prefix="look-") as corner:
        kind = _packing(path) if task.unpack_to else None
        if kind is not None and task.unpack_to is not None:
            unpacked, inner = unpack(path, name, Path(corner), kind)
            path, name = Path(task.unpack_to), inner
            shutil.move(unpacked, path)
        with _opened(path, name, Path(corner)) as reader:
            return Look(reader.info, _profiles(reader, name), inner)


def _packing(path: Path) -> str | None:
    with path.open("rb") as file:
        return packing(file.read(HEAD_BYTES))


@contextmanager
def _opened(path: Path, name: str, scratch: Path) -> Iterator[TableReader]:
    reader = open_table(path, name, scratch=scratch)
    try:
        yield reader
    finally:
        reader.close()


def _profiles(reader: TableReader, name: str) -> tuple[ColumnProfile, ...]:
    """Profiles of all columns from the first rows."""
    columns = reader.info.columns
    types = canonical_schema(columns).types  # taken once: each use of it makes a list of all columns
    wanted = max(1, min(SAMPLE_ROWS, SAMPLE_VALUES // len(columns)))
    builders = [ProfileBuilder(column, wanted) for column in columns]
    n_rows = 0
    for batch in reader.batches():
        sample = batch.slice(0, wanted - n_rows)
        for place, builder in enumerate(builders):
            builder.add(canonical_array(sample.column(place), types[place]))
        n_rows += sample.num_rows
        if n_rows >= wanted:
            break
    if n_rows == 0:
        raise UnreadableTable(f"{name}: the table has column names but not a single row.")
    return tuple(builder.profile() for builder in builders)


def _answered(task: Task) -> dict[str, Any]:
    try:
        return {"look": look_at(task).as_json()}
    except NotATable as error:
        return {"refused": "not_a_table", "reason": error.message}
    except UnreadableTable as error:
        return {"refused": "unreadable", "reason": error.message}
    except OSError as error:
        if not is_own_disk(error):
            raise
        return {"refused": "disk", "reason": "The portal cannot unpack the file: its disk is full or does not answer."}


def _rehearse() -> None:
    """Load what text files need, which are most, while nothing is asked yet."""
    with tempfile.TemporaryDirectory(prefix="look-") as corner:
        path = Path(corner) / "rehearsal.csv"
        path.write_text("id,ra,dec,z\n1,150.1,2.2,0.5\n2,150.2,2.3,0.6\n")
        look_at(Task(str(path), path.name))


def main() -> None:
    """Answer tasks until the input ends or nobody asks any more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = private_output()
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=follow_input, args=(lines,), daemon=True).start()
    if lines.empty():
        _rehearse()
    while True:
        try:
            task = Task(**json.loads(lines.get(timeout=IDLE_S)))
        except queue.Empty:
            return
        os.write(answers, f"{json.dumps(_answered(task))}\n".encode())


if __name__ == "__main__":
    main()
