"""A histogram in parts: by the values of a flag or a survey."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import Histogram, IntArray


@dataclass(frozen=True, eq=False, slots=True)
class GroupedHistogram(Detail):
    """``counts`` int64 (n_groups, n_bins) on the edges of ``whole``, to whose counts they add up.

    ``groups`` are the most frequent values of ``column``, after them perhaps all others and the rows without one.
    """

    label: str
    column: str
    groups: tuple[str, ...]
    counts: IntArray
    whole: Histogram
