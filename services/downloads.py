"""Files on their way out: one file, the main file, or an archive of a whole product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from services.catalog import CatalogService
from services.errors import NotFound
from services.file_names import BINARY, download_token
from services.models.identity import Actor
from services.models.prepared import Prepared, PreparedKind
from services.models.products import FileRole, ProductFile
from services.prepared import GONE, NO_MAIN_FILE, PreparedService
from services.storage.base import BlobStore

_ACTIVE_MEDIA_TYPES = frozenset({"text/html", "image/svg+xml", "application/json"})
"""Types a browser would run, or a released client would parse instead of saving."""


@dataclass(frozen=True, slots=True)
class Download:
    """Bytes to send: ``name`` has only letters, digits and ``._-``; ``etag`` changes exactly when the bytes do."""

    name: str
    size_bytes: int
    etag: str
    media_type: str
    sha256: str
    source: Callable[[int], BinaryIO]

    def open(self, offset: int = 0) -> BinaryIO:
        """Readable stream standing at ``offset``; the caller closes it."""
        return self.source(offset)


class DownloadService:
    """Bytes of products for actors who may see them; drafts and failures for their owners and admins."""

    def __init__(self, catalog: CatalogService, storage: BlobStore, prepared: PreparedService) -> None:
        self._catalog = catalog
        self._storage = storage
        self._prepared = prepared

    def file(self, actor: Actor, file_id: int) -> Download:
        """One file of a product; NotFound when there is none or its product is hidden from the actor."""
        return self._of_file(self._catalog.file(actor, file_id))

    def main_file(self, actor: Actor, product_id: int) -> Download:
        """The main file of a product, byte for byte as it was uploaded.

        Raises
        ------
        NotFound
            If the product is hidden from the actor, or is described only.
        """
        for file in self._catalog.files(actor, product_id):
            if file.role is FileRole.MAIN:
                return self._of_file(file)
        raise NotFound(NO_MAIN_FILE)

    def archive(self, actor: Actor, product_id: int) -> Download:
        """All files of a product and its metadata in one zip, whose bytes are the same until something changes."""
        return self._of_archive(self._prepared.archive(actor, product_id))

    def fetched(self, actor: Actor, product_id: int, kind: PreparedKind, token: str) -> Download:
        """Bytes behind the address of a prepared download.

        Raises
        ------
        NotAllowed
            If the token is missing, damaged, expired, or was made for another person or another download.
        NotFound
            If the product is hidden from the actor, or the bytes are not kept any more.
        """
        prepared = self._prepared.fetched(actor, product_id, kind, token)
        if kind is PreparedKind.PRODUCT:
            return self._of_archive(prepared)
        for file in self._catalog.files(actor, product_id):
            if file.role is FileRole.MAIN and file.key == prepared.key:
                return self._of_file(file)
        raise NotFound(GONE)

    def _of_archive(self, prepared: Prepared) -> Download:
        key = prepared.key
        assert key is not None
        assert prepared.size_bytes is not None
        return Download(
            name=prepared.name,
            size_bytes=prepared.size_bytes,
            etag=f'"{key}"',
            media_type="application/zip",
            sha256=key,
            source=lambda offset: self._storage.open(key, offset),
        )

    def _of_file(self, file: ProductFile) -> Download:
        risky = file.media_type in _ACTIVE_MEDIA_TYPES or file.media_type.endswith("xml")
        return Download(
            name=download_token(file.name),
            size_bytes=file.size_bytes,
            etag=f'"{file.sha256}"',
            media_type=BINARY if risky else file.media_type,
            sha256=file.sha256,
            source=lambda offset: self._storage.open(file.key, offset),
        )
