"""Profiles of columns, gathered while a table streams by: what the guess of roles may look at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.models.tables import ColumnProfile, TableColumn
from services.statistics.arrow_types import present_values, stored_numbers
from services.statistics.moment_kernel import summarise
from services.statistics.validity import PROFILE

SAMPLE_BYTES = 12 * 2**20
"""Memory for the samples from which medians are taken; a table that fits has exact medians."""

N_EXAMPLES = 5
EXAMPLE_ROWS = 256
"""Rows at the head of each batch in which examples are looked for."""


def number_text(value: Any) -> str:
    """Shortest text that reads back as the same number in the precision of the column."""
    return str(value)


class ProfileBuilder:
    """Profile of one column, batch by batch."""

    def __init__(self, column: TableColumn, sample_rows: int) -> None:
        self._column = column
        self._n_rows = 0
        self._n_valid = 0
        self._low, self._high = np.inf, -np.inf
        self._examples: list[str] = []
        self._first: Any = None
        self._is_constant = True
        self._sample = _StridedSample(sample_rows)

    def add(self, values: pa.Array) -> None:
        """Take in one batch of the column in its canonical type."""
        self._look_for_examples(values)
        if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
            self._add_numbers(as_numbers(values))
        else:
            self._add_others(values)
        self._n_rows += len(values)

    def _add_numbers(self, numbers: NDArray[Any]) -> None:
        sentinels = PROFILE.sentinels_as(numbers.dtype)
        _, _, n_used, low, high, _, _ = summarise(numbers, -np.inf, np.inf, sentinels)
        self._n_valid += n_used
        self._low, self._high = min(self._low, low), max(self._high, high)
        self._sample.add(numbers)

    def _add_others(self, values: pa.Array) -> None:
        self._n_valid += len(values) - values.null_count
        if not self._is_constant or pa.types.is_fixed_size_list(values.type):
            self._is_constant = False
            return
        present = values.drop_null()
        if len(present) and self._first is None:
            self._first = present[0]
        if len(present):
            self._is_constant = bool(pc.all(pc.equal(present, self._first)).as_py())

    def _look_for_examples(self, values: pa.Array) -> None:
        if len(self._examples) < N_EXAMPLES and not pa.types.is_fixed_size_list(values.type):
            for text in example_texts(values.slice(0, EXAMPLE_ROWS)):
                if text not in self._examples and len(self._examples) < N_EXAMPLES:
                    self._examples.append(text)

    def profile(self) -> ColumnProfile:
        """The profile of all batches taken in."""
        column = self._column
        bare = ColumnProfile(
            name=column.name,
            dtype=column.dtype,
            n_rows=self._n_rows,
            n_valid=self._n_valid,
            unit=column.unit,
            ucd=column.ucd,
            description=column.description,
            examples=tuple(self._examples),
        )
        if not bare.is_numeric:
            return replace(bare, is_constant=self._is_constant and self._n_valid > 0)
        if self._n_valid == 0:
            return bare
        return replace(
            bare,
            minimum=float(self._low),
            maximum=float(self._high),
            median=self._sample.median(),
            is_constant=bool(self._low == self._high),
        )


def as_numbers(values: pa.Array) -> NDArray[Any]:
    """Numbers of a canonical array, floats without a copy; integers and booleans as float64 with NaN for null."""
    if pa.types.is_floating(values.type) and not values.null_count:
        return stored_numbers(values)
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.uint8())
    numbers = stored_numbers(values).astype(np.float32 if values.type == pa.float32() else np.float64)
    if values.null_count:
        numbers[~present_values(values)] = np.nan
    return numbers


def example_texts(values: pa.Array) -> list[str]:
    """Distinct present values of a short array as text, in order of appearance."""
    if pa.types.is_floating(values.type):
        numbers = stored_numbers(values)
        items = [number_text(x) for x in numbers[np.isfinite(numbers)][: 4 * N_EXAMPLES]]
    else:
        items = [str(x) for x in values.drop_null()[: 4 * N_EXAMPLES].to_pylist()]
    return list(dict.fromkeys(items))


class _StridedSample:
    """Every k-th value of a stream; k doubles whenever the sample outgrows its limit. Exact while k is one."""

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 1024)
        self._parts: list[NDArray[Any]] = []
        self._n_kept = 0
        self._n_seen = 0
        self._stride = 1

    def add(self, numbers: NDArray[Any]) -> None:
        start = -self._n_seen % self._stride
        part = numbers[start :: self._stride].copy()
        self._n_seen += numbers.size
        self._parts.append(part)
        self._n_kept += part.size
        while self._n_kept > self._limit:
            everything = np.concatenate(self._parts)[::2].copy()
            self._parts, self._n_kept, self._stride = [everything], everything.size, 2 * self._stride

    def median(self) -> float | None:
        numbers = np.concatenate(self._parts)
        sentinels = PROFILE.sentinels_as(numbers.dtype)
        valid = numbers[np.isfinite(numbers) & ~np.isin(numbers, sentinels.astype(numbers.dtype))]
        return float(np.median(valid.astype(np.float64))) if valid.size else None
