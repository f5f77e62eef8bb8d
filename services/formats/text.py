"""Delimited and blank-separated text: CSV and its kin, ASCII tables with headers in comments or none.

Reading takes two passes over the file: ``text_scan`` finds what every column holds and where records begin, then
polars parses pieces of some megabytes with types that are known to be right (docs/decisions/0030).
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from services.formats import text_scan as scanner
from services.formats.base import BATCH_BYTES, BATCH_ROWS, ClosingReader, unreadable
from services.formats.column_names import unique_names
from services.formats.text_automaton import TEXT
from services.formats.text_dialect import (
    NO_DELIMITER,
    choose_delimiter,
    first_lines,
    has_decimal_commas,
    is_prose,
    past_title,
    split_records,
    with_points,
)
from services.formats.text_header import Header, find_header
from services.formats.text_pieces import (
    Findings,
    Layout,
    NotInThisEncoding,
    Piece,
    WrongShape,
    repeated_header_line,
    scan_file,
    skip,
)
from services.formats.text_stream import TextStream, marked_encoding
from services.formats.text_values import ARROW_TYPES, Parser, column_dtype, requoted
from services.models.tables import TableColumn, TableInfo

if TYPE_CHECKING:
    import polars as pl

HEAD_BYTES = 2**20
"""Bytes looked at for dialect and header: thousands of lines, or a hundred of the widest."""

PIECE_BYTES = 4 * 2**20
"""Bytes parsed at once, one block of the scan: larger pieces cost memory and are not faster."""

PARSE_THREADS = 2
"""Pieces parsed at the same time; polars uses one thread for a piece of this size."""

_DELIMITER_TITLES = {",": ",", ";": ";", "\t": "tab", "|": "|", " ": "blank", None: "blanks"}


LayoutFinder = Callable[[str, bytes, bool], Layout]


def open_text(path: Path, name: str, find_layout: LayoutFinder | None = None) -> TextReader:
    """A reader for a text table; ``find_layout`` replaces the guess of dialect and header (ECSV states both)."""
    finder = find_layout or guess_layout
    with path.open("rb") as file:
        marked, _ = marked_encoding(file.read(4))
    try:
        return _open_encoded(path, name, marked, finder)
    except NotInThisEncoding:
        warning = "The text is not UTF-8, so it was read as Latin-1: letters with accents may show wrongly."
        reader = _open_encoded(path, name, "latin-1", finder)
        reader.info = replace(reader.info, warnings=(warning, *reader.info.warnings))
        return reader


def _open_encoded(path: Path, name: str, encoding: str, finder: LayoutFinder) -> TextReader:
    layout = layout_of(path, name, encoding, finder)
    try:
        findings = scan_file(path, name, layout)
    except WrongShape as error:
        layout, findings = _without_quotes(path, name, layout, error)
    _check_joined(path, name, layout, findings)
    return TextReader(path, name, layout, findings)


def layout_of(path: Path, name: str, encoding: str, finder: LayoutFinder) -> Layout:
    """Dialect and header of a text table, from its beginning."""
    with TextStream(path, encoding) as stream:
        head = stream.read(HEAD_BYTES)
        is_whole = not stream.read(1)
    _check_is_text(name, head)
    _check_encoding(head, encoding)
    return replace(finder(name, head, is_whole), encoding=encoding)


def _check_joined(path: Path, name: str, layout: Layout, findings: Findings) -> None:
    """A header among the rows makes every column text: nobody means that."""
    if layout.header.in_first_record and len(findings.seen) > 1 and all(seen & TEXT for seen in findings.seen):
        line = repeated_header_line(path, layout)
        if line:
            raise unreadable(
                name, f"line {line} repeats the column names: several files seem to be joined in this one."
            )


def _without_quotes(path: Path, name: str, layout: Layout, error: WrongShape) -> tuple[Layout, Findings]:
    """A second try that takes quotes for letters (5'12.3" or an inch sign); the first error holds if that fails."""
    if not layout.grammar.quoting:
        raise unreadable(name, error.reason) from error
    bare = replace(layout, grammar=replace(layout.grammar, quoting=False))
    try:
        return bare, scan_file(path, name, bare)
    except WrongShape:
        raise unreadable(name, error.reason) from error


def _check_is_text(name: str, head: bytes) -> None:
    if not head.strip():
        raise unreadable(name, "the file is empty.")
    if b"\0" in head:
        raise unreadable(name, f"byte {head.index(0) + 1} is zero, so this is binary data and not a text table.")
    control = len(head) - len(head.translate(None, delete=bytes({*range(1, 9), *range(14, 27), *range(28, 32), 127})))
    if control > max(2, len(head) / 1000):
        raise unreadable(name, f"{control} of the first {len(head)} bytes are control codes: binary data, not text.")


def _check_encoding(head: bytes, encoding: str) -> None:
    if encoding == "utf-8":
        try:
            codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError as error:
            raise NotInThisEncoding from error


def guess_layout(name: str, head: bytes, is_whole: bool) -> Layout:
    """Dialect and header from the first bytes of a file."""
    lines = first_lines(head, is_whole)
    if not lines.body:
        raise unreadable(name, "the file has comment lines but no rows.")
    delimiter = choose_delimiter(lines.body)
    titled, lines = lines, past_title(head, lines, delimiter)
    records = split_records(lines.body, delimiter)
    if delimiter == NO_DELIMITER and is_prose(records):
        raise unreadable(name, "no delimiter cuts its lines into columns of one number: it looks like plain text.")
    has_commas = has_decimal_commas(records, delimiter)
    header = find_header(lines.comments, with_points(records) if has_commas else records, delimiter)
    quoting = '"' in "".join(lines.body) or not is_whole
    grammar = scanner.Grammar(delimiter, quoting, decimal="," if has_commas else ".")
    warnings: tuple[str, ...] = ("Numbers are written with decimal commas and were read so.",) if has_commas else ()
    if lines is not titled:
        warnings += (f"Lines above the one with the column names were left out: {lines.line - titled.line}.",)
    return Layout(header, grammar, lines.offset, lines.line, warnings=warnings)


def _declared_column(name: str, dtype: str, declared: TableColumn) -> TableColumn:
    """A column with the declared type where the values bear it, else with the type of its values."""
    bears_it = declared.dtype in ("string", "bool") or (declared.dtype == "float64" and dtype in ("int64", "uint64"))
    return replace(declared, name=name, dtype=declared.dtype if bears_it else dtype)


class TextReader(ClosingReader):
    """A text table whose layout and types are known."""

    def __init__(self, path: Path, name: str, layout: Layout, findings: Findings) -> None:
        super().__init__(name)
        self._path, self._layout, self._findings = path, layout, findings
        self.info = self._described(layout.header, findings)

    def _described(self, header: Header, findings: Findings) -> TableInfo:
        n_rows = int(findings.totals[scanner.ROWS])
        if not n_rows:
            raise unreadable(self.name, f"the file has a header of {len(header.names)} names but no rows.")
        columns, renamed = self._columns(header, findings)
        delimiter = self._layout.grammar.delimiter
        return TableInfo(
            format=self._layout.format,
            columns=columns,
            n_rows=n_rows,
            warnings=(*header.warnings, *self._layout.warnings, *renamed, *self._noticed(findings)),
            needs_confirmation=header.needs_confirmation,
            delimiter=None if delimiter == NO_DELIMITER else _DELIMITER_TITLES.get(delimiter, delimiter),
            has_header=header.has_header,
            grid=self._layout.grid,
        )

    def _columns(self, header: Header, findings: Findings) -> tuple[tuple[TableColumn, ...], tuple[str, ...]]:
        names, renamed = unique_names(header.names)
        dtypes = [column_dtype(int(seen)) for seen in findings.seen]
        if self._layout.declared:
            described = zip(names, dtypes, self._layout.declared, strict=True)
            return tuple(_declared_column(*column) for column in described), renamed
        units = header.units or (None,) * len(names)
        return tuple(TableColumn(*column) for column in zip(names, dtypes, units, strict=True)), renamed

    def _noticed(self, findings: Findings) -> tuple[str, ...]:
        n_comments = int(findings.totals[scanner.COMMENTS])
        if not n_comments:
            return ()
        return (f"Lines among the rows that begin with # were left out as comments: {n_comments}.",)

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order, see ``TableReader``."""
        wanted = self._places(columns)
        parsing: deque[Future[pa.Table]] = deque()
        with ThreadPoolExecutor(PARSE_THREADS) as ahead:  # the next pieces are parsed while the last one is worked on
            for data in self._pieces():
                parsing.append(ahead.submit(self._parsed, data, wanted))
                if len(parsing) > PARSE_THREADS:
                    yield from _batches_of(parsing.popleft().result())
            while parsing:
                yield from _batches_of(parsing.popleft().result())

    def _places(self, columns: tuple[str, ...] | None) -> list[int]:
        names = [column.name for column in self.info.columns]
        return list(range(len(names))) if columns is None else [names.index(name) for name in columns]

    def _pieces(self) -> Iterator[bytes]:
        """Parseable bytes of some PIECE_BYTES each."""
        with TextStream(self._path, self._layout.encoding) as stream:
            skip(stream, self._layout.offset + self._findings.header_bytes)
            waiting: list[bytes] = []
            size = 0
            for piece in self._findings.pieces:
                waiting.append(self._clean(stream.read(piece.n_bytes), piece))
                size += piece.n_bytes
                if size >= self._piece_bytes():
                    yield b"".join(waiting)
                    waiting, size = [], 0
            if waiting:
                yield b"".join(waiting)

    def _piece_bytes(self) -> int:
        """Text parsed at once: below PIECE_BYTES, and about BATCH_ROWS rows of a narrow table."""
        total = sum(piece.n_bytes for piece in self._findings.pieces)
        bytes_per_row = total / max(1, self.info.n_rows or 1)
        values = 8 * len(self.info.columns) * PIECE_BYTES / max(bytes_per_row, 1)
        return int(min(PIECE_BYTES, BATCH_ROWS * bytes_per_row, PIECE_BYTES * BATCH_BYTES / max(values, 1)))

    def _clean(self, data: bytes, piece: Piece) -> bytes:
        grammar = self._layout.grammar
        if piece.has_stray_quotes and self._quote():
            return requoted(scanner.rewrite(data, grammar), grammar.delimiter or " ")
        if piece.needs_rewrite:
            return scanner.rewrite(data, grammar)
        return data if data.endswith(b"\n") else data + b"\n"

    def _quote(self) -> str | None:
        """Quote character for the parser: none when no field is quoted, which makes loose quotes plain letters."""
        return '"' if self._layout.grammar.quoting and self._findings.totals[scanner.QUOTED] else None

    def _parsed(self, data: bytes, wanted: Sequence[int]) -> pa.Table:
        import polars as pl  # heavy, and not safe to hold over a fork: loaded where text is read, nowhere else

        parsers = [
            Parser.of(int(seen), column.dtype, self._layout.grammar.decimal)
            for seen, column in zip(self._findings.seen, self.info.columns, strict=True)
        ]
        try:
            frame = pl.read_csv(
                data,
                has_header=False,
                schema={f"column_{place + 1}": parser.read_as(pl) for place, parser in enumerate(parsers)},
                columns=sorted(set(wanted)),
                separator=self._layout.grammar.delimiter or " ",
                quote_char=self._quote(),
                extra_columns="ignore",
                decimal_comma=self._layout.grammar.decimal == ",",
                encoding="utf8",
            )
            frame = frame.select(parsers[place].expression(pl, place) for place in dict.fromkeys(wanted))
        except pl.exceptions.PolarsError as error:
            raise unreadable(self.name, "some rows cannot be cut into values.") from error
        return self._as_arrow(frame, wanted)

    def _as_arrow(self, frame: pl.DataFrame, wanted: Sequence[int]) -> pa.Table:
        table = frame.to_arrow()
        fields = [self.info.columns[place] for place in wanted]
        schema = pa.schema(
            [pa.field(f"column_{place + 1}", ARROW_TYPES[self.info.columns[place].dtype]) for place in wanted]
        )
        return table.cast(schema).rename_columns([column.name for column in fields])


def _batches_of(table: pa.Table) -> list[pa.RecordBatch]:
    return table.to_batches(max_chunksize=BATCH_ROWS)
