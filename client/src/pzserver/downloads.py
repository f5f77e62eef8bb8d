"""Downloads that are prepared by the server, taken up where they broke off, and checked when they are whole."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import requests

from pzserver.api import Row
from pzserver.errors import DownloadFailed, RequestFailed
from pzserver.progress import progress_bar
from pzserver.transport import Answer, Transport

Part = Literal["product", "main-file"]
PATHS: dict[Part, str] = {"product": "download", "main-file": "download/main-file"}
POLL_S = 2.0
LONGEST_WAIT_S = 1800.0
TRIES = 3
CHUNK_BYTES = 2**20
_UNSAFE_IN_NAMES = re.compile(r"[^\w.\- ()+,=@]")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file ready to be fetched.

    Attributes
    ----------
    name : str
        File name, safe to be used in a folder.
    size_bytes : int or None
        Its size, None if the server does not tell.
    checksum : str or None
        SHA-256 of the bytes, hexadecimal; None if the server does not tell.
    url : str
        Where it is, for some minutes.
    """

    name: str
    size_bytes: int | None
    checksum: str | None
    url: str


class Downloader:
    """Fetches products and main files of one server."""

    def __init__(self, transport: Transport, *, show_progress: bool = True) -> None:
        self._transport = transport
        self._show_progress = show_progress

    def prepare(self, product_id: int, part: Part) -> Prepared:
        """Let the server make the file ready; waits while it works.

        Raises
        ------
        RequestFailed
            If it cannot be made ready.
        """
        path = f"products/{product_id}/{PATHS[part]}"
        answer = self._transport.json("POST", f"{path}/prepare/", retry=True)
        deadline = time.monotonic() + LONGEST_WAIT_S
        while answer["status"] in ("pending", "running"):
            if time.monotonic() > deadline:
                raise DownloadFailed(f"The server is still packing product {product_id}. Try again later.")
            time.sleep(POLL_S)
            answer = self._transport.json("GET", f"{path}/status/")
        if answer["status"] != "ready":
            reason = answer.get("error_message") or f"the server says {answer['status']!r}"
            raise DownloadFailed(f"Product {product_id} could not be prepared for download: {reason}", body=answer)
        return _prepared(answer)

    def fetch(self, product_id: int, part: Part, folder: Path, prepared: Prepared | None = None) -> Path:
        """Fetch a file into a folder and give its path; ``<name>.part`` stands there until it is whole.

        Raises
        ------
        DownloadFailed
            If it does not arrive whole in three tries; the part is kept, and the next call goes on from there.
        """
        folder.mkdir(parents=True, exist_ok=True)
        trouble: Exception | None = None
        for attempt in range(TRIES):
            ready = prepared if prepared and attempt == 0 else self.prepare(product_id, part)
            whole, partial = folder / ready.name, folder / f"{ready.name}.part"
            try:
                self._receive(ready, partial)
            except (requests.exceptions.RequestException, _Damaged) as error:
                if isinstance(error, RequestFailed) and error.status_code not in (None, 403):
                    raise
                trouble = error
                continue
            partial.replace(whole)
            return whole
        raise DownloadFailed(
            f"{ready.name} did not arrive whole in {TRIES} tries ({trouble}). "
            f"What came is kept in {partial}; the same call goes on from there."
        ) from trouble

    def _receive(self, ready: Prepared, partial: Path) -> None:
        have = partial.stat().st_size if partial.exists() else 0
        if ready.size_bytes is None or ready.checksum is None or have > ready.size_bytes:
            have = 0  # without a checksum nobody could tell a part of another file
        if have == 0 or have != ready.size_bytes:
            self._receive_rest(ready, partial, have)
        _verify(ready, partial)

    def _receive_rest(self, ready: Prepared, partial: Path, have: int) -> None:
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._transport.stream(ready.url, headers=headers) as answer:
            have = have if _goes_on_from(answer, have) else 0
            size = ready.size_bytes or int(answer.headers.get("Content-Length", 0))
            with (
                partial.open("ab" if have else "wb") as target,
                progress_bar(ready.name, size, wanted=self._show_progress, done_bytes=have) as advance,
            ):
                for chunk in answer.iter_content(CHUNK_BYTES):
                    target.write(chunk)
                    advance(len(chunk))


class _Damaged(Exception):
    """The bytes are not those that were announced."""


def _prepared(answer: Row) -> Prepared:
    return Prepared(
        name=safe_file_name(str(answer.get("filename") or urlsplit(answer["download_url"]).path.rstrip("/"))),
        size_bytes=answer.get("size"),
        checksum=answer.get("checksum"),
        url=answer["download_url"],
    )


def safe_file_name(name: str) -> str:
    """Last part of a name, without characters that mean something to a file system."""
    last = re.split(r"[/\\]", name.strip())[-1]
    return _UNSAFE_IN_NAMES.sub("_", last).lstrip(".") or "download"


def _goes_on_from(answer: Answer, have: int) -> bool:
    return answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _verify(ready: Prepared, partial: Path) -> None:
    size = partial.stat().st_size
    if ready.size_bytes is not None and size < ready.size_bytes:
        raise _Damaged(f"{size} of {ready.size_bytes} bytes came")
    if size != (ready.size_bytes or size) or not _has_checksum(partial, ready.checksum):
        partial.unlink()
        raise _Damaged("the bytes differ from what the server announced")


def _has_checksum(path: Path, checksum: str | None) -> bool:
    if checksum is None:
        return True
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest() == checksum.lower()
