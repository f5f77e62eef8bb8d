"""The canonical table, opened for reading: one row group at a time, floats without a copy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import accumulate, count
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from services.statistics.arrow_types import dtype_word
from services.statistics.row_values import PlainColumns
from services.statistics.transforms import transformed

Numbers = NDArray[np.floating[Any]]

KEEP_BYTES = 12 * 2**20
"""Decoded columns kept while several statistics walk over the same ones."""

WORKERS = 2
"""Threads that count in one large table. Reading and counting both run outside the interpreter's lock."""

State = TypeVar("State")
Item = TypeVar("Item")
Result = TypeVar("Result")

Wanted = tuple[str, str]
"""Name of a column and of the transform its values go through."""


class CanonicalTable:
    """Columns of one canonical table. One per request: its methods are not for several threads at once."""

    def __init__(self, source: str | Path | pa.NativeFile, metadata: pq.FileMetaData | None = None) -> None:
        self._source = source
        self._workers = WORKERS
        self._file = pq.ParquetFile(source, metadata=metadata, pre_buffer=False)
        self._schema: pa.Schema = self._file.schema_arrow
        self._plain = PlainColumns(Path(source)) if isinstance(source, str | Path) else None
        self._kept: OrderedDict[Wanted, list[Numbers]] = OrderedDict()
        self._kept_bytes = 0
        self.memo: dict[Any, Any] = {}
        """Results that several statistics share, such as the quartiles of the redshifts."""

    @classmethod
    def open(cls, source: str | Path | pa.NativeFile) -> Self:
        """Open a table by local path or as an arrow file; reads the footer only.

        Read-ahead is off: handing one column to another thread and back costs more than reading it.
        """
        return cls(source)

    def close(self) -> None:
        """Release the file."""
        self._file.close()
        if self._plain is not None:
            self._plain.close()
        self._kept.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def source(self) -> str | Path | pa.NativeFile:
        """What it was opened from."""
        return self._source

    @property
    def metadata(self) -> pq.FileMetaData:
        """Footer of the file."""
        return self._file.metadata

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return int(self._file.metadata.num_rows)

    def numbers_in_file(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers (from 0) that rows of this table have in the file: rows keep them under a cut."""
        return rows

    @property
    def n_groups(self) -> int:
        """Row groups of the file."""
        return int(self._file.metadata.num_row_groups)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in file order."""
        return tuple(self._schema.names)

    def dtype(self, name: str) -> str:
        """Type of a column in the words of ``TableColumn``."""
        return dtype_word(self._schema.field(name).type)

    def group_rows(self, group: int) -> int:
        """Rows of one row group."""
        return int(self._file.metadata.row_group(group).num_rows)

    def group_arrays(self, group: int, names: Sequence[str]) -> list[pa.Array]:
        """One arrow array per name out of one row group, untouched."""
        return self._arrays(self._file, group, names)

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self._schema

    def arrow_chunks(self, names: Sequence[str]) -> Iterator[list[pa.Array]]:
        """Per row group one arrow array per name, untouched."""
        for group in range(self.n_groups):
            yield self._arrays(self._file, group, names)

    def chunks(self, name: str, transform: str = "") -> Iterator[Numbers]:
        """Numbers of one column per row group: float32 or float64, NaN for missing; integers as float64."""
        for (numbers,) in self.columns_chunks(((name, transform),)):
            yield numbers

    def columns_chunks(self, wanted: Sequence[Wanted]) -> Iterator[tuple[Numbers, ...]]:
        """Numbers of several columns per row group, row by row aligned."""
        if all(item in self._kept for item in wanted):
            yield from zip(*(self._kept[item] for item in wanted), strict=True)
            return
        parts: list[list[Numbers]] = [[] for _ in wanted]
        keeping = self._keepable(wanted)
        for arrays in self.arrow_chunks([name for name, _ in wanted]):
            numbers = _transformed(arrays, wanted)
            if keeping:
                for part, values in zip(parts, numbers, strict=True):
                    part.append(values)
            yield numbers
        if keeping:
            for item, part in zip(wanted, parts, strict=True):
                self._keep(item, part)

    def tallied(
        self,
        wanted: Sequence[Wanted],
        start: Callable[[], State],
        step: Callable[[State, tuple[Numbers, ...]], None],
    ) -> list[State]:
        """What ``step`` adds up over all row groups, in as many parts as threads took part.

        Each thread has a state of its own from ``start`` and takes the next row group that nobody has taken, so the
        order of the row groups is nobody's to rely on. Small tables are walked by one thread, which keeps the columns.
        """
        if self._keepable(wanted):
            state = start()
            for numbers in self.columns_chunks(wanted):
                step(state, numbers)
            return [state]

        def transform(state: State, _first_row: int, arrays: list[pa.Array]) -> None:
            step(state, _transformed(arrays, wanted))

        return self.walked([name for name, _ in wanted], start, transform)

    def walked(
        self, names: Sequence[str], start: Callable[[], State], step: Callable[[State, int, list[pa.Array]], None]
    ) -> list[State]:
        """As ``tallied`` on the stored arrays: ``step`` is given the number of the first row and an array per name."""
        groups = count()
        sizes = [self._file.metadata.row_group(group).num_rows for group in range(self.n_groups)]
        first_rows = list(accumulate(sizes, initial=0))

        def work(file: pq.ParquetFile) -> State:
            state = start()
            while (group := next(groups)) < self.n_groups:
                step(state, first_rows[group], self._arrays(file, group, names))
            return state

        if self._workers == 1 or self.n_groups < 2 * self._workers:
            return [work(self._file)]
        with ThreadPoolExecutor(self._workers - 1, "tally") as helpers:
            others = [helpers.submit(work, self._opened_again()) for _ in range(self._workers - 1)]
            return [work(self._file), *(other.result() for other in others)]

    def each(self, items: Sequence[Item], work: Callable[[CanonicalTable, Item], Result]) -> list[Result]:
        """Results of ``work`` in the order of the items, by two threads; each has a table of its own to ask.

        The tables share ``memo``: what one thread found out, the other need not compute.
        """
        numbers = count()
        found: dict[int, Result] = {}

        def run(table: CanonicalTable) -> None:
            while (number := next(numbers)) < len(items):
                found[number] = work(table, items[number])

        with ThreadPoolExecutor(WORKERS - 1, "each") as helpers, ExitStack() as opened:
            twins = [opened.enter_context(self._twin()) for _ in range(WORKERS)]
            others = [helpers.submit(run, twin) for twin in twins[1:]]
            run(twins[0])
            for other in others:
                other.result()
        return [found[number] for number in range(len(items))]

    def _twin(self) -> Self:
        """The same table for one thread, which then does all walking itself."""
        return self._sharing(type(self)(self._source, self._file.metadata))

    def _sharing(self, twin: Self) -> Self:
        twin.memo = self.memo
        twin._workers = 1
        return twin

    def _opened_again(self) -> pq.ParquetFile:
        return pq.ParquetFile(self._source, metadata=self._file.metadata, pre_buffer=False)

    def _arrays(self, file: pq.ParquetFile, group: int, names: Sequence[str]) -> list[pa.Array]:
        """Columns of a row group, through ``file`` where they are not stored plain."""
        plain = {name: self._plain.array(name, group) if self._plain else None for name in dict.fromkeys(names)}
        coded = [name for name, array in plain.items() if array is None]
        table = file.read_row_group(group, columns=coded, use_threads=False) if coded else None
        if table is not None:
            plain |= {name: table.column(name).combine_chunks() for name in coded}
        return [plain[name] for name in names]

    def _keepable(self, wanted: Sequence[Wanted]) -> bool:
        return self.n_rows * 8 * len(wanted) <= KEEP_BYTES

    def _keep(self, item: Wanted, parts: list[Numbers]) -> None:
        if item in self._kept:
            return
        self._kept[item] = parts
        self._kept_bytes += sum(part.nbytes for part in parts)
        while self._kept_bytes > KEEP_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= sum(part.nbytes for part in dropped)


def _transformed(arrays: Sequence[pa.Array], wanted: Sequence[Wanted]) -> tuple[Numbers, ...]:
    return tuple(transformed(values, transform) for values, (_, transform) in zip(arrays, wanted, strict=True))
