"""What every table reader does: look at a file, say what is in it, walk through it in bounded memory."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import pyarrow as pa

from services.errors import NotATable, UnreadableTable
from services.models.tables import TableColumn, TableInfo

OWN_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})

BATCH_ROWS = 65_536
"""Rows a reader aims at per batch: a quarter of a row group of the canonical table, which keeps memory low."""

BATCH_BYTES = 64 * 2**20
"""Bytes of a batch a reader stays below, so that wide tables do not need more memory than long ones."""


class TableReader(Protocol):
    """A table in a file, opened without reading its rows.

    Both members raise ``UnreadableTable`` with one sentence that names the file, the place and the reason.
    """

    @property
    def info(self) -> TableInfo:
        """Columns, units, place and warnings. ``n_rows`` is None where only reading all rows would tell."""

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order. Column names are unique and equal ``info.columns``; types are those declared there.

        Missing values are nulls, or NaN in float columns. Text is pa.string(); vectors are fixed-size lists.
        """

    def close(self) -> None:
        """Release the file."""


class Surprise(Exception):
    """A table is not what samples of it promised: nothing is wrong with it, but it must be read the thorough way."""


class Trial(Protocol):
    """One walk through a table of which only samples are known: columns and rows are right unless it breaks off."""

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """The columns, if the samples tell the truth."""

    @property
    def n_rows_expected(self) -> int:
        """About how many rows there will be."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows in file order; raises ``Surprise`` as soon as one contradicts the samples."""


@runtime_checkable
class TriedReader(Protocol):
    """A reader that may offer a trial. Its ``info`` costs nothing after a whole trial, and a scan of the file else."""

    @property
    def trial(self) -> Trial | None:
        """The trial that is open to the first who asks for all rows, if there is one."""


class ClosingReader:
    """What readers share: a name for messages, and closing at the end of a ``with`` block."""

    def __init__(self, name: str) -> None:
        self.name = name

    def close(self) -> None:
        """Release the file; readers that keep one open override this."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def unreadable(name: str, reason: str) -> UnreadableTable:
    """The one sentence (or two) about a file that holds no readable table."""
    return UnreadableTable(f"{name}: {reason}")


def not_a_table(name: str, reason: str) -> NotATable:
    """The same about a file that never was meant as a table."""
    return NotATable(f"{name}: {reason}")


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the formats registry.

    ``sniff`` gets the first 64 KiB of the (unpacked) file and its lower-case name and answers how sure it is, 0..100;
    content beats suffix. ``open`` opens a local, unpacked file.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes, str], int]
    open: Callable[[Path, str], TableReader]


def is_own_disk(error: BaseException) -> bool:
    """Whether an error is the portal's own disk being full or broken, which is no fault of the file."""
    return isinstance(error, OSError) and error.errno in OWN_DISK
