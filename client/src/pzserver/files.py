"""Files of a product: sending, listing, removing."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pzserver.api import PzServerApi, Row
from pzserver.errors import ConnectionFailed, RequestFailed
from pzserver.multipart import MultipartFile, media_type
from pzserver.progress import progress_bar

MAIN, DESCRIPTION, AUXILIARY = 0, 1, 2
RESUMABLE = "uploads"
"""Name under which the root of the API offers uploads in pieces (tus 1.0)."""
PIECE_BYTES = 8 * 2**20
SMALL_BYTES = 4 * 2**20
"""Files up to this size go in one request: sending one again costs less than asking where it stopped."""
TRIES_PER_PIECE = 6
Advance = Callable[[int], None]


class FileSender:
    """Sends files to one server."""

    def __init__(self, api: PzServerApi, *, show_progress: bool = True) -> None:
        self._api = api
        self._show_progress = show_progress

    def send(self, product_id: int, path: Path, role: int) -> Row:
        """Send a file and give its row.

        Raises
        ------
        RequestFailed
            If the server does not take it.
        """
        size = path.stat().st_size
        with progress_bar(path.name, size, wanted=self._show_progress) as advance:
            address = self._api.address_of(RESUMABLE)
            if size > SMALL_BYTES and address is not None:
                return self._send_in_pieces(address, product_id, path, role, advance)
            return self._send_at_once(product_id, path, role, advance)

    def _send_at_once(self, product_id: int, path: Path, role: int, advance: Advance) -> Row:
        body = MultipartFile(_fields(product_id, path, role), path, advance)
        answer: Row = self._api.transport.json(
            "POST", "product-files/", data=body, headers={"Content-Type": body.content_type}
        )
        return answer

    def _send_in_pieces(self, address: str, product_id: int, path: Path, role: int, advance: Advance) -> Row:
        staged_id = PieceByPiece(self._api, address, path, advance).send()
        fields = _fields(product_id, path, role) | {"staged": staged_id}
        form = {name: (None, value) for name, value in fields.items()}
        answer: Row = self._api.transport.json("POST", "product-files/", files=form)
        return answer

    def of_product(self, product_id: int) -> list[Row]:
        """Rows of a product's files."""
        return self._api.get_all("product-files", product_id=product_id)

    def remove(self, file_id: int) -> None:
        """Remove one file."""
        self._api.transport.json("DELETE", f"product-files/{file_id}/")


class PieceByPiece:
    """One upload that goes on where the line broke (tus 1.0)."""

    def __init__(self, api: PzServerApi, address: str, path: Path, advance: Advance) -> None:
        self._transport = api.transport
        self._address = address
        self._path = path
        self._advance = advance

    def send(self) -> str:
        """Send every byte and give the id under which the server keeps the file for us."""
        size = self._path.stat().st_size
        location = self._create(size)
        offset, failures = 0, 0
        with self._path.open("rb") as source:
            while offset < size:
                source.seek(offset)
                try:
                    reached = self._send_piece(location, offset, source.read(PIECE_BYTES))
                    failures = 0
                except RequestFailed as error:
                    failures += 1
                    if failures >= TRIES_PER_PIECE or not _may_pass(error):
                        raise
                    time.sleep(min(0.5 * 2**failures, 20))
                    reached = self._offset(location)
                self._advance(reached - offset)
                offset = reached
        staged = self._transport.json("GET", f"{location}/staged", retry=True)
        return str(staged["staged_id"])

    def _create(self, size: int) -> str:
        name = base64.b64encode(self._path.name.encode()).decode()
        kind = base64.b64encode(media_type(self._path).encode()).decode()
        answer = self._transport.send(
            "POST",
            self._address,
            headers=_tus({"Upload-Length": str(size), "Upload-Metadata": f"filename {name},filetype {kind}"}),
        )
        upload_id = answer.headers["Location"].rstrip("/").rsplit("/", 1)[-1]
        return f"{self._address.rstrip('/')}/{upload_id}"

    def _send_piece(self, location: str, offset: int, piece: bytes) -> int:
        headers = _tus({"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"})
        answer = self._transport.send("PATCH", location, data=piece, headers=headers)
        return int(answer.headers["Upload-Offset"])

    def _offset(self, location: str) -> int:
        """Byte that the server waits for."""
        return int(self._transport.send("HEAD", location, headers=_tus({})).headers["Upload-Offset"])


def _may_pass(error: RequestFailed) -> bool:
    """Whether another try may succeed: no answer, a server at its limit, or an offset to be asked for again."""
    return isinstance(error, ConnectionFailed) or error.status_code in (409, 423, 429, 502, 503, 504)


def _tus(headers: dict[str, str]) -> dict[str, str]:
    return {"Tus-Resumable": "1.0.0"} | headers


def _fields(product_id: int, path: Path, role: int) -> dict[str, Any]:
    return {"product": str(product_id), "role": str(role), "type": media_type(path)}
