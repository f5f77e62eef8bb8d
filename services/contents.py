"""What is inside of products: files, columns and their words, and how to read the main file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services import access
from services.catalog import CatalogService
from services.column_association import describe
from services.errors import NotFound, UnreadableTable
from services.jobs.service import JobService
from services.jobs.workbench import check_again
from services.models.contents import ContentQuery, Dialect, FileEntry, MainFileFacts, Part
from services.models.identity import Actor
from services.models.products import FileRole, ProductColumn, ProductFile
from services.repositories.contents import NO_SUCH_COLUMN, ContentRepository, is_headerless, named_by_place
from services.repositories.products import ProductRepository
from services.schema import utc_now
from services.storage.base import BlobStore
from services.unit_of_work import Sessions, reading, unit_of_work

_DELIMITERS = {"tab": "\t", "blank": " ", "blanks": r"\s+"}
"""Words of ``TableInfo.delimiter`` as pandas takes them."""
_ANY = ","
"""Delimiter of a table of one column, which has none."""
_HEAD_BYTES = 2**20


class ContentService:
    """Files and columns of the products an actor may see. Every method asks ``services.access`` first."""

    def __init__(self, sessions: Sessions, storage: BlobStore, catalog: CatalogService, jobs: JobService) -> None:
        self._sessions = sessions
        self._jobs = jobs
        self._storage = storage
        self._catalog = catalog

    def columns(self, actor: Actor, query: ContentQuery) -> Part[ProductColumn]:
        """Columns under the names programs use; nothing of hidden products."""
        with reading(self._sessions) as session:
            return ContentRepository(session).columns(actor, query)

    def column(self, actor: Actor, column_id: int) -> ProductColumn:
        """One column; NotFound when there is none or its product is hidden."""
        found = self.columns(actor, ContentQuery(id=column_id)).items
        if not found:
            raise NotFound(NO_SUCH_COLUMN)
        return found[0]

    def files(self, actor: Actor, query: ContentQuery) -> Part[FileEntry]:
        """Files; nothing of hidden products."""
        with reading(self._sessions) as session:
            return ContentRepository(session).files(actor, query)

    def file(self, actor: Actor, file_id: int) -> FileEntry:
        """One file; NotFound when there is none or its product is hidden."""
        found = self.files(actor, ContentQuery(id=file_id)).items
        if not found:
            raise NotFound("There is no such file, or it is not open to you.")
        return found[0]

    def describe_column(self, actor: Actor, column_id: int, words: Mapping[str, str | None]) -> ProductColumn:
        """Set alias, UCD or both by the word of the owner; None or "" clears.

        An alias of the contract (RA, Dec, z, ...) gives the column that role and takes it from the column that had
        it; any other alias, or none, takes such a role away.

        Parameters
        ----------
        words : mapping
            Keys among "alias" and "ucd"; what is not named stays.

        Raises
        ------
        NotFound
            If there is no such column, or its product is hidden.
        NotAllowed
            If the product is somebody else's.
        InvalidInput
            If a word is too long or not on one line.
        """
        with unit_of_work(self._sessions) as unit:
            product_id = ContentRepository(unit.session).product_of(column_id)
            products = ProductRepository(unit.session)
            product_row = products.lock(product_id)
            access.require_edit(actor, products.find(product_id))
            assert product_row is not None
            rows = products.column_rows(product_id)
            row = next((one for one in rows if one.id == column_id), None)
            if row is None:  # the main file was exchanged a moment ago
                raise NotFound(NO_SUCH_COLUMN)
            if words:
                describe(rows, row, words)
                if "alias" in words:  # which may give the column another role
                    check_again(self._jobs, unit, product_id, actor.user_id)
                product_row.updated_at = utc_now()
                products.note_event(
                    product_id, actor.user_id, "role_set", column=row.name, role=row.role, band=row.band
                )
        return self.column(actor, column_id)

    def main_file(self, actor: Actor, product_id: int) -> MainFileFacts:
        """Everything a program needs to read the main file of a product; NotFound when the product is hidden."""
        product = self._catalog.get(actor, product_id)
        with reading(self._sessions) as session:
            products = ProductRepository(session)
            file = next((one for one in products.files(product_id) if one.role is FileRole.MAIN), None)
            if file is None:
                return MainFileFacts(product)
            info = ContentRepository(session).table_info(file.id)
            columns = tuple(named_by_place(one, file.name, info) for one in products.columns(product_id))
        dialect = self._dialect(file, info, columns) if file.name.lower().endswith(".csv") else None
        return MainFileFacts(product, file, columns, dialect)

    def _dialect(
        self, file: ProductFile, info: Mapping[str, Any] | None, columns: tuple[ProductColumn, ...]
    ) -> Dialect:
        has_joined = any(column.dtype.startswith("vector") for column in columns)  # the file has a name for each number
        if info is None or not columns or has_joined:
            return self._dialect_of_head(file)
        given = info.get("delimiter") or _ANY
        names = tuple(column.name for column in columns)
        return Dialect(_DELIMITERS.get(given, given), not is_headerless(file.name, info), names)

    def _dialect_of_head(self, file: ProductFile) -> Dialect:
        """The dialect by the first bytes, for a file nobody has registered; commas and no names when it is no text."""
        # These load compiled loops, which nothing else here needs.
        from services.formats.text import guess_layout
        from services.formats.text_dialect import NO_DELIMITER

        with self._storage.open(file.key) as stream:
            head = stream.read(_HEAD_BYTES)
        try:
            layout = guess_layout(file.name, head, len(head) < _HEAD_BYTES)
        except UnreadableTable:
            return Dialect(",", has_header=True, columns=())
        header, delimiter = layout.header, layout.grammar.delimiter
        pandas_delimiter = _ANY if delimiter == NO_DELIMITER else delimiter or _DELIMITERS["blanks"]
        names = header.names if header.has_header else tuple(str(place) for place in range(len(header.names)))
        return Dialect(pandas_delimiter, header.has_header, names)
