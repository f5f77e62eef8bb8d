"""Cuts a text file into pieces of whole records, and finds on the way what every column holds."""

from __future__ import annotations

import codecs
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
    findings = Findings(np.zeros(len(layout.header.names), dtype=np.int64))
    decoder = codecs.getincrementaldecoder("utf-8")()
    rest, position, is_header = b"", layout.offset, layout.header.in_first_record
    with TextStream(path, layout.encoding) as stream:
        skip(stream, layout.offset)
        while block := stream.read(BLOCK_BYTES):
            _check_block(block, decoder, layout, name, position)
            position += len(block)
            if is_header:
                block, is_header = _without_header(block, layout, findings), False
            rest = _scan_block(rest + block, layout, findings)
    if decoder.getstate()[0]:
        raise NotInThisEncoding
    if rest:
        rest = _scan_block(rest + b"\n", layout, findings)
    if rest:
        line = layout.line + findings.totals[scanner.LINES]
        raise WrongShape(f"a quote that opens on line {line} is never closed.")
    return findings


def skip(stream: TextStream, n_bytes: int) -> None:
    """Passes the next bytes."""
    while n_bytes > 0 and (passed := stream.read(min(n_bytes, BLOCK_BYTES))):
        n_bytes -= len(passed)


def _without_header(block: bytes, layout: Layout, findings: Findings) -> bytes:
    n_bytes, n_lines = header_length(block, layout.grammar)
    findings.totals[scanner.LINES] += n_lines
    return block[n_bytes:]


def header_length(data: bytes, grammar: scanner.Grammar) -> tuple[int, int]:
    """Bytes and lines of the first record, whose quoted names may hold line feeds."""
    place, n_lines = 0, 0
    while place < len(data):
        end = data.find(b"\n", place) + 1 or len(data)
        place, n_lines = end, n_lines + 1
        if not grammar.quoting or data.count(b'"', 0, place) % 2 == 0:
            break
    return place, n_lines


def _check_block(block: bytes, decoder: codecs.IncrementalDecoder, layout: Layout, name: str, position: int) -> None:
    if b"\0" in block:
        raise unreadable(name, f"byte {position + block.index(0) + 1} is zero: the text breaks off into binary data.")
    if layout.encoding == "utf-8" and (not block.isascii() or decoder.getstate()[0]):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            raise NotInThisEncoding from error


def _scan_block(data: bytes, layout: Layout, findings: Findings) -> bytes:
    """Scans the whole records of a block, notes the piece they make, gives the bytes of the unfinished one."""
    end = data.rfind(b"\n") + 1
    counters = scanner.scan(data[:end], layout.grammar, findings.seen) if end else np.zeros_like(findings.totals)
    consumed = int(counters[scanner.CONSUMED])
    totals = findings.totals
    if counters[scanner.STATUS] == scanner.STATUS_WIDTH:
        raise WrongShape(_misfit(data, counters, layout, int(totals[scanner.LINES] + counters[scanner.LINES])))
    if len(data) - consumed > LONGEST_RECORD_BYTES:
        line = layout.line + totals[scanner.LINES] + counters[scanner.LINES]
        raise WrongShape(f"the record that begins on line {line} is longer than 64 MiB.")
    totals += counters
    idle = counters[[scanner.COMMENTS, scanner.BLANKS, scanner.PADDED_QUOTE]].any()
    needs_rewrite = bool(idle) or layout.grammar.delimiter is None
    if consumed:
        findings.pieces.append(Piece(consumed, needs_rewrite, bool(counters[scanner.STRAY])))
    return data[consumed:]


def _misfit(data: bytes, counters: NDArray[np.int64], layout: Layout, n_lines: int) -> str:
    width, expected = int(counters[scanner.WIDTH]), len(layout.header.names)
    values = "1 value" if width == 1 else f"{width} values"
    reason = f"line {layout.line + n_lines} has {values} where {expected} are expected"
    at = int(counters[scanner.CONSUMED])
    is_last = data.find(b"\n", at) in (-1, len(data) - 1)
    return (
        f"{reason}; it is the last line, so the file may be cut off." if is_last and width < expected else f"{reason}."
    )
