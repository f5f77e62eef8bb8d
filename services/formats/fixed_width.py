"""Tables whose columns stand at fixed places and whose header says where.

IPAC tables (NED, IRSA): lines of names, types, units and nulls framed by ``|``, columns between the bars. CDS and AAS
machine-readable tables: a "Byte-by-byte Description" above the rows. Both are cut into a text file of tabs that is read
like any other; the copy lives as long as the reader.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from services.formats.base import unreadable
from services.formats.column_names import unique_names
from services.formats.fixed_width_marks import CDS_MARK, IPAC, RULE, fixed_width_kind
from services.formats.text import HEAD_BYTES, TextReader
from services.formats.text_dialect import is_missing
from services.formats.text_header import Header
from services.formats.text_pieces import Layout, scan_file
from services.formats.text_scan import Grammar
from services.formats.text_stream import TextStream, marked_encoding
from services.models.tables import TableColumn

_CDS_COLUMN = re.compile(r"\s*(?:(\d+)\s*-)?\s*(\d+)\s+([AIFE]\d*(?:\.\d+)?)\s+(\S+)\s+(\S+)\s*(.*)")
_CDS_NOTE = re.compile(r"^[?\[\]()!<>=\d.\s/+-]*\?=?\S*\s*|^\[[^\]]*\]\s*")


@dataclass(frozen=True, slots=True)
class _Field:
    """A column: its bytes in a line, how it is called, and the word for a missing value."""

    start: int
    stop: int
    column: TableColumn
    null: str | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a file is cut: its columns, and the number of lines before the rows."""

    fields: tuple[_Field, ...]
    n_header_lines: int
    has_bars: bool


def open_fixed_width(path: Path, name: str) -> FixedWidthReader:
    """A reader for an IPAC or a machine-readable table."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    encoding = marked_encoding(head)[0]
    lines = head.decode("utf-8", "replace").replace("\r", "").split("\n")
    plan = _ipac_plan(lines) if fixed_width_kind(head) == IPAC else _cds_plan(lines)
    if not plan.fields:
        raise unreadable(name, "its header describes no columns.")
    folder = tempfile.TemporaryDirectory(prefix="pz-columns-", dir=path.parent)
    try:
        return FixedWidthReader(path, name, encoding, plan, folder)
    except BaseException:
        folder.cleanup()
        raise


class FixedWidthReader(TextReader):
    """Rows of a table of fixed places, read from a copy cut by tabs."""

    def __init__(
        self, path: Path, name: str, encoding: str, plan: _Plan, folder: tempfile.TemporaryDirectory[str]
    ) -> None:
        self._folder = folder
        copy = Path(folder.name) / "table.tsv"
        with copy.open("wb") as out:
            out.writelines(_records(path, name, encoding, plan))
        names = [field.column.name for field in plan.fields]
        declared = tuple(field.column for field in plan.fields)
        header = Header(tuple(names), has_header=True)
        layout = Layout(header, Grammar("\t", quoting=False), 0, plan.n_header_lines + 1, declared=declared)
        super().__init__(copy, name, layout, scan_file(copy, name, layout))

    def close(self) -> None:
        """Remove the copy."""
        self._folder.cleanup()


def _records(path: Path, name: str, encoding: str, plan: _Plan) -> Iterator[bytes]:
    bars = [field.start - 1 for field in plan.fields if field.start] if plan.has_bars else []
    cuts = [(field.start, field.stop, field.null) for field in plan.fields]
    for number, line in enumerate(_lines(path, encoding), start=1):
        if number <= plan.n_header_lines or not line.strip() or (plan.has_bars and line.startswith("\\")):
            continue
        if any(line[bar : bar + 1].strip() for bar in bars):
            raise unreadable(name, f"line {number}: a value crosses the border of its column.")
        cells = [line[start:stop].strip().replace("\t", " ") for start, stop, _ in cuts]
        cells = ["" if cell == null else cell for cell, (_, _, null) in zip(cells, cuts, strict=True)]
        yield ("\t".join(cells) + "\n").encode()


def _lines(path: Path, encoding: str) -> Iterator[str]:
    rest = b""
    with TextStream(path, encoding) as stream:
        while block := stream.read(HEAD_BYTES):
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield line.decode("utf-8", "replace").rstrip("\r")
    if rest:
        yield rest.decode("utf-8", "replace").rstrip("\r")


def _named(titles: list[str], make: Callable[[int, str], _Field]) -> tuple[_Field, ...]:
    return tuple(make(place, title) for place, title in enumerate(unique_names(titles)[0]))


def _ipac_plan(lines: list[str]) -> _Plan:
    start = next(place for place, line in enumerate(lines) if line.startswith("|"))
    stop = next(place for place in range(start, len(lines)) if not lines[place].startswith("|"))
    bars = [place for place, letter in enumerate(lines[start]) if letter == "|"]
    rows = [[line[a + 1 : b].strip() for a, b in pairwise(bars)] for line in lines[start:stop]]
    titles, kinds, units, nulls = (rows + [[""] * len(rows[0])] * 3)[:4]

    def field(place: int, title: str) -> _Field:
        dtype = "string" if kinds[place].lower().startswith(("c", "date")) else ""
        unit = None if is_missing(units[place]) else units[place]
        return _Field(bars[place] + 1, bars[place + 1], TableColumn(title, dtype, unit), nulls[place] or None)

    return _Plan(_named(titles, field), stop, has_bars=True)


def _cds_plan(lines: list[str]) -> _Plan:
    start = max(place for place, line in enumerate(lines) if CDS_MARK in line)
    last_rule = max(place for place, line in enumerate(lines) if RULE.fullmatch(line))
    found = [match for line in lines[start:last_rule] if (match := _CDS_COLUMN.fullmatch(line))]

    def field(place: int, title: str) -> _Field:
        match = found[place]
        unit = None if is_missing(match[4]) or set(match[4]) == {"-"} else match[4]
        dtype = "string" if match[3].startswith("A") else ""
        column = TableColumn(title, dtype, unit, description=_CDS_NOTE.sub("", match[6]) or None)
        return _Field(int(match[1] or match[2]) - 1, int(match[2]), column)

    return _Plan(_named([match[5] for match in found], field), last_rule + 1, has_bars=False)
