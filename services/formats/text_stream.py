"""A text file as a stream of UTF-8 bytes with lines ending in a line feed, whatever it is on disk."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

BLOCK_BYTES = 4 * 2**20
"""Bytes read at a time: long enough to keep the parser busy, short enough to hold several."""

BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def marked_encoding(head: bytes) -> tuple[str, int]:
    """Encoding told by a byte order mark and the length of the mark; UTF-8 without one."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return "utf-8", 0


class TextStream:
    """Reads a text file from its start.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        "utf-8" (bytes pass as they are), "latin-1", "utf-16-le" or "utf-16-be".
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("rb")
        head = self._file.read(BLOCK_BYTES)
        marked, mark_length = marked_encoding(head)
        self._encoding = encoding if marked == "utf-8" else marked
        # Macintosh files of the last century end lines with a bare carriage return.
        self._bare_cr = b"\r" in head and b"\n" not in head
        self._file.seek(mark_length)
        self._blocks = self._converted()
        self._kept = bytearray()

    def read(self, n_bytes: int) -> bytes:
        """The next bytes, fewer only at the end."""
        if self._encoding == "utf-8" and not self._bare_cr:
            return self._file.read(n_bytes)
        while len(self._kept) < n_bytes and (block := next(self._blocks, b"")):
            self._kept += block
        taken = bytes(self._kept[:n_bytes])
        del self._kept[:n_bytes]
        return taken

    def _converted(self) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self._encoding)(errors="strict" if self._is_checked else "replace")
        while raw := self._file.read(BLOCK_BYTES):
            block = raw if self._encoding == "utf-8" else decoder.decode(raw).encode()
            yield block.replace(b"\r", b"\n") if self._bare_cr else block

    @property
    def _is_checked(self) -> bool:
        return self._encoding in ("utf-8", "latin-1")

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
