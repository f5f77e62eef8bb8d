"""The rows of a table that pass a cut, as a table of their own: whatever counts a table counts them unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from services.cuts.bound import Bound, bound_columns
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_masks import mask

PackedMask = NDArray[np.uint8]
"""One bit a row: ten million rows take 1.25 megabytes."""


class CutTable(CanonicalTable):
    """Only the rows that are kept. Row groups stay as they are stored, so some may be empty."""

    def __init__(
        self,
        source: str | Path | pa.NativeFile,
        metadata: pq.FileMetaData | None = None,
        kept: Sequence[PackedMask] = (),
        n_kept: int = 0,
    ) -> None:
        super().__init__(source, metadata)
        self._kept_rows = kept
        self._n_kept = n_kept

    @classmethod
    def of(cls, table: CanonicalTable, cut: Bound) -> Self:
        """The part of a table that a cut leaves: the cut is evaluated once, here."""
        kept, n_kept = _evaluated(table, cut)
        return cls(table.source, table.metadata, kept, n_kept)

    @property
    def n_rows(self) -> int:
        """Rows that pass."""
        return self._n_kept

    def _twin(self) -> Self:
        twin = type(self)(self._source, self._file.metadata, self._kept_rows, self._n_kept)
        return self._sharing(twin)

    def _arrays(self, file: pq.ParquetFile, group: int, names: Sequence[str]) -> list[pa.Array]:
        n_stored = super().group_rows(group)
        keep = np.unpackbits(self._kept_rows[group], count=n_stored).view(np.bool_)
        arrays = super()._arrays(file, group, names)
        if keep.all():
            return arrays
        chosen = pa.array(keep)
        return [array.filter(chosen) for array in arrays]


def _evaluated(table: CanonicalTable, cut: Bound) -> tuple[list[PackedMask], int]:
    """Packed masks of all row groups in file order, and how many rows pass."""
    names = bound_columns(cut)
    found: dict[int, PackedMask] = {}

    def step(state: list[int], first_row: int, arrays: list[pa.Array]) -> None:
        keep = mask(cut, dict(zip(names, arrays, strict=True)))
        found[first_row] = np.packbits(keep)
        state.append(int(np.count_nonzero(keep)))

    parts = table.walked(names, list, step)
    return [found[first_row] for first_row in sorted(found)], sum(n for part in parts for n in part)
