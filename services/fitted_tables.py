"""Tables of several products under one cut: where it does not fit a table, all of its rows count, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.cut_tables import CutTables
from services.cuts.tree import Cut, CutError
from services.cuts.writing import written
from services.product_tables import ProductTable, ProductTables
from services.statistics.canonical import CanonicalTable


@dataclass(frozen=True, slots=True)
class FittedTable:
    """One table under the cut, or whole with the reason in ``note``."""

    found: ProductTable
    cut: Cut | None
    note: str = ""

    @property
    def key(self) -> str:
        """Changes with the table, its roles and the cut."""
        return f"{self.found.signature} {written(self.cut) if self.cut else ''}"


class FittedTables:
    """Finds out where a cut fits and opens what it leaves."""

    def __init__(self, tables: ProductTables, cut_tables: CutTables) -> None:
        self._tables = tables
        self._cut_tables = cut_tables

    def fitted(self, found: ProductTable, cut: Cut | None) -> FittedTable:
        """The table with the cut, or without where it does not fit."""
        if cut is None:
            return FittedTable(found, None)
        try:
            with self._cut_tables.opened(found, cut):
                return FittedTable(found, cut)
        except CutError as error:
            return FittedTable(found, None, f"The cut does not fit, so all rows count. {error.message}")

    @contextmanager
    def opened(self, part: FittedTable) -> Iterator[CanonicalTable]:
        """The rows that count, for the length of a ``with`` block."""
        opened = self._tables.opened(part.found) if part.cut is None else self._cut_tables.opened(part.found, part.cut)
        with opened as table:
            yield table
