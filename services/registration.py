"""Registering the table of a product: a first look at its main file gives columns, their meaning and the rows.

This is quick, so that a program can associate columns and publish at once; a quiet ingest (``services.jobs``) then
reads the file from end to end for statistics.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services import access
from services.columns.matching import guess_roles, open_candidates, role_map
from services.errors import Conflict, UnreadableTable
from services.file_names import clean_file_name, unique_name
from services.jobs.ingest import table_facts
from services.jobs.judgement import reader_notes, unusable_notes
from services.jobs.looking import Look, Looker, Task
from services.jobs.merging import merged_columns
from services.jobs.service import INGEST, QUIET, JobService
from services.models.identity import Actor
from services.models.products import Product, ProductColumn, ProductStatus
from services.models.roles import RoleGuess
from services.product_types import PRODUCT_TYPES, ProductType
from services.repositories.files import FileRepository
from services.repositories.ingests import IngestRepository, IngestSubject, MainFile
from services.repositories.jobs import JobRepository
from services.repositories.products import ProductRepository
from services.settings import Settings
from services.storage.base import Blob, BlobStore
from services.unit_of_work import Sessions, UnitOfWork, reading, unit_of_work

_MOST_TRIES = 5
"""Looks taken when the main file is exchanged while it is looked at."""
_OPEN = (ProductStatus.REGISTERING, ProductStatus.FAILED)


@dataclass(frozen=True, slots=True)
class _Found:
    """What looking at a main file came to. Without ``look`` there is no table; ``unpacked`` takes the file's place."""

    look: Look | None = None
    reason: str = ""
    unpacked: Blob | None = None


class RegistrationService:
    """The first look at main files. Asks ``services.access`` first."""

    def __init__(
        self, sessions: Sessions, storage: BlobStore, jobs: JobService, looker: Looker, settings: Settings
    ) -> None:
        self._sessions = sessions
        self._storage = storage
        self._jobs = jobs
        self._looker = looker
        self._work = settings.resolved_data_dir / "work"

    def get_ready(self) -> None:
        """A main file has come, so ``register_table`` will be asked for soon."""
        self._looker.get_ready()

    def register_table(self, actor: Actor, product_id: int) -> Product:
        """Find the columns of the main file, guess what they mean, and have the file read for statistics.

        What people said about columns stays, also that a column means nothing. Calling it again, or several times at
        once, is safe. A single table in an archive takes the place of the archive, for types that need a table.

        Returns
        -------
        Product
            A draft afterwards, also if an earlier main file had failed; a published product stays published.

        Raises
        ------
        Conflict
            If there is no main file.
        UnreadableTable
            If the type needs a table and the file holds none; the product has failed then, and says why.
        """
        for _ in range(_MOST_TRIES):
            product, subject, main_file = self._subject(actor, product_id)
            if product.status is ProductStatus.PROCESSING and self._is_being_read(product_id):
                return product
            found = self._looked(subject, main_file)
            if self._stored(actor, subject, found):
                return self._result(actor, product_id, found)
        raise Conflict("The main file was exchanged again and again while it was looked at. Try again.")

    def _subject(self, actor: Actor, product_id: int) -> tuple[Product, IngestSubject, MainFile]:
        with reading(self._sessions) as session:
            product = ProductRepository(session).find(product_id)
            access.require_edit(actor, product)
            assert product is not None
            subject = IngestRepository(session).subject(product_id)
        if subject.main_file is None:
            raise Conflict("This product has no main file, so there is nothing to register. Upload a main file first.")
        return product, subject, subject.main_file

    def _is_being_read(self, product_id: int) -> bool:
        with reading(self._sessions) as session:
            return JobRepository(session).active(product_id) is not None

    def _looked(self, subject: IngestSubject, main_file: MainFile) -> _Found:
        kind = PRODUCT_TYPES[subject.product_type]
        if not kind.is_tabular:
            return _Found()
        may_unpack = bool(kind.needed_roles) and subject.status is not ProductStatus.PUBLISHED
        with self._storage.local_path(main_file.key) as path, self._corner() as corner:
            task = Task(str(path), main_file.name, unpack_to=str(corner) if may_unpack else None)
            try:
                look = self._looker.look(task)
            except UnreadableTable as error:
                return _Found(reason=error.message)
            unpacked = None if look.unpacked_name is None else self._storage.put_file(corner, consume=True)
        return _Found(look, unpacked=unpacked)

    @contextmanager
    def _corner(self) -> Iterator[Path]:
        """Place for an unpacked table, free again afterwards."""
        self._work.mkdir(parents=True, exist_ok=True)
        corner = self._work / f"unpacked-{secrets.token_hex(8)}"
        try:
            yield corner
        finally:
            corner.unlink(missing_ok=True)

    def _stored(self, actor: Actor, subject: IngestSubject, found: _Found) -> bool:
        """Keep what was found; False when the main file is another one by now."""
        with unit_of_work(self._sessions) as unit:
            products = IngestRepository(unit.session)
            products.lock(subject.product_id)
            access.require_edit(actor, ProductRepository(unit.session).find(subject.product_id))
            present = products.subject(subject.product_id)
            if present.main_file != subject.main_file:
                return False
            if self._is_failure(present, found):
                products.mark_failed(present.product_id, found.reason)
                ProductRepository(unit.session).note_event(
                    present.product_id, actor.user_id, "failed", reason=found.reason
                )
                return True
            _keep(unit, present, found)
            if found.look is not None:
                self._send(unit, actor, present.product_id)
            return True

    def _is_failure(self, subject: IngestSubject, found: _Found) -> bool:
        return found.look is None and bool(PRODUCT_TYPES[subject.product_type].needed_roles)

    def _send(self, unit: UnitOfWork, actor: Actor, product_id: int) -> None:
        if JobRepository(unit.session).active(product_id) is None:
            payload = {"publish_when_ready": False, QUIET: True}
            self._jobs.enqueue(unit, INGEST, product_id, actor.user_id, payload)

    def _result(self, actor: Actor, product_id: int, found: _Found) -> Product:
        product, subject, _ = self._subject(actor, product_id)
        if self._is_failure(subject, found):
            raise UnreadableTable(f"{found.reason} Remove this main file, upload one that can be read, register again.")
        return product


def _keep(unit: UnitOfWork, subject: IngestSubject, found: _Found) -> None:
    """Columns, rows, notes and the state of a product whose main file was looked at."""
    products = IngestRepository(unit.session)
    kind = PRODUCT_TYPES[subject.product_type]
    if subject.status in _OPEN:
        products.set_status(subject.product_id, ProductStatus.REGISTERING)
    if found.look is None:
        notes = (f"There are no plots: the main file is not read as a table. {found.reason}",) if found.reason else ()
        products.describe(subject.product_id, n_rows=None, n_columns=None, notes=notes)
        products.replace_columns(subject.product_id, ())
        return
    look = found.look
    columns = _columns(subject, look)
    products.describe(
        subject.product_id, n_rows=look.info.n_rows, n_columns=len(columns), notes=_notes(kind, look, columns)
    )
    products.replace_columns(subject.product_id, columns)
    assert subject.main_file is not None
    products.describe_main_file(subject.main_file.id, look.info.n_rows, table_facts(look.info))
    if found.unpacked is not None and look.unpacked_name is not None:
        files = FileRepository(unit.session)
        taken = set(files.names(subject.product_id)) - {subject.main_file.name}
        name = unique_name(clean_file_name(look.unpacked_name), taken)
        files.replace_content(subject.main_file.id, name, found.unpacked)


def _columns(subject: IngestSubject, look: Look) -> tuple[ProductColumn, ...]:
    guesses: tuple[RoleGuess, ...] = guess_roles(look.profiles, subject.product_type)
    return merged_columns(subject.columns, look.profiles, guesses, keep_guesses=True)


def _notes(kind: ProductType, look: Look, columns: tuple[ProductColumn, ...]) -> tuple[str, ...]:
    roles = role_map(columns)
    notes = reader_notes(kind, look.info, roles, open_candidates(look.profiles, kind.name))
    return (*notes, *unusable_notes(kind, look.profiles, roles))
