"""Files sent as they are read, piece by piece, however large they are."""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

PIECE_BYTES = 2**20


class MultipartFile:
    """Body of a ``multipart/form-data`` request with some fields and one file.

    Parameters
    ----------
    fields : mapping of str to str
        Fields before the file.
    path : Path
        The file.
    on_sent : callable
        Told the number of bytes of each piece that has been taken.
    """

    def __init__(self, fields: Mapping[str, str], path: Path, on_sent: Callable[[int], None] = lambda _: None) -> None:
        self._boundary = secrets.token_hex(16)
        self._path = path
        self._on_sent = on_sent
        self._head = "".join(self._field(name, value) for name, value in fields.items()) + self._file_head()
        self._tail = f"\r\n--{self._boundary}--\r\n"

    @property
    def content_type(self) -> str:
        """Value of the header Content-Type."""
        return f"multipart/form-data; boundary={self._boundary}"

    def __len__(self) -> int:
        return len(self._head.encode()) + self._path.stat().st_size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head.encode()
        with self._path.open("rb") as source:
            while piece := source.read(PIECE_BYTES):
                yield piece
                self._on_sent(len(piece))
        yield self._tail.encode()

    def _field(self, name: str, value: str) -> str:
        return f'--{self._boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'

    def _file_head(self) -> str:
        name = _quoted(self._path.name)
        return (
            f'--{self._boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {media_type(self._path)}\r\n\r\n"
        )


def media_type(path: Path) -> str:
    """Media type by the name of a file."""
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _quoted(name: str) -> str:
    """Name for a quoted header value, as browsers write it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
