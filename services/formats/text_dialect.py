"""How the records of a text table are cut: comment lines, delimiter, quotes."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
"""Single-character delimiters; runs of blanks (None) are tried last. Letters never delimit anything."""

NO_DELIMITER = "\x1f"
"""Stands for a table of one column: a byte no text holds."""

SAMPLE_RECORDS = 200
_MARKED_SHARE = 0.5
_BLANK_SHARE = 0.9
_MOST_TITLES = 20
_WORDS_OF_PROSE = 4
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?")
_MISSING = frozenset(
    {"", "nan", "null", "none", "na", "n/a", "<na>", "--", "-", "...", "masked", "inf", "-inf", "+inf"}
)


@dataclass(frozen=True, slots=True)
class Lines:
    """The first lines of a text file.

    ``comments`` are the comment lines before the first record, without their marks; ``body`` the lines from the first
    record on (with line ends, comments and blank lines left out); ``offset`` the bytes and ``line`` the number
    (from 1) where the first record begins.
    """

    comments: tuple[str, ...]
    body: tuple[str, ...]
    offset: int
    line: int


def is_number(cell: str) -> bool:
    """Whether a cell reads as a number."""
    return _NUMBER.fullmatch(cell.strip()) is not None


def is_comma_number(cell: str) -> bool:
    """Whether a cell reads as a number with a decimal comma."""
    return cell.count(",") == 1 and is_number(cell.replace(",", "."))


def has_decimal_commas(records: Sequence[Sequence[str]], delimiter: str | None) -> bool:
    """Whether the numbers of a table have decimal commas: some do, none has a decimal point, no comma delimits."""
    if delimiter in (",", NO_DELIMITER) or _is_cut_by_commas(records[0]):
        return False
    cells = [cell.strip() for record in records for cell in record]
    has_points = any("." in cell and is_number(cell) for cell in cells)
    return not has_points and any(map(is_comma_number, cells))


def _is_cut_by_commas(header: Sequence[str]) -> bool:
    """Whether commas stand between the names of a header, so that rows below it are delimited by them too."""
    names = [cell.strip() for cell in header if not is_comma_number(cell)]
    n_commas = sum(name.count(",") for name in names)
    return n_commas >= max(1, len(names)) or (len(names) > 1 and all(name.endswith(",") for name in names[:-1]))


def with_points(records: Sequence[Sequence[str]]) -> list[list[str]]:
    """The records with decimal points for decimal commas."""
    return [[cell.replace(",", ".") if is_comma_number(cell) else cell for cell in record] for record in records]


def is_missing(cell: str) -> bool:
    """Whether a cell is empty or a word for a missing value."""
    return cell.strip().lower() in _MISSING


def first_lines(head: bytes, is_whole: bool) -> Lines:
    """Comments and first records in the first bytes; an unfinished last line counts only in a whole file."""
    lines = head.decode("utf-8", errors="replace" if is_whole else "ignore").split("\n")
    if not is_whole and len(lines) > 1:
        lines.pop()
    bare = [line.strip(" \t\r") for line in lines]
    start = next((place for place, line in enumerate(bare) if line and not line.startswith("#")), len(lines))
    comments = [line.lstrip("#").strip() for line in bare[:start] if line]
    if start == len(lines):
        return Lines(tuple(comments), (), len(head), len(lines))
    offset = _offset_of_line(head, start)
    body = [f"{line}\n" for line in lines[start:] if line.strip(" \t\r") and not line.lstrip(" \t").startswith("#")]
    return Lines(tuple(comments), tuple(body[: 4 * SAMPLE_RECORDS]), offset, start + 1)


def _offset_of_line(data: bytes, index: int) -> int:
    place = 0
    for _ in range(index):
        place = data.index(b"\n", place) + 1
    return place


def split_records(lines: Sequence[str], delimiter: str | None, quoting: bool = True) -> list[list[str]]:
    """Cells of the first records; an unfinished quoted cell at the end of the sample is left out."""
    if delimiter is None:
        return [split_blanks(line, quoting) for line in lines[:SAMPLE_RECORDS]]
    is_padded = delimiter != " "
    if quoting:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=is_padded)
    else:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=is_padded, quoting=csv.QUOTE_NONE)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append([cell.rstrip("\r") for cell in record])
            if len(records) == SAMPLE_RECORDS:
                break
    except csv.Error:  # a field beyond the limit of the csv module: an unclosed quote
        return records or [[]]
    return records


def split_blanks(line: str, quoting: bool = True) -> list[str]:
    """Cells of a line cut at runs of blanks; blanks within double quotes stay when ``quoting``."""
    if not quoting or '"' not in line:
        return line.split()
    return [quoted or bare for quoted, bare in re.findall(r'"((?:[^"]|"")*)"(?=\s|$)|(\S+)', line)]


def choose_delimiter(lines: Sequence[str]) -> str | None:
    """Delimiter under which most records have one same width, more than one cell, and most numbers."""
    best: tuple[float, int, str | None] = (-1.0, 0, NO_DELIMITER)
    for order, delimiter in enumerate((*DELIMITERS, None)):
        records = split_records(lines, delimiter)
        judged = records[1:] or records
        width, count = Counter(map(len, judged)).most_common(1)[0]
        share_needed = _BLANK_SHARE if delimiter is None else _MARKED_SHARE
        if width > 1 and count >= share_needed * len(judged):
            cells = [cell for record in judged for cell in record]
            if delimiter != "," and has_decimal_commas(judged, delimiter):
                cells = [cell for record in with_points(judged) for cell in record]
            numbers = sum(is_number(cell) or is_missing(cell) for cell in cells) / len(cells)
            best = max(best, (round(numbers, 3), -order, delimiter), key=lambda candidate: candidate[:2])
    return best[2] if best[2] != NO_DELIMITER else _ragged_delimiter(lines)


def _ragged_delimiter(lines: Sequence[str]) -> str | None:
    """Delimiter of records that agree on no width, so that the first misfit is named; else the table has one column.

    A list of names, or numbers in most lines, tells that something is delimited here.
    """
    best: tuple[bool, int, str | None] = (False, 0, NO_DELIMITER)
    for delimiter in (*DELIMITERS, None):
        first, *rest = split_records(lines, delimiter)
        cells = [cell for record in rest for cell in record]
        is_cut = rest and sum(len(record) > 1 for record in rest) >= len(rest) / 2
        has_numbers = is_cut and sum(map(is_number, cells)) >= len(cells) / 2
        has_names = delimiter is not None and len(first) > 1 and all(map(_is_name, first))
        if has_numbers or has_names:
            best = max(best, (has_names, len(first) + len(cells), delimiter), key=lambda found: found[:2])
    return best[2]


def is_prose(records: Sequence[Sequence[str]]) -> bool:
    """Whether most lines that nothing delimits are made of several words, as no list of values is."""
    return sum(len(" ".join(record).split()) >= _WORDS_OF_PROSE for record in records) > len(records) / 2


def _is_name(cell: str) -> bool:
    return not is_number(cell) and not is_missing(cell)


def past_title(head: bytes, lines: Lines, delimiter: str | None) -> Lines:
    """The lines from the header on, when titles or notes without comment marks stand above it."""
    records = split_records(lines.body, delimiter)
    n_titles = _count_titles(records)
    if not n_titles or any('"' in line for line in lines.body[:n_titles]):
        return lines
    place, number, to_pass = lines.offset, lines.line, n_titles
    while True:
        line = head[place : head.find(b"\n", place) + 1].strip()
        if line and not line.startswith(b"#"):
            if not to_pass:
                return Lines(lines.comments, lines.body[n_titles:], place, number)
            to_pass -= 1
        place, number = head.index(b"\n", place) + 1, number + 1


def _count_titles(records: Sequence[Sequence[str]]) -> int:
    """Records of another width above one that has a name for every column of the numbers below it."""
    width, count = Counter(map(len, records)).most_common(1)[0]
    start = next(place for place, record in enumerate(records) if len(record) == width)
    header, below = records[start], records[start + 1 : start + 2]
    is_header = len(set(header)) == width and all(map(_is_name, header))
    is_header &= any(is_number(cell) for record in below for cell in record)
    is_sure = width > 1 and count > len(records) / 2 and start <= _MOST_TITLES
    return start if is_header and is_sure and all(len(record) < width for record in records[:start]) else 0
