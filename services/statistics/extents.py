"""The range of quantities over the rows that count, in one pass of compiled loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cuts.bound import Bound
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_masks import Mask
from services.statistics.cuts import tallied
from services.statistics.kernels import compiled
from services.statistics.measured import Measured

EMPTY_RANGE = (0.0, 1.0)
"""Axis when there is no value, as numpy has it."""


@compiled
def keep_valid(values: NDArray[Any], low: float, high: float, sentinels: NDArray[np.float64], keep: Mask) -> None:
    """Clear ``keep`` where a value is not ``low < x < high`` or is a sentinel."""
    for i in range(values.size):
        value = float(values[i])
        valid = (value > low) & (value < high)
        for sentinel in sentinels:
            valid &= value != sentinel
        keep[i] &= valid


@compiled
def extent(values: NDArray[Any], keep: Mask) -> tuple[float, float]:
    """Smallest and largest of the values kept; (inf, -inf) when there are none."""
    least, most = np.inf, -np.inf
    for i in range(values.size):
        if keep[i]:
            value = float(values[i])
            least = min(least, value)
            most = max(most, value)
    return least, most


@dataclass(slots=True)
class _Ends:
    """Smallest and largest values so far, one per quantity."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def extents(table: CanonicalTable, quantities: Sequence[Measured], cut: Bound | None) -> list[tuple[float, float]]:
    """Range of each quantity over the rows that pass the cut and where all of them have a value; 0..1 without any."""

    def step(state: _Ends, chunk: tuple[NDArray[Any], ...], keep: Mask) -> None:
        here = keep if keep.size else np.ones(chunk[0].size, np.bool_)
        for values, one in zip(chunk, quantities, strict=True):
            keep_valid(values, one.quantity.low, one.quantity.high, one.sentinels(values.dtype), here)
        for place, values in enumerate(chunk):
            low, high = extent(values, here)
            state.low[place], state.high[place] = min(state.low[place], low), max(state.high[place], high)

    def start() -> _Ends:
        return _Ends(np.full(len(quantities), np.inf), np.full(len(quantities), -np.inf))

    parts = tallied(table, [(one.column, one.transform) for one in quantities], cut, start, step)
    lows = np.stack([part.low for part in parts]).min(axis=0)
    highs = np.stack([part.high for part in parts]).max(axis=0)
    return [(float(low), float(high)) if low <= high else EMPTY_RANGE for low, high in zip(lows, highs, strict=True)]
