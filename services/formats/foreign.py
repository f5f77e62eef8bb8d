"""Files that are no tables, told by their first bytes, with the sentence each one gets."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE = "code, not data, so it is stored but never run or read; save the table as Parquet, FITS or CSV instead"


@dataclass(frozen=True, slots=True)
class Foreign:
    """One kind of file: how it begins and what it is."""

    marks: tuple[bytes, ...]
    title: str


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

_OLD_PICKLE = re.compile(rb"c[\w.]+\n[\w.]+\n(p0\n|q\x00)?\(|[(](l|d|t|i[\w.]+\n[\w.]+\n)?p[01]\n")
"""Protocols 0 and 1 have no mark: they begin by naming a function to call, or with a container kept as number 0."""

_FOREIGN_SUFFIXES = (
    *(".md", ".rst", ".tex", ".bib", ".log", ".json", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".html", ".svg"),
    *(".py", ".ipynb", ".r", ".jl", ".c", ".cpp", ".sh", ".sql"),
    *(".pkl", ".pickle", ".joblib", ".model", ".onnx", ".pt", ".pth", ".sav", ".bin", ".npz"),
)

_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")
_OFFICE = ((b"xl/", "an Excel workbook: please save the sheet as CSV"), (b"word/", "a Word document"))


def foreign_title(head: bytes) -> str | None:
    """What a file is when it is surely no table; None when it may be one."""
    for kind in FOREIGN:
        if head.startswith(kind.marks):
            return kind.title
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith(_HTML):
        return "a web page (HTML), perhaps the error page of a download"
    if start[:1] == b"{" or (start[:1] == b"[" and start[1:].lstrip()[:1] in b'{["'):
        return "JSON, which is no table here: please save it as CSV or Parquet"
    return "a pickle, which is " + _CODE if looks_pickled(head) else None


def is_foreign_name(name: str) -> bool:
    """Whether a name says that the file is code, notes, settings or a trained model, and no table."""
    return name.lower().endswith(_FOREIGN_SUFFIXES)


def looks_pickled(head: bytes) -> bool:
    """Whether bytes begin as a Python pickle does (protocols 0 to 5)."""
    return (head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5")) or _OLD_PICKLE.match(head) is not None


def office_title(member_names: list[str]) -> str | None:
    """What an office document is, from the names inside its zip; None for a plain archive."""
    if "[Content_Types].xml" not in member_names and "mimetype" not in member_names:
        return None
    for prefix, title in _OFFICE:
        if any(member.startswith(prefix.decode()) for member in member_names):
            return title
    return "an office document, not a table: please save the sheet as CSV"
