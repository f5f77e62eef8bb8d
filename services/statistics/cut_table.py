"""The rows of a table that pass a cut, as a table of their own: whatever counts a table counts them unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False, slots=True)
class KeptRows:
    """Which rows pass: a packed mask per row group in file order, and how many they are."""

    masks: tuple[PackedMask, ...] = ()
    n_rows: int = 0

    @classmethod
    def of(cls, table: CanonicalTable, cut: Bound) -> Self:
        """The rows a cut leaves; one scan."""
        return cls(*_evaluated(table, cut))


class CutTable(CanonicalTable):
    """Only the rows that are kept. Row groups stay as they are stored, so some may be empty."""

    def __init__(
        self,
        source: str | Path | pa.NativeFile,
        metadata: pq.FileMetaData | None = None,
        kept: KeptRows | None = None,
    ) -> None:
        super().__init__(source, metadata)
        self._kept_rows = kept or KeptRows()

    @classmethod
    def of(cls, table: CanonicalTable, cut: Bound) -> Self:
        """The part of a table that a cut leaves: the cut is evaluated once, here."""
        return cls.holding(table, KeptRows.of(table, cut))

    @classmethod
    def holding(cls, table: CanonicalTable, kept: KeptRows) -> Self:
        """The part of a table that consists of known rows."""
        return cls(table.source, table.metadata, kept)

    @property
    def n_rows(self) -> int:
        """Rows that pass."""
        return self._kept_rows.n_rows

    def numbers_in_file(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers that kept rows have in the file."""
        sizes = [super(CutTable, self).group_rows(group) for group in range(self.n_groups)]
        masks = zip(self._kept_rows.masks, sizes, strict=True)
        kept = [np.flatnonzero(np.unpackbits(packed, count=size)) for packed, size in masks]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        places = [place + start for place, start in zip(kept, starts[:-1].tolist(), strict=True)]
        numbers: NDArray[np.int64] = np.concatenate([np.empty(0, np.int64), *places])[rows]
        return numbers

    def _twin(self) -> Self:
        twin = type(self)(self._source, self._file.metadata, self._kept_rows)
        return self._sharing(twin)

    def _arrays(self, file: pq.ParquetFile, group: int, names: Sequence[str]) -> list[pa.Array]:
        n_stored = super().group_rows(group)
        keep = np.unpackbits(self._kept_rows.masks[group], count=n_stored).view(np.bool_)
        arrays = super()._arrays(file, group, names)
        if keep.all():
            return arrays
        chosen = pa.array(keep)
        return [array.filter(chosen) for array in arrays]


def _evaluated(table: CanonicalTable, cut: Bound) -> tuple[tuple[PackedMask, ...], int]:
    """Packed masks of all row groups in file order, and how many rows pass."""
    names = bound_columns(cut)
    found: dict[int, PackedMask] = {}

    def step(state: list[int], first_row: int, arrays: list[pa.Array]) -> None:
        keep = mask(cut, dict(zip(names, arrays, strict=True)))
        found[first_row] = np.packbits(keep)
        state.append(int(np.count_nonzero(keep)))

    parts = table.walked(names, list, step)
    return tuple(found[first_row] for first_row in sorted(found)), sum(n for part in parts for n in part)
