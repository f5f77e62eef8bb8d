"""What a writer gets: described columns, how many rows there will be, and the rows as often as it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from services.models.tables import TableColumn


@dataclass(frozen=True)
class Export:
    """Rows on their way out.

    ``batches`` starts a new walk over some of the columns, in the given order; ``title`` is the name of the product.
    """

    title: str
    columns: tuple[TableColumn, ...]
    schema: pa.Schema
    n_rows: int
    batches: Callable[[tuple[str, ...]], Iterator[pa.RecordBatch]]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def rows(self) -> Iterator[pa.RecordBatch]:
        """All columns, batch by batch."""
        return self.batches(self.names)


Write = Callable[[Export], Iterator[bytes]]


class Drain:
    """A file that hands on what was written to it, piece by piece: for writers that never go back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._place = 0
        self.closed = False

    def write(self, data: bytes | memoryview) -> int:
        """Take bytes."""
        self._parts.append(bytes(data))
        self._place += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        """Bytes written so far."""
        return self._place

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is held."""
        self.closed = True

    def seekable(self) -> bool:
        """Whether one can go back; never."""
        return False

    def readable(self) -> bool:
        """Whether it can be read; never."""
        return False

    def writable(self) -> bool:
        """Whether it can be written to; always."""
        return True

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken
