"""Counts that a browser takes along, so that plots follow a cut while it is being dragged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.cuts.tree import Value
from services.models.statistics import FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class LiveAxis:
    """One axis: ``values`` of a category, or ``edges`` (float64) of numbers; neither where the table has no column.

    ``plot`` is the statistic whose bins these are, ``word`` stands for the column in a cut, where a cut can limit it.
    Places along a category: one per value, other values, missing. Along numbers: missing, below the edges, one per
    bin, above the edges. The only place of an axis without a column takes every row.
    """

    name: str
    plot: str = ""
    column: str = ""
    word: str = ""
    values: tuple[Value | None, ...] = ()
    edges: FloatArray | None = None

    @property
    def n_places(self) -> int:
        """Length of the axis."""
        if not self.column:
            return 1
        return len(self.values) + 2 if self.edges is None else self.edges.size + 2


@dataclass(frozen=True, eq=False, slots=True)
class LiveCube:
    """Rows counted over flag, redshift and magnitude: ``counts`` uint32, every row in exactly one place.

    ``n_total`` are the rows of the table, ``n_cut`` those that a cut had taken away before.
    """

    axes: tuple[LiveAxis, LiveAxis, LiveAxis]
    counts: NDArray[np.uint32]
    n_total: int
    n_cut: int = 0
