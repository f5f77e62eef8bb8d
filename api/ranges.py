"""Byte ranges of a download, as the released clients resume: one range, and anything odd means the whole file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes ``first`` to ``last``, both included, counted from 0."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """Number of bytes."""
        return self.last - self.first + 1

    def content_range(self, size_bytes: int) -> str:
        """Value of the Content-Range header."""
        return f"bytes {self.first}-{self.last}/{size_bytes}"


def parse_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """Range asked for, None for the whole file.

    A malformed or unsatisfiable range means the whole file too: a stale part on the client's disk would otherwise
    make every later try fail.
    """
    match = _RANGE.fullmatch((header or "").strip().replace(" ", ""))
    if match is None or max(map(len, match.groups())) > _MAX_DIGITS:
        return None
    first, last = match.groups()
    if not first:
        return _suffix(last, size_bytes)
    start, end = int(first), min(int(last), size_bytes - 1) if last else size_bytes - 1
    return ByteRange(start, end) if start <= end else None


def _suffix(count: str, size_bytes: int) -> ByteRange | None:
    """Last ``count`` bytes."""
    if not count or int(count) == 0 or size_bytes == 0:
        return None
    return ByteRange(max(0, size_bytes - int(count)), size_bytes - 1)


class Blocks(Iterator[bytes]):
    """At most ``length`` bytes of a stream in small blocks; the stream is closed with it, also when cut short."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = length

    def __next__(self) -> bytes:
        block = self._stream.read(min(BLOCK_BYTES, self._left)) if self._left else b""
        if not block:
            raise StopIteration
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Close the stream; the server calls this when the answer is over."""
        self._stream.close()

    def __del__(self) -> None:
        """A server that stumbles over a client that left may forget to close: no file may stay open for that."""
        self.close()
