"""Small canonical tables made from numpy arrays, through the real writer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from services.models.tables import TableColumn, TableInfo
from services.statistics.arrow_types import dtype_word
from services.statistics.canonical import CanonicalTable
from services.statistics.canonical_writer import write_canonical


class ArrayReader:
    """A reader over arrays in memory, in batches of any size."""

    def __init__(self, columns: Mapping[str, Any], batch_rows: int = 1000) -> None:
        arrays = {
            name: values if isinstance(values, pa.Array) else pa.array(values) for name, values in columns.items()
        }
        self._batch = pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
        self._batch_rows = batch_rows
        described = tuple(TableColumn(name, dtype_word(values.type)) for name, values in arrays.items())
        self.info = TableInfo("memory", described, self._batch.num_rows)

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        for start in range(0, self._batch.num_rows, self._batch_rows):
            yield self._batch.slice(start, self._batch_rows)

    def close(self) -> None:
        """Nothing to release."""


def canonical_path(folder: Path, columns: Mapping[str, Any], batch_rows: int = 1000) -> Path:
    """Canonical Parquet file of some arrays."""
    path = folder / "canonical.parquet"
    write_canonical(ArrayReader(columns, batch_rows), path)
    return path


def canonical_table(folder: Path, columns: Mapping[str, Any]) -> CanonicalTable:
    """The same, opened."""
    return CanonicalTable.open(canonical_path(folder, columns))


def redshifts(n: int, dtype: str = "float32", seed: int = 1) -> np.ndarray:
    """Redshifts with every trap: NaN, infinities, sentinels, out of range, values on edges."""
    rng = np.random.default_rng(seed)
    values = rng.gamma(2.0, 0.4, n).round(3)
    traps = [np.nan, np.inf, -np.inf, -1.0, 9.99, 9.999, 99.0, -99.0, 12.0, 11.99, -0.05, -0.01, 0.0, 0.1, 0.3, 0.7]
    values[rng.integers(0, n, n // 5)] = rng.choice(traps, n // 5)
    return values.astype(dtype)


def valid_redshifts(values: np.ndarray) -> np.ndarray:
    """The reference: plain numpy, by the words of the rule."""
    marks = np.array([-1, -9, -9.99, -99, -99.9, -999, -9999, 9.99, 9.999, 9.9999, 99, 99.9, 999, 9999])
    wide = values.astype(np.float64)
    good = np.isfinite(wide) & (wide > -0.05) & (wide < 12) & ~np.isin(values, marks.astype(values.dtype))
    return wide[good]
