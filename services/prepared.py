"""Downloads made ready: archives of whole products, built once per state of the product, and main files.

The truth is in the tables, the bytes are in the store: every server of the portal gives the same answer, and what a
killed process left undone is done by the next one.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from services.access import require_sight
from services.archives import Contents, build_archive
from services.catalog import CatalogService
from services.download_tokens import DownloadTokens
from services.errors import NotFound
from services.file_names import download_token
from services.jobs.archive import ARCHIVE
from services.jobs.service import JobService
from services.models.identity import Actor
from services.models.jobs import Job
from services.models.prepared import Prepared, PreparedKind
from services.models.products import FileRole, Product, ProductFile, ProductStatus
from services.repositories.prepared import PreparedRepository
from services.repositories.products import ProductRepository
from services.schema import utc_now
from services.settings import MIB, Settings
from services.storage.base import Blob, BlobStore
from services.unit_of_work import Sessions, UnitOfWork, reading, unit_of_work

KEEP = timedelta(hours=72)
RENEW_BELOW = KEEP - timedelta(hours=1)
"""One that is asked for again is kept longer, but not every question writes to the database."""
LOOK_EVERY_S = 0.1
MAX_WAITING = 3
"""Requests of a process that wait for archives at the same time; others hear at once that theirs is being made."""
INLINE_BYTES = 64 * MIB
"""Products up to this size are packed while the request waits: it takes well under a second, and needs no worker."""
NO_MAIN_FILE = "This product is described only: it has no main file to download."
NOT_PREPARED = "Nothing has been prepared from this product as it is now. Ask for it with POST .../prepare/ first."
GONE = "This archive is not kept any more. Prepare the download again."


@dataclass(frozen=True, slots=True)
class Source:
    """What a download is made from, as it stands now."""

    kind: PreparedKind
    contents: Contents
    name: str
    signature: str
    main_file: ProductFile | None = None

    @property
    def product_id(self) -> int:
        """Product it belongs to."""
        return self.contents.product.id


class PreparedService:
    """Makes downloads ready and gives them out; every method asks whether the actor may see the product."""

    def __init__(
        self, sessions: Sessions, storage: BlobStore, catalog: CatalogService, jobs: JobService, settings: Settings
    ) -> None:
        self._sessions = sessions
        self._storage = storage
        self._catalog = catalog
        self._jobs = jobs
        self._folder = settings.resolved_data_dir / "work"
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)
        self.tokens = DownloadTokens(settings)

    def prepare(self, actor: Actor, product_id: int, kind: PreparedKind, wait_s: float = 0.0) -> Prepared:
        """Make a download ready: the one there is while nothing changed, else a new one.

        Parameters
        ----------
        wait_s : float
            How long to wait for an archive that is being built.

        Returns
        -------
        Prepared
            Ready, being made, or failed within the time waited. What failed earlier is tried again.

        Raises
        ------
        NotFound
            If the product is hidden from the actor, or there is no main file and it was asked for.
        Unavailable
            If a small archive could not be written right now.
        """
        source = self._source(actor, product_id, kind)
        ready = self._ready(source)
        if ready is not None:
            return ready
        if source.main_file is not None:
            return self._settled(source, Blob(source.main_file.key, source.main_file.size_bytes))
        if source.contents.size_bytes <= INLINE_BYTES:
            return self._built(source)
        return self._awaited(self._ordered(actor, source), wait_s)

    def status(self, actor: Actor, product_id: int, kind: PreparedKind) -> Prepared:
        """How far a download is that was prepared; after a change of the product a new one is on its way.

        Raises
        ------
        NotFound
            If the product is hidden from the actor, or nothing was prepared.
        """
        source = self._source(actor, product_id, kind)
        with reading(self._sessions) as session:
            repository = PreparedRepository(session)
            found = repository.find(product_id, kind, source.signature)
            was_asked_for = repository.was_asked_for(product_id, kind)
        if not was_asked_for:
            raise NotFound(NOT_PREPARED)
        if found is None or (found.key is not None and not self._is_stored(found.key)):
            return self.prepare(actor, product_id, kind, wait_s=0.0)
        return found

    def fetched(self, actor: Actor, product_id: int, kind: PreparedKind, token: str) -> Prepared:
        """What a download address stands for: the same bytes while its token lives, also when the product changes.

        Raises
        ------
        NotAllowed
            If the token is not this person's, or not for this.
        NotFound
            If the product is hidden from the actor, or the bytes are not kept any more.
        """
        self._catalog.get(actor, product_id)
        key = self.tokens.key(actor, product_id, kind, token)
        with reading(self._sessions) as session:
            found = PreparedRepository(session).with_bytes(product_id, kind, key)
        if found is None or not self._is_stored(key):
            raise NotFound(GONE)
        return found

    def archive(self, actor: Actor, product_id: int) -> Prepared:
        """The archive of a product as it is now, built at once if it must be; errors as for ``prepare``."""
        source = self._source(actor, product_id, PreparedKind.PRODUCT)
        return self._ready(source) or self._built(source)

    def fulfil(self, job: Job) -> None:
        """Build the archive a job asks for, from the product as it is now. For workers: no rights are asked.

        Raises
        ------
        Conflict
            If the job was given to another worker meanwhile; nothing is stored then.
        NotFound
            If the product was deleted, or the bytes of a file are not in the store.
        Unavailable
            If the archive could not be written; it may be tried again.
        """
        prepared_id = int(job.payload["prepared_id"])
        with reading(self._sessions) as session:
            wanted, products = PreparedRepository(session).get(prepared_id), ProductRepository(session)
            product = products.find(wanted.product_id) if wanted is not None else None
            contents = _contents(products, product) if product is not None else None
        if contents is None or contents.product.status is ProductStatus.DELETED:
            raise NotFound("The product was deleted before its archive was built.")
        blob = build_archive(self._folder, self._storage, contents)
        source = _archive_source(contents)
        with unit_of_work(self._sessions) as unit:
            self._jobs.finish(unit, job, "Done")
            settled_id = _settle(unit, source, blob)
            if settled_id != prepared_id:  # the product changed while the job waited: nobody asks for that state again
                PreparedRepository(unit.session).remove(prepared_id)

    def _source(self, actor: Actor, product_id: int, kind: PreparedKind) -> Source:
        with reading(self._sessions) as session:
            products = ProductRepository(session)
            product = products.find(product_id)
            require_sight(actor, product)
            assert product is not None
            contents = _contents(products, product)
        return _SOURCES[kind](contents)

    def _is_stored(self, key: str) -> bool:
        try:
            self._storage.stat(key)
        except NotFound:
            return False
        return True

    def _ready(self, source: Source) -> Prepared | None:
        """The one that is there; being asked for keeps it longer."""
        with reading(self._sessions) as session:
            found = PreparedRepository(session).find(source.product_id, source.kind, source.signature)
        if found is None or found.key is None or not self._is_stored(found.key):
            return None
        if found.expires_at - utc_now() < RENEW_BELOW:
            with unit_of_work(self._sessions) as unit:
                PreparedRepository(unit.session).renew(found.id, _expiry())
        return found

    def _built(self, source: Source) -> Prepared:
        """The archive, made here and now. Two requests may build the same one: their bytes are equal."""
        return self._settled(source, build_archive(self._folder, self._storage, source.contents))

    def _settled(self, source: Source, blob: Blob) -> Prepared:
        with unit_of_work(self._sessions) as unit:
            return _value(unit, _settle(unit, source, blob))

    def _ordered(self, actor: Actor, source: Source) -> Prepared:
        """The archive as a job: the one that is on its way, else a new one."""
        with unit_of_work(self._sessions) as unit:
            prepared_id = _open(unit, source)
            found = _value(unit, prepared_id)
            if found.is_active or (found.key is not None and self._is_stored(found.key)):
                return found
            payload = {"prepared_id": prepared_id, "size_bytes": source.contents.size_bytes}
            job = self._jobs.enqueue(unit, ARCHIVE, None, actor.user_id, payload)
            PreparedRepository(unit.session).assign(prepared_id, job.id)
            return _value(unit, prepared_id)

    def _awaited(self, prepared: Prepared, wait_s: float) -> Prepared:
        """The same once its job is over, or as it stands when the time is."""
        if wait_s <= 0 or not prepared.is_active or not self._waiting.acquire(blocking=False):
            return prepared
        try:
            deadline = time.monotonic() + wait_s
            while prepared.is_active and time.monotonic() < deadline:
                time.sleep(LOOK_EVERY_S)
                with reading(self._sessions) as session:
                    found = PreparedRepository(session).get(prepared.id)
                if found is None:  # made from a newer state under another id
                    return prepared
                prepared = found
        finally:
            self._waiting.release()
        return prepared


def _contents(products: ProductRepository, product: Product) -> Contents:
    return Contents(product, products.files(product.id), products.columns(product.id))


def _archive_source(contents: Contents) -> Source:
    name = download_token(f"{contents.product.internal_name}.zip")
    return Source(PreparedKind.PRODUCT, contents, name, contents.signature)


def _main_file_source(contents: Contents) -> Source:
    main = next((file for file in contents.files if file.role is FileRole.MAIN), None)
    if main is None:
        raise NotFound(NO_MAIN_FILE)
    signature = hashlib.sha256(json.dumps([main.name, main.sha256]).encode()).hexdigest()
    return Source(PreparedKind.MAIN_FILE, contents, download_token(main.name), signature, main)


_SOURCES: Mapping[PreparedKind, Callable[[Contents], Source]] = MappingProxyType(
    {PreparedKind.PRODUCT: _archive_source, PreparedKind.MAIN_FILE: _main_file_source}
)


def _expiry() -> datetime:
    return utc_now() + KEEP


def _open(unit: UnitOfWork, source: Source) -> int:
    ProductRepository(unit.session).lock(source.product_id)
    prepared = PreparedRepository(unit.session)
    return prepared.open_for(source.product_id, source.kind, source.signature, source.name, _expiry())


def _settle(unit: UnitOfWork, source: Source, blob: Blob) -> int:
    prepared_id = _open(unit, source)
    PreparedRepository(unit.session).settle(prepared_id, blob, _expiry())
    return prepared_id


def _value(unit: UnitOfWork, prepared_id: int) -> Prepared:
    found = PreparedRepository(unit.session).get(prepared_id)
    assert found is not None
    return found
