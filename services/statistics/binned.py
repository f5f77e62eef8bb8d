"""Values laid out bin after bin, so that each bin is one stretch that can be walked over as often as quantiles need.

They lie in memory while they are few and in a temporary file beyond: memory does not grow with the table.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from services.statistics.row_kernels import count_bins, put_in_place

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MakePieces = Callable[[], Iterator[tuple[FloatArray, IntArray]]]
"""Starts a new walk over values and the numbers of their bins; a value whose bin is negative lies in none."""

IN_MEMORY = 2**21
"""Values kept in memory (16 MiB); more go to a temporary file."""
STRETCH = 2**18


@dataclass(frozen=True, slots=True)
class Binned:
    """Values by bin: those of bin k are ``values[starts[k]:starts[k + 1]]``."""

    values: FloatArray
    starts: IntArray

    def walk(self, bin_number: int) -> Callable[[], Iterator[FloatArray]]:
        """Walks over the values of one bin."""
        return stretches(self.of(bin_number))

    def of(self, bin_number: int) -> FloatArray:
        """Values of one bin, not copied."""
        return self.values[self.starts[bin_number] : self.starts[bin_number + 1]]

    def filled(self, at_least: int) -> list[int]:
        """Numbers of the bins that hold so many values."""
        return np.flatnonzero(np.diff(self.starts) >= at_least).tolist()


def stretches(values: FloatArray) -> Callable[[], Iterator[FloatArray]]:
    """Walks over values of any number, a few at a time."""

    def walk() -> Iterator[FloatArray]:
        for at in range(0, values.size, STRETCH):
            yield values[at : at + STRETCH]
            let_go(values)

    return walk


def let_go(values: FloatArray) -> None:
    """Of values in a file, keep none in the memory of this process; the next look fetches them again."""
    mapped: mmap.mmap | None = getattr(values, "_mmap", None)
    if mapped is not None:
        mapped.madvise(mmap.MADV_DONTNEED)


def room(n_values: int, spool: IO[bytes]) -> FloatArray:
    """Place for values: in memory, or in the open temporary file when they are many."""
    if n_values > IN_MEMORY:
        return np.memmap(spool, np.float64, "w+", shape=(n_values,))
    return np.empty(n_values)


def bin_numbers(values: FloatArray, edges: FloatArray) -> IntArray:
    """Bin k of each value, ``edges[k] <= x < edges[k + 1]``; -1 for NaN and beyond the ends."""
    found = np.searchsorted(edges, values, side="right") - 1
    found[~((values >= edges[0]) & (values < edges[-1]))] = -1
    return found


def laid_out(pieces: MakePieces, n_bins: int, spool: IO[bytes]) -> Binned:
    """All values in two walks: one counts, one puts each value to its place (the order inside a bin is kept)."""
    counts = np.zeros(n_bins, np.int64)
    for _, bins in pieces():
        count_bins(bins, counts)
    starts = np.concatenate([[0], np.cumsum(counts)])
    values = room(int(starts[-1]), spool)
    free = starts[:-1].copy()
    for numbers, bins in pieces():
        put_in_place(numbers, bins, free, np.asarray(values))
        let_go(values)
    return Binned(values, starts)
