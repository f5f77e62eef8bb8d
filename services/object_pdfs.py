"""PDFs of single objects: found by id or row, read without the rest of the table."""

from __future__ import annotations

import re

from services.errors import InvalidInput, NotFound
from services.models.identity import Actor
from services.models.queries import ColumnFilter, TableQuery
from services.models.validation import ObjectPdf
from services.previews import PreviewService
from services.product_tables import ProductTables
from services.statistics.object_pdf import holds_pdfs, object_pdf
from services.statistics.overview import present_roles

_ROW = re.compile(r"(?:row\s*|#)?\s*([0-9]{1,15})", re.IGNORECASE)
_MARKED = re.compile(r"row|#", re.IGNORECASE)


class ObjectPdfService:
    """Answers from the table of a product the actor may see; errors as ``ProductTables`` raises them."""

    def __init__(self, tables: ProductTables, previews: PreviewService) -> None:
        self._tables = tables
        self._previews = previews

    def has_pdfs(self, actor: Actor, product_id: int) -> bool:
        """Whether the table holds PDFs that can be drawn."""
        found = self._tables.find(actor, product_id)
        if not found.roles.has("pdf"):
            return False
        with self._tables.opened(found) as table:
            return holds_pdfs(table, present_roles(table, found.roles))

    def pdf(self, actor: Actor, product_id: int, row: int) -> ObjectPdf | None:
        """The PDF in a row, counted from 1; the nearest row where there is none of that number.

        None when the object has no PDF: its values are all zero, or one of them is no number.
        """
        found = self._tables.find(actor, product_id)
        with self._tables.opened(found) as table:
            return object_pdf(table, present_roles(table, found.roles), row)

    def row_of(self, actor: Actor, product_id: int, words: str) -> int:
        """Row of an object by its id, or by the number of its row (``12`` where no id is 12, else ``row 12``).

        Raises
        ------
        NotFound
            If no object answers to that.
        """
        found, text = self._tables.find(actor, product_id), words.strip()
        number = _ROW.fullmatch(text)
        id_column = found.roles.column("id")
        if id_column and text and not (number and _MARKED.match(text)):
            row = self._by_id(actor, product_id, id_column, text)
            if row is not None:
                return row
        with self._tables.opened(found) as table:
            n_rows = table.n_rows
        if number and 1 <= int(number.group(1)) <= n_rows:
            return int(number.group(1))
        raise NotFound(f'No object has the id "{text[:60]}", and the table has no such row (1 to {n_rows:,}).')

    def _by_id(self, actor: Actor, product_id: int, column: str, text: str) -> int | None:
        query = TableQuery((column,), (ColumnFilter(column, "=", text),), limit=1)
        try:
            page = self._previews.rows(actor, product_id, query)
        except InvalidInput:
            return None  # words where ids are numbers
        return page.row_numbers[0] if page.row_numbers else None
