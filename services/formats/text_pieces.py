"""Cuts a text file into pieces of whole records, and finds on the way what every column holds."""

from __future__ import annotations

import codecs
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.formats import text_scan as scanner
from services.formats.base import unreadable
from services.formats.text_header import Header
from services.formats.text_stream import BLOCK_BYTES, TextStream
from services.models.tables import TableColumn

LONGEST_RECORD_BYTES = 64 * 2**20
SCAN_THREADS = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that must be known to cut a text file into named columns."""

    header: Header
    grammar: scanner.Grammar
    offset: int
    line: int
    encoding: str = "utf-8"
    warnings: tuple[str, ...] = ()
    declared: tuple[TableColumn, ...] = ()
    """Columns as the file itself declares them; empty when it does not. A dtype "" leaves the type to the values."""
    format: str = "text"
    grid: tuple[float, ...] = ()
    """Redshifts of PDFs, where the file states them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some whole records of the file: how many bytes they take, and whether they must be rewritten to be parsed."""

    n_bytes: int
    needs_rewrite: bool
    has_stray_quotes: bool


@dataclass(slots=True)
class Findings:
    """What the scan of a whole file found."""

    seen: NDArray[np.int64]
    pieces: list[Piece] = field(default_factory=list)
    header_bytes: int = 0
    totals: NDArray[np.int64] = field(default_factory=lambda: np.zeros(scanner.N_COUNTERS, dtype=np.int64))


class NotInThisEncoding(Exception):
    """The bytes contradict the encoding the file is read in."""


class WrongShape(Exception):
    """A record does not fit; ``reason`` tells where and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def scan_file(path: Path, name: str, layout: Layout) -> Findings:
    """Finds what every column holds and where to cut the file; raises WrongShape for the first record that misfits."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = layout.offset
    with TextStream(path, layout.encoding) as stream, ThreadPoolExecutor(SCAN_THREADS) as pool:
        scan = _Scan(layout, pool)
        skip(stream, layout.offset)
        while block := stream.read(BLOCK_BYTES):
            _check_block(block, decoder, layout, name, position)
            position += len(block)
            scan.take(block)
        if decoder.getstate()[0]:
            raise NotInThisEncoding
        return scan.finish()


class _Scan:
    """A scan under way.

    A block without quotes ends its last record at its last line feed, so such blocks are scanned beside each other;
    their findings are joined in the order of the file.
    """

    def __init__(self, layout: Layout, pool: ThreadPoolExecutor) -> None:
        self._layout, self._pool = layout, pool
        self._findings = Findings(np.zeros(len(layout.header.names), dtype=np.int64))
        self._pending: deque[tuple[bytes, Future[_Scanned]]] = deque()
        self._rest = b""
        self._is_header = layout.header.in_first_record

    def take(self, block: bytes) -> None:
        """The next bytes of the file."""
        if self._is_header:
            block, self._is_header = self._without_header(block), False
        data = self._rest + block
        whole = data[: data.rfind(b"\n") + 1]
        self._rest = data[len(whole) :]
        if whole:
            self._pending.append((whole, self._pool.submit(_scanned, whole, self._layout)))
        may_end_in_quotes = self._layout.grammar.quoting and b'"' in data
        self._join(0 if may_end_in_quotes else SCAN_THREADS)
        self._check_length()

    def finish(self) -> Findings:
        """What was found, once all bytes are given."""
        self._join()
        if self._rest:
            self.take(b"\n")
            self._join()
        if self._rest:
            line = self._layout.line + self._findings.totals[scanner.LINES]
            raise WrongShape(f"a quote that opens on line {line} is never closed.")
        return self._findings

    def _without_header(self, block: bytes) -> bytes:
        header = self._layout.header
        n_bytes, n_lines = header_length(block, self._layout.grammar)
        for _ in range(header.n_unit_records):
            more_bytes, more_lines = header_length(block[n_bytes:], self._layout.grammar)
            n_bytes, n_lines = n_bytes + more_bytes, n_lines + more_lines
        self._findings.header_bytes = n_bytes
        self._findings.totals[scanner.LINES] += n_lines
        return block[n_bytes:]

    def _join(self, n_waiting: int = 0) -> None:
        """Add findings in file order until no more than ``n_waiting`` blocks are still being scanned."""
        while len(self._pending) > n_waiting:
            data, future = self._pending.popleft()
            left = self._join_one(data, future.result())
            if left:  # only the last block can end within quotes
                self._rest = left + self._rest

    def _join_one(self, data: bytes, scanned: _Scanned) -> bytes:
        """Adds the findings of one block; gives the bytes of a record that ends within quotes."""
        counters, totals = scanned.counters, self._findings.totals
        if counters[scanner.STATUS] == scanner.STATUS_WIDTH:
            raise WrongShape(_misfit(data, counters, self._layout, int(totals[scanner.LINES])))
        totals += counters
        self._findings.seen |= scanned.seen
        consumed = int(counters[scanner.CONSUMED])
        is_idle = bool(counters[[scanner.COMMENTS, scanner.BLANKS, scanner.PADDED_QUOTE]].any())
        if consumed:
            needs_rewrite = is_idle or self._layout.grammar.delimiter is None
            self._findings.pieces.append(Piece(consumed, needs_rewrite, bool(counters[scanner.STRAY])))
        return data[consumed:]

    def _check_length(self) -> None:
        if len(self._rest) > LONGEST_RECORD_BYTES:
            self._join()
            line = self._layout.line + self._findings.totals[scanner.LINES]
            raise WrongShape(f"the record that begins on line {line} is longer than 64 MiB.")


@dataclass(frozen=True, slots=True)
class _Scanned:
    """What the records of one block are."""

    seen: NDArray[np.int64]
    counters: NDArray[np.int64]


def _scanned(data: bytes, layout: Layout) -> _Scanned:
    seen = np.zeros(len(layout.header.names), dtype=np.int64)
    counters = scanner.scan(data, layout.grammar, seen)
    return _Scanned(seen, counters)


def skip(stream: TextStream, n_bytes: int) -> None:
    """Passes the next bytes."""
    while n_bytes > 0 and (passed := stream.read(min(n_bytes, BLOCK_BYTES))):
        n_bytes -= len(passed)


_LINE_FEED, _QUOTE, _BLANK = b'\n" '


def header_length(data: bytes, grammar: scanner.Grammar) -> tuple[int, int]:
    """Bytes and lines of the first record, whose quoted names may hold line feeds.

    A quote opens at the start of a name only; elsewhere it is a letter, as in ``dec"`` for arc seconds.
    """
    if not grammar.quoting:
        return data.find(b"\n") + 1 or len(data), min(len(data), 1)
    in_quotes, may_open, n_lines = False, True, 0
    delimiters = b" \t" if grammar.delimiter is None else grammar.delimiter.encode()
    for place, byte in enumerate(data):
        if byte == _LINE_FEED:
            n_lines += 1
            if not in_quotes:
                return place + 1, n_lines
        if byte == _QUOTE and (in_quotes or may_open):
            in_quotes = not in_quotes
            may_open = True  # a second quote right after this one means the letter
        else:
            may_open = byte in delimiters or (may_open and byte == _BLANK)
    return len(data), n_lines + (data[-1:] not in (b"", b"\n"))


def repeated_header_line(path: Path, layout: Layout) -> int | None:
    """Number of the first line after the header that says the same, as in files that were joined; None without one."""
    with TextStream(path, layout.encoding) as stream:
        skip(stream, layout.offset)
        block = stream.read(BLOCK_BYTES)
        header = block[: header_length(block, layout.grammar)[0]]
        n_lines, last = layout.line, block[: len(header)].rstrip(b"\n")
        block = block[len(last) :]
        while block:
            data = last + block
            place = data.find(b"\n" + header, len(last) if n_lines == layout.line else 0)
            if place >= 0:
                return n_lines + data.count(b"\n", 0, place + 1)
            last = data[-len(header) :]
            n_lines += data.count(b"\n", 0, len(data) - len(last))
            block = stream.read(BLOCK_BYTES)
    return None


def _check_block(block: bytes, decoder: codecs.IncrementalDecoder, layout: Layout, name: str, position: int) -> None:
    if b"\0" in block:
        raise unreadable(name, f"byte {position + block.index(0) + 1} is zero: the text breaks off into binary data.")
    if layout.encoding == "utf-8" and (not block.isascii() or decoder.getstate()[0]):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            raise NotInThisEncoding from error


def _misfit(data: bytes, counters: NDArray[np.int64], layout: Layout, n_lines: int) -> str:
    n_lines += int(counters[scanner.LINES])
    width, expected = int(counters[scanner.WIDTH]), len(layout.header.names)
    values = "1 value" if width == 1 else f"{width} values"
    reason = f"line {layout.line + n_lines} has {values} where {expected} are expected"
    at = int(counters[scanner.CONSUMED])
    is_last = data.find(b"\n", at) in (-1, len(data) - 1)
    return (
        f"{reason}; it is the last line, so the file may be cut off." if is_last and width < expected else f"{reason}."
    )
