"""Files that are no tables, told by their first bytes, with the sentence each one gets."""

from __future__ import annotations

from dataclasses import dataclass

_CODE = "code, not data, so it is stored but never run or read; save the table as Parquet, FITS or CSV instead"


@dataclass(frozen=True, slots=True)
class Foreign:
    """One kind of file: how it begins (at ``offset``) and what it is."""

    marks: tuple[bytes, ...]
    title: str
    offset: int = 0


FOREIGN = (
    Foreign((b"%PDF",), "a PDF document"),
    Foreign((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM"), "an image"),
    Foreign((b"\xd0\xcf\x11\xe0",), "an old Excel or Word file: please save the sheet as CSV"),
    Foreign((b"{\\rtf",), "a word processor document"),
    Foreign((b"SQLite format 3",), "an SQLite database"),
    Foreign((b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe", b"#!/"), "a program"),
    Foreign((b"ARROW1", b"FEA1"), "an Arrow or Feather file: please save it as Parquet"),
    Foreign((b"\x28\xb5\x2f\xfd",), "a Zstandard archive: please use gzip or zip"),
    Foreign((b"7z\xbc\xaf\x27\x1c", b"Rar!"), "a 7-Zip or RAR archive: please use zip or tar.gz"),
    Foreign((b"#ASDF",), "an ASDF file: please save the table as Parquet or FITS"),
    Foreign((b"wOFF", b"OggS", b"ID3", b"RIFF"), "a font, sound or film"),
)

_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")
_OFFICE = ((b"xl/", "an Excel workbook: please save the sheet as CSV"), (b"word/", "a Word document"))


def foreign_title(head: bytes) -> str | None:
    """What a file is when it is surely no table; None when it may be one."""
    for kind in FOREIGN:
        if any(head.startswith(mark, kind.offset) for mark in kind.marks):
            return kind.title if kind.marks[0] != b"II*\0" else "an image"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith(_HTML):
        return "a web page (HTML), perhaps the error page of a download"
    if start[:1] == b"{" or (start[:1] == b"[" and start[1:].lstrip()[:1] in b'{["'):
        return "JSON, which is no table here: please save it as CSV or Parquet"
    return "a pickle, which is " + _CODE if looks_pickled(head) else None


def looks_pickled(head: bytes) -> bool:
    """Whether bytes begin as a Python pickle does (protocols 0 to 5)."""
    if head[:1] == b"\x80" and 2 <= head[1:2][0:1][0] <= 5 if len(head) > 1 else False:
        return True
    return head.startswith((b"ccopy_reg\n", b"(lp0\n", b"(dp0\n", b"(lp1\n", b"(dp1\n", b"cnumpy", b"(S'", b"(dS'"))


def office_title(member_names: list[str]) -> str | None:
    """What an office document is, from the names inside its zip; None for a plain archive."""
    if "[Content_Types].xml" not in member_names and "mimetype" not in member_names:
        return None
    for prefix, title in _OFFICE:
        if any(member.startswith(prefix.decode()) for member in member_names):
            return title
    return "an office document, not a table: please save the sheet as CSV"
