"""The one way bytes are kept: content-addressed blobs behind a protocol that local files and S3 both fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes at rest: ``key`` is their address, which is their SHA-256 in hex."""

    key: str
    size_bytes: int
    modified_at: datetime | None = None

    @property
    def sha256(self) -> str:
        """Checksum of the bytes, hex."""
        return self.key


class BlobStore(Protocol):
    """Content-addressed store. All methods are safe to call from several threads and processes."""

    def put(self, stream: BinaryIO, max_bytes: int | None = None) -> Blob:
        """Store a stream without holding it in memory; the same bytes twice cost nothing.

        Raises
        ------
        TooLarge
            If the stream is longer than ``max_bytes``; nothing is kept.
        """

    def put_file(self, path: Path, *, consume: bool = False) -> Blob:
        """Store a local file; with ``consume`` the file is moved where that is possible, and gone afterwards."""

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Readable, seekable stream of a blob, standing at ``offset``; NotFound when there is none."""

    def arrow_file(self, key: str) -> Path | pa.NativeFile:
        """Random access for Parquet readers; NotFound when there is none."""

    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """A path on local disk with the bytes, for libraries that need one; read-only, gone after the block."""

    def stat(self, key: str) -> Blob:
        """Size and time of a blob; NotFound when there is none."""

    def delete(self, key: str) -> None:
        """Remove a blob; no error when it is gone already."""

    def blobs(self) -> Iterator[Blob]:
        """Every blob in the store, in no order."""

    def remove_abandoned(self, before: datetime) -> int:
        """Remove what interrupted ``put`` calls left behind before that time; gives how many."""

    def check(self) -> None:
        """Write, read and remove a few bytes; Unavailable with the reason when that fails."""
