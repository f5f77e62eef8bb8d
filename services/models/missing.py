"""Where values are missing in a table."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import IntArray, Tally


@dataclass(frozen=True, eq=False, slots=True)
class MissingMap(Detail):
    """Missing values of the shown ``columns`` in equal blocks of rows: ``counts`` int64 (n_columns, n_blocks).

    Block k holds the rows ``row_edges[k]`` to ``row_edges[k + 1]`` (from 0), in the order of the file, of a cut's rest
    under a cut. ``roles`` are the roles of the shown columns, empty texts for those without one. ``totals`` int64 are
    the missing values of ``all_columns``, in file order. Missing is what is absent, a sentinel, or outside the valid
    range of the role.
    """

    columns: tuple[str, ...]
    roles: tuple[str, ...]
    row_edges: IntArray
    counts: IntArray
    all_columns: tuple[str, ...]
    totals: IntArray
    tally: Tally
