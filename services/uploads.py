"""Files on their way in: staged, attached to products, sent to be read.

Bytes first, rows after: a file is in the store before any row names it, so no row ever names bytes that are not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from services import access
from services.catalog import CatalogService, register_product
from services.errors import Conflict, InvalidInput, NotFound, PZServerError, TooLarge
from services.file_names import clean_file_name, unique_name
from services.jobs.service import INGEST, JobService, is_quiet
from services.models.identity import Actor
from services.models.jobs import Job
from services.models.products import FileRole, NewProduct, Product, ProductFile, ProductStatus, StagedFile
from services.publishing import publish_product
from services.repositories.artifacts import ArtifactRepository
from services.repositories.files import FileRepository
from services.repositories.ingests import IngestRepository
from services.repositories.jobs import JobRepository
from services.repositories.products import ProductRepository
from services.repositories.staged_files import StagedFileRepository
from services.settings import MIB, Settings
from services.storage.base import Blob, BlobStore
from services.unit_of_work import Sessions, UnitOfWork, reading, unit_of_work

_GONE = "This upload is not here any more. Choose the file again."


class UploadService:
    """Files and products on their way in. Every method asks ``services.access`` first."""

    def __init__(
        self,
        sessions: Sessions,
        storage: BlobStore,
        catalog: CatalogService,
        jobs: JobService,
        settings: Settings,
    ) -> None:
        self._sessions = sessions
        self._storage = storage
        self._catalog = catalog
        self._jobs = jobs
        self._limit_bytes = settings.upload_max_bytes

    def stage(self, actor: Actor, source: Path | BinaryIO, name: str, *, consume: bool = False) -> StagedFile:
        """Take in the bytes of a file that will belong to a product.

        Parameters
        ----------
        actor : Actor
            Whose file it is; only they can attach it.
        source : Path or binary stream
            Streams are read once, in bounded memory.
        name : str
            As the person's computer calls it; folders and invisible characters are dropped.
        consume : bool
            A local file may be moved into the store, and is gone afterwards.

        Raises
        ------
        InvalidInput
            If the file is empty or its name cannot be kept.
        TooLarge
            If it has more bytes than the operator allows.
        """
        clean = clean_file_name(name)
        blob = self._stored(source, clean, consume=consume)
        with unit_of_work(self._sessions) as unit:
            return StagedFileRepository(unit.session).add(actor.user_id, clean, blob)

    def discard(self, actor: Actor, staged_id: str) -> None:
        """Forget a staged file of the actor; no error when it is gone already."""
        with unit_of_work(self._sessions) as unit:
            staged_files = StagedFileRepository(unit.session)
            if staged_files.find(staged_id, actor.user_id) is not None:
                staged_files.remove(staged_id)

    def staged_bytes(self, actor: Actor) -> int:
        """Bytes of all staged files of the actor."""
        with reading(self._sessions) as session:
            return StagedFileRepository(session).bytes_of(actor.user_id)

    def attach(self, actor: Actor, product_id: int, staged_id: str, role: FileRole) -> ProductFile:
        """Make a staged file part of a product; its name is changed when the product has one like it.

        Raises
        ------
        Conflict
            If it would be the second main file.
        NotFound
            If the product or the staged file is not there for this actor.
        """
        with unit_of_work(self._sessions) as unit:
            _editable(unit, actor, product_id)
            return _attached(unit, actor, product_id, staged_id, role)

    def check_room(self, actor: Actor, product_id: int, role: FileRole) -> None:
        """Refuse a file before its bytes are taken; errors as for ``attach``."""
        with unit_of_work(self._sessions) as unit:
            _editable(unit, actor, product_id)
            _require_room(unit, product_id, role)

    def receive_file(
        self, actor: Actor, product_id: int, source: Path | BinaryIO, name: str, role: FileRole
    ) -> ProductFile:
        """Stage and attach in one step; rights are asked before the bytes are taken."""
        self.check_room(actor, product_id, role)
        staged = self.stage(actor, source, name)
        try:
            return self.attach(actor, product_id, staged.id, role)
        except PZServerError:
            self.discard(actor, staged.id)
            raise

    def remove_file(self, actor: Actor, file_id: int) -> None:
        """Remove a file from its product.

        Raises
        ------
        Conflict
            If it is the main file of a published product, or is being read.
        """
        file = self._catalog.file(actor, file_id)
        with unit_of_work(self._sessions) as unit:
            product = _editable(unit, actor, file.product_id)
            if file.role is FileRole.MAIN:
                _release_main_file(unit, product)
            _removed(unit, actor, file)

    def submit(
        self,
        actor: Actor,
        new: NewProduct,
        main: str | None,
        auxiliary: Sequence[str] = (),
        description_files: Sequence[str] = (),
    ) -> Product:
        """Make a product from staged files and publish it when its main file has been read.

        Parameters
        ----------
        main : str or None
            Id of the staged main file; None for a product that is only described, which is published at once.
        auxiliary, description_files : sequence of str
            Ids of further staged files.

        Raises
        ------
        InvalidInput, NotAllowed
            As ``CatalogService.register``; nothing is left behind then.
        NotFound
            If a staged file is gone; nothing is left behind then.
        """
        with unit_of_work(self._sessions) as unit:
            product = register_product(unit, actor, new)
            self._take(unit, actor, product.id, main, auxiliary, description_files)
            if main is None:
                publish_product(ProductRepository(unit.session), product.id, actor.user_id)
        return self._catalog.get(actor, product.id)

    def add_files(
        self,
        actor: Actor,
        product_id: int,
        main: str | None = None,
        auxiliary: Sequence[str] = (),
        description_files: Sequence[str] = (),
    ) -> None:
        """Attach staged files, all or none; a main file takes the place of the one before and is read.

        Raises
        ------
        Conflict
            If there is a main file that must stay, as for ``remove_file``.
        NotFound
            If the product or a staged file is not there for this actor; what was there before stays.
        """
        with unit_of_work(self._sessions) as unit:
            product = _editable(unit, actor, product_id)
            if main is not None:
                _drop_main_file(unit, actor, product)
            self._take(unit, actor, product_id, main, auxiliary, description_files)

    def _take(
        self,
        unit: UnitOfWork,
        actor: Actor,
        product_id: int,
        main: str | None,
        auxiliary: Sequence[str],
        description_files: Sequence[str],
    ) -> None:
        """Attach staged files within a running transaction, and have the main file read."""
        files = [(FileRole.MAIN, main)] if main is not None else []
        files += [(FileRole.AUXILIARY, staged_id) for staged_id in auxiliary]
        files += [(FileRole.DESCRIPTION, staged_id) for staged_id in description_files]
        for role, staged_id in files:
            _attached(unit, actor, product_id, staged_id, role)
        if main is not None:
            self._sent(unit, actor, product_id, publish_when_ready=True)

    def process(self, actor: Actor, product_id: int, publish_when_ready: bool = True) -> Job:
        """Have the main file of a product read (again); a job that waits or runs already is given back.

        Raises
        ------
        Conflict
            If the product has no main file.
        """
        with unit_of_work(self._sessions) as unit:
            product = _editable(unit, actor, product_id)
            if product.main_file_name is None:
                raise Conflict("This product has no main file, so there is nothing to read. Add a main file first.")
            return self._sent(unit, actor, product_id, publish_when_ready=publish_when_ready)

    def _sent(self, unit: UnitOfWork, actor: Actor, product_id: int, *, publish_when_ready: bool) -> Job:
        jobs = JobRepository(unit.session)
        active = jobs.active(product_id)
        if active is not None:
            wanted = publish_when_ready or bool(active.payload.get("publish_when_ready"))
            jobs.amend(active.id, {**active.payload, "publish_when_ready": wanted})
            return jobs.get(active.id)
        products = IngestRepository(unit.session)
        if products.subject(product_id).status is not ProductStatus.PUBLISHED:
            products.set_status(product_id, ProductStatus.PROCESSING)
        payload = {"publish_when_ready": publish_when_ready}
        return self._jobs.enqueue(unit, INGEST, product_id, actor.user_id, payload)

    def _stored(self, source: Path | BinaryIO, name: str, *, consume: bool) -> Blob:
        try:
            blob = self._put(source, consume=consume)
        except TooLarge as error:
            raise TooLarge(
                f"{name} is larger than the {_size_text(self._limit_bytes)} this portal takes per file. Upload a "
                "smaller file, or describe the product without a main file and say where the data are."
            ) from error
        if blob.size_bytes == 0:
            raise InvalidInput(f"{name} is empty. Choose a file with content.", "file")
        return blob

    def _put(self, source: Path | BinaryIO, *, consume: bool) -> Blob:
        if not isinstance(source, Path):
            return self._storage.put(source, self._limit_bytes)
        if source.stat().st_size > self._limit_bytes:
            raise TooLarge("The file is larger than this portal accepts.")
        return self._storage.put_file(source, consume=consume)


def _editable(unit: UnitOfWork, actor: Actor, product_id: int) -> Product:
    """Product the actor may change, locked until the end of the unit."""
    products = ProductRepository(unit.session)
    products.lock(product_id)
    product = products.find(product_id)
    access.require_edit(actor, product)
    assert product is not None
    return product


def _attached(unit: UnitOfWork, actor: Actor, product_id: int, staged_id: str, role: FileRole) -> ProductFile:
    products, files = ProductRepository(unit.session), FileRepository(unit.session)
    _require_room(unit, product_id, role)
    staged_files = StagedFileRepository(unit.session)
    staged = staged_files.find(staged_id, actor.user_id)
    if staged is None or not staged_files.remove(staged_id):
        raise NotFound(_GONE)
    file = files.add(product_id, staged, unique_name(staged.name, files.names(product_id)), role)
    products.note_event(product_id, actor.user_id, "file_added", name=file.name, role=role.label)
    return file


def _require_room(unit: UnitOfWork, product_id: int, role: FileRole) -> None:
    if role is FileRole.MAIN and ProductRepository(unit.session).has_main_file(product_id):
        raise Conflict("This product has a main file already. Remove it first, or make a new product.")


def _release_main_file(unit: UnitOfWork, product: Product) -> None:
    """Forget everything that came from the main file, or refuse."""
    if product.status is ProductStatus.PUBLISHED:
        raise Conflict(
            "The main file of a published product stays, since others rely on it. Make a new product instead."
        )
    _stop_reading(unit, product.id)
    ArtifactRepository(unit.session).remove(product.id)
    FileRepository(unit.session).forget_table(product.id)
    IngestRepository(unit.session).set_status(product.id, ProductStatus.REGISTERING)


def _stop_reading(unit: UnitOfWork, product_id: int) -> None:
    """A quiet reading in the background is dropped; one that people wait for is not."""
    jobs = JobRepository(unit.session)
    active = jobs.active(product_id)
    if active is None:
        return
    if not is_quiet(active):
        raise Conflict("The main file is being read right now. Try again when that is done.")
    jobs.drop(active.id, "The main file was removed before it had been read.")


def _drop_main_file(unit: UnitOfWork, actor: Actor, product: Product) -> None:
    """Make room for another main file; nothing happens when there is none."""
    for file in ProductRepository(unit.session).files(product.id):
        if file.role is FileRole.MAIN:
            _release_main_file(unit, product)
            _removed(unit, actor, file)


def _removed(unit: UnitOfWork, actor: Actor, file: ProductFile) -> None:
    FileRepository(unit.session).remove(file.id)
    ProductRepository(unit.session).note_event(file.product_id, actor.user_id, "file_removed", name=file.name)


def _size_text(n_bytes: int) -> str:
    return f"{n_bytes / MIB:,.0f} MiB" if n_bytes >= MIB else f"{n_bytes:,} bytes"
