"""Tables under a cut: which rows pass is found out once for each table and cut, then kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from services.cuts.tree import Cut
from services.cuts.writing import written
from services.kept import Kept
from services.product_tables import ProductTable, ProductTables
from services.statistics.cut_table import CutTable, KeptRows
from services.statistics.cuts import bound_cut
from services.statistics.overview import present_roles

KEPT_CUTS = 32
"""Cuts whose rows are kept in memory per process: one bit a row, so 1.25 MB for ten million rows."""


class CutTables:
    """Opens what a cut leaves of a table."""

    def __init__(self, tables: ProductTables) -> None:
        self._tables = tables
        self._kept: Kept[KeptRows] = Kept(KEPT_CUTS)
        self._counting = threading.Lock()

    @contextmanager
    def opened(self, found: ProductTable, cut: Cut) -> Iterator[CutTable]:
        """The rows that pass, for the length of a ``with`` block.

        Raises
        ------
        CutError
            If the cut does not fit the table.
        """
        rows = self._rows(found, cut)
        with self._tables.opened(found) as table, CutTable.holding(table, rows) as kept:
            yield kept

    def _rows(self, found: ProductTable, cut: Cut) -> KeptRows:
        """Evaluate a cut, one after the other, so that many cuts at once need no more memory than one."""
        key = f"{found.signature} {written(cut)}"
        if (known := self._kept.get(key)) is not None:
            return known
        with self._counting:
            if (known := self._kept.get(key)) is not None:
                return known
            with self._tables.opened(found) as table:
                bound = bound_cut(table, present_roles(table, found.roles), cut)
                assert bound is not None
                return self._kept.put(key, KeptRows.of(table, bound))
