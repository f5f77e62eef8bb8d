"""PDFs of single objects: found by id or row, read without the rest of the table."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.errors import InvalidInput, NotFound
from services.models.identity import Actor
from services.models.queries import ColumnFilter, TableQuery
from services.models.validation import ObjectPdf
from services.previews import PreviewService
from services.product_tables import ProductTables
from services.statistics.object_pdf import holds_pdfs, object_pdf
from services.statistics.overview import present_roles
from services.statistics.pdf_grid import pdf_column, pdf_width

_ROW = re.compile(r"(?:row\s*|#)?\s*([0-9]{1,15})", re.IGNORECASE)
_MARKED = re.compile(r"row|#", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PdfRedshifts:
    """At which redshifts the PDFs of a column lie: ``first`` and ``last`` are None where nobody said.

    ``width`` is how many numbers a PDF has; ``by_owner`` tells that the owner stated the redshifts, else the file did.
    """

    column: str
    width: int
    first: float | None = None
    last: float | None = None
    by_owner: bool = False


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

    def redshifts(self, actor: Actor, product_id: int) -> PdfRedshifts | None:
        """What is known of the redshifts of the PDFs; None when there are no PDFs, or only quantiles of them."""
        found = self._tables.find(actor, product_id)
        name = found.roles.column("pdf")
        if name is None:
            return None
        with self._tables.opened(found) as table:
            width, stated = pdf_width(table.schema, name), pdf_column(table.schema, found.roles)
        if stated is None:
            return PdfRedshifts(name, width) if width else None
        if not stated.form.axis(stated.grid).size:
            return None
        return PdfRedshifts(name, width, float(stated.grid[0]), float(stated.grid[-1]), stated.by_owner)

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
