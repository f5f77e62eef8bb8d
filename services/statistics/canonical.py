"""The canonical table, opened for reading: one row group at a time, floats without a copy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from services.statistics.arrow_types import dtype_word
from services.statistics.transforms import transformed

Numbers = NDArray[np.floating[Any]]

KEEP_BYTES = 24 * 2**20
"""Decoded columns kept while several statistics walk over the same ones."""

Wanted = tuple[str, str]
"""Name of a column and of the transform its values go through."""


class CanonicalTable:
    """Columns of one canonical table. Not for use by several threads at once; open one per request."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self._file = file
        self._schema: pa.Schema = file.schema_arrow
        self._kept: OrderedDict[Wanted, list[Numbers]] = OrderedDict()
        self._kept_bytes = 0
        self.memo: dict[Any, Any] = {}
        """Results that several statistics share, such as the quartiles of the redshifts."""

    @classmethod
    def open(cls, source: str | Path | pa.NativeFile) -> Self:
        """Open a table by local path or as an arrow file; reads the footer only.

        Read-ahead is off: handing one column to another thread and back costs more than reading it.
        """
        return cls(pq.ParquetFile(source, pre_buffer=False))

    def close(self) -> None:
        """Release the file."""
        self._file.close()
        self._kept.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return int(self._file.metadata.num_rows)

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

    def arrow_chunks(self, names: Sequence[str]) -> Iterator[list[pa.Array]]:
        """Per row group one arrow array per name, untouched."""
        columns = list(dict.fromkeys(names))
        for group in range(self.n_groups):
            table = self._file.read_row_group(group, columns=columns, use_threads=False)
            yield [table.column(name).combine_chunks() for name in names]

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
        keeping = self.n_rows * 8 * len(wanted) <= KEEP_BYTES
        for arrays in self.arrow_chunks([name for name, _ in wanted]):
            numbers = tuple(transformed(a, transform) for a, (_, transform) in zip(arrays, wanted, strict=True))
            if keeping:
                for part, values in zip(parts, numbers, strict=True):
                    part.append(values)
            yield numbers
        if keeping:
            for item, part in zip(wanted, parts, strict=True):
                self._keep(item, part)

    def _keep(self, item: Wanted, parts: list[Numbers]) -> None:
        if item in self._kept:
            return
        self._kept[item] = parts
        self._kept_bytes += sum(part.nbytes for part in parts)
        while self._kept_bytes > KEEP_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= sum(part.nbytes for part in dropped)
