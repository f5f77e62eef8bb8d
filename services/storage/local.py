"""Blobs as files in two levels of folders, named by their checksum."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from services.errors import NotFound, TooLarge, Unavailable
from services.storage.base import Blob

CHUNK_BYTES = 2**20
_KEY = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = ".arriving"


class LocalStore:
    """Content-addressed store in a folder of this machine (or a network file system all machines mount).

    Bytes are written to a hidden file, flushed to the disk, then renamed: a reader sees all of a blob or none of it,
    also after a power cut. Writers of the same bytes may race, since either result is right.

    Parameters
    ----------
    root : Path
        Folder of the blobs; made when absent.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._arriving = root / _TEMPORARY
        with _translated("keep files in"):
            self._arriving.mkdir(parents=True, exist_ok=True)

    def put(self, stream: BinaryIO, max_bytes: int | None = None) -> Blob:
        """Store a stream in bounded memory; TooLarge beyond ``max_bytes``, and then nothing is kept."""
        with self._temporary() as draft:
            digest, size = _copied(stream, draft, max_bytes)
            return self._settle(draft, digest, size)

    def put_file(self, path: Path, *, consume: bool = False) -> Blob:
        """Store a local file; with ``consume`` by renaming it where the folders share a file system."""
        if consume and path.stat().st_dev == self._root.stat().st_dev:
            digest, size = _flushed_digest(path)
            return self._settle(path, digest, size)
        with path.open("rb") as stream:
            blob = self.put(stream)
        if consume:
            path.unlink(missing_ok=True)
        return blob

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Readable stream of a blob, standing at ``offset``."""
        with _present(self._root):
            stream = self._path(key).open("rb")
        stream.seek(offset)
        return stream

    def arrow_file(self, key: str) -> Path:
        """Path of a blob: stored values are read as they are. A memory map would count as memory of the server."""
        self.stat(key)
        return self._path(key)

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """Path of the blob itself: nothing is copied, so it must not be written to."""
        self.stat(key)
        yield self._path(key)

    def stat(self, key: str) -> Blob:
        """Size and time of a blob."""
        with _present(self._root):
            facts = self._path(key).stat()
        return Blob(key, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC))

    def delete(self, key: str) -> None:
        """Remove a blob; no error when it is gone already."""
        with _translated("remove from"):
            self._path(key).unlink(missing_ok=True)

    def blobs(self) -> Iterator[Blob]:
        """Every blob, folder by folder; one removed meanwhile is left out."""
        for path in self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            try:
                yield self.stat(path.name)
            except NotFound:
                continue

    def remove_abandoned(self, before: datetime) -> int:
        """Remove what interrupted writers left behind before that time; gives the number of files."""
        removed = 0
        for path in self._arriving.iterdir():
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def check(self) -> None:
        """Write, read and remove a few bytes; Unavailable with the reason when that fails."""
        probe = os.urandom(16)
        with _translated("write to"), self._temporary() as draft:
            draft.write_bytes(probe)
            if draft.read_bytes() != probe:
                raise Unavailable(f"The storage folder {self._root} gives back other bytes than were written.")

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFound("There is no such file in the storage.")
        return self._root / key[:2] / key[2:4] / key

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        with _translated("write to"):
            handle, name = tempfile.mkstemp(dir=self._arriving)
            os.close(handle)
        draft = Path(name)
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _settle(self, draft: Path, digest: str, size: int) -> Blob:
        """Rename a finished file to its address.

        An equal blob is replaced too: that renews its time, so the sweep of old orphans spares bytes that have just
        arrived again.
        """
        target = self._path(digest)
        with _translated("write to"):
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.chmod(0o440)
            os.utime(draft)
            draft.replace(target)
            _flush_folder(target.parent)
        return Blob(digest, size, datetime.now(UTC))


def _copied(stream: BinaryIO, draft: Path, max_bytes: int | None) -> tuple[str, int]:
    """Copy to the draft; errors of the disk are translated, those of the stream stay what they are."""
    digest, size = hashlib.sha256(), 0
    with draft.open("wb", buffering=0) as out:
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if max_bytes is not None and size > max_bytes:
                raise TooLarge(f"The file is larger than the {max_bytes:,} bytes this portal accepts.")
            digest.update(chunk)
            _write(out, chunk)
        with _translated("write to"):
            os.fsync(out.fileno())
    return digest.hexdigest(), size


def _write(out: io.FileIO, chunk: bytes) -> None:
    with _translated("write to"):
        rest = memoryview(chunk)
        while rest:
            rest = rest[out.write(rest) :]


def _flushed_digest(path: Path) -> tuple[str, int]:
    with _translated("read from"), path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
        return digest, stream.tell()


def _flush_folder(folder: Path) -> None:
    """Make the rename itself last: without this a power cut may forget the new name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _translated(verb: str) -> Iterator[None]:
    """File system errors as sentences for people; the operator finds the folder in the cause."""
    try:
        yield
    except OSError as error:
        raise Unavailable(_reason(verb, error)) from error


@contextmanager
def _present(root: Path) -> Iterator[None]:
    """Reading one blob: its absence is NotFound, unless the whole folder is gone."""
    with _translated("read from"):
        try:
            yield
        except FileNotFoundError as error:
            if not root.exists():
                raise
            raise NotFound("The bytes of this file are not in the storage.") from error


def _reason(verb: str, error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "The storage of the portal is full, so nothing was kept. Tell the operator to make room, then try again."
    return (
        f"The portal cannot {verb} its storage ({os.strerror(error.errno or 0)}). "
        "Tell the operator to check the storage, then try again."
    )
