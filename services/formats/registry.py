"""The formats the portal reads, and the one way in: ``open_table``."""

from __future__ import annotations

import csv
import importlib
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from services.errors import UnreadableTable
from services.formats.base import (
    ClosingReader,
    Format,
    Surprise,
    TableReader,
    Trial,
    TriedReader,
    is_own_disk,
    not_a_table,
    unreadable,
)
from services.formats.column_runs import joined
from services.formats.fixed_width_marks import fixed_width_kind
from services.formats.foreign import foreign_title, is_foreign_name
from services.formats.unpack import packing, unpack
from services.models.tables import TableInfo

SNIFF_BYTES = 64 * 1024
SURE, LIKELY, PERHAPS = 100, 60, 10

FOREIGN_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
)
FOREIGN_ERRORS += (AttributeError, struct.error, zlib.error, csv.Error, pa.ArrowException)
"""What the libraries below raise on bytes they did not expect; none of it may leave this room."""

ECSV_MARK = b"# %ECSV"
HDF5_MARK = b"\x89HDF\r\n\x1a\n"
HDF5_OFFSETS = (0, 512, 1024, 2048, 4096)


def _is_fits(head: bytes, _: str) -> int:
    return SURE if head.startswith(b"SIMPLE  =") else 0


def _is_hdf5(head: bytes, _: str) -> int:
    return SURE if any(head.startswith(HDF5_MARK, offset) for offset in HDF5_OFFSETS) else 0


def _is_parquet(head: bytes, _: str) -> int:
    return SURE if head.startswith(b"PAR1") else 0


def _is_npy(head: bytes, _: str) -> int:
    return SURE if head.startswith(b"\x93NUMPY") else 0


def _is_votable(head: bytes, _: str) -> int:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:4096]
    if start.startswith(b"<") and b"VOTABLE" in start:
        return SURE
    is_wide = head.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<"))
    return LIKELY if start.startswith(b"<?xml") or is_wide else 0


def _is_ecsv(head: bytes, _: str) -> int:
    return SURE if head.removeprefix(b"\xef\xbb\xbf").startswith(ECSV_MARK) else 0


def _is_fixed_width(head: bytes, _: str) -> int:
    return LIKELY if fixed_width_kind(head) else 0


def _is_text(_: bytes, name: str) -> int:
    return PERHAPS + name.endswith((".csv", ".txt", ".dat", ".tsv", ".cat"))


def _reader(module: str, function: str) -> Callable[[Path, str], TableReader]:
    """Opens with a reader that is imported when first needed: the libraries below take longer than a small file."""

    def open_with(path: Path, name: str) -> TableReader:
        reader: TableReader = getattr(importlib.import_module(f"services.formats.{module}"), function)(path, name)
        return reader

    return open_with


_OPEN_HURRIED = _reader("text_hurried", "open_hurried")

_ROWS = (
    Format("fits", "FITS table", (".fits", ".fit", ".fts"), _is_fits, _reader("fits", "open_fits")),
    Format("hdf5", "HDF5", (".hdf5", ".h5", ".hdf", ".hf5"), _is_hdf5, _reader("hdf5", "open_hdf5")),
    Format("parquet", "Parquet", (".parquet", ".pq"), _is_parquet, _reader("parquet", "open_parquet")),
    Format("votable", "VOTable", (".xml", ".vot", ".vo", ".votable"), _is_votable, _reader("votable", "open_votable")),
    Format("npy", "NumPy array", (".npy",), _is_npy, _reader("npy", "open_npy")),
    Format("ecsv", "ECSV", (".ecsv",), _is_ecsv, _reader("ecsv", "open_ecsv")),
    Format(
        "fixed_width",
        "IPAC or machine-readable (CDS) table",
        (".tbl", ".mrt"),
        _is_fixed_width,
        _reader("fixed_width", "open_fixed_width"),
    ),
    Format(
        "text",
        "CSV, TSV or ASCII table",
        (".csv", ".tsv", ".txt", ".dat", ".cat", ".ascii"),
        _is_text,
        _reader("text", "open_text"),
    ),
)


def _by_name(rows: tuple[Format, ...]) -> dict[str, Format]:
    table = {row.name: row for row in rows}
    if len(table) != len(rows):
        raise ValueError("two formats have the same name")
    return table


FORMATS = _by_name(_ROWS)
"""Every format by name."""

SUFFIXES = tuple(suffix for row in _ROWS for suffix in row.suffixes)
"""Suffixes to name in forms; what counts is the content."""


def open_table(path: Path, name: str, scratch: Path | None = None, *, hurried: bool = False) -> OpenTable:
    """The table in a file, whatever its format, packed or not.

    Parameters
    ----------
    path : Path
        The file as it was uploaded.
    name : str
        Name people know it by; messages use it and no other.
    scratch : Path, optional
        Folder for what is unpacked; the folder for temporary files by default. What is written there goes with
        ``close``.
    hurried : bool
        For those who take all rows first: a large text table is then opened by samples alone and offers a ``trial``.
        What is wrong with it may come to light while its rows are read.

    Raises
    ------
    UnreadableTable
        With one sentence that names the file, the place and the reason.
    """
    shown = _short(name)
    folder = Path(tempfile.mkdtemp(prefix="pz-table-", dir=scratch))
    try:
        with _Translated(shown):
            found = _found(path, shown, folder)
            return OpenTable(shown, _opened(found, hurried=hurried), folder, found)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _short(name: str) -> str:
    """A file name fit for a sentence: no folders, no line breaks, not endless."""
    last = "".join(letter if letter.isprintable() else "?" for letter in name.replace("\\", "/").rsplit("/", 1)[-1])
    return last if len(last) <= 120 else f"{last[:80]}...{last[-20:]}"


@dataclass(frozen=True, slots=True)
class _Found:
    """An unpacked file of a known format: what messages call it, and the name inside of the archive."""

    path: Path
    name: str
    path_name: str
    format: Format


def _found(path: Path, name: str, folder: Path) -> _Found:
    head = _head(path)
    if not head:
        raise unreadable(name, "the file is empty.")
    kind = packing(head)
    inner = path_name = name
    if kind:
        path, inner_name = unpack(path, name, folder, kind)
        inner = f"{name} ({_short(inner_name)})"
        head = _head(path)
        if not head:
            raise unreadable(inner, "the file inside is empty.")
        path_name = inner_name
    foreign = foreign_title(head)
    if foreign:
        raise not_a_table(inner, f"this is {foreign}.")
    chosen = sniffed(head, inner.lower())
    if chosen.name == "fixed_width":
        path = _linked(path, folder)
    return _Found(path, inner, path_name, chosen)


def _opened(found: _Found, *, hurried: bool) -> TableReader:
    is_text = found.format.name == "text"
    try:
        return joined((_OPEN_HURRIED if hurried and is_text else found.format.open)(found.path, found.name))
    except UnreadableTable as error:
        if is_text and is_foreign_name(found.path_name):
            raise not_a_table(found.name, error.message.removeprefix(f"{found.name}: ")) from error
        raise


def _linked(path: Path, folder: Path) -> Path:
    """The file as seen from the scratch folder, where its reader writes a copy."""
    link = folder / "linked"
    link.symlink_to(path.resolve())
    return link


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SNIFF_BYTES)


def sniffed(head: bytes, lower_name: str) -> Format:
    """The format that is surest of its kind."""
    return max(FORMATS.values(), key=lambda row: row.sniff(head, lower_name))


class _Translated:
    """Turns what libraries raise on hostile bytes into the one error of this room."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FOREIGN_ERRORS) and not isinstance(error, UnreadableTable) and not is_own_disk(error):
            raise unreadable(self._name, "its inner structure is damaged, so it cannot be read as a table.") from error


class OpenTable(ClosingReader):
    """An opened table: the reader of its format, fenced, and the scratch folder that goes with it."""

    def __init__(self, name: str, reader: TableReader, folder: Path, found: _Found) -> None:
        super().__init__(name)
        self._reader, self._folder, self._found = reader, folder, found
        if self.trial is None and reader.info.n_rows == 0:
            reader.close()
            raise unreadable(name, "the table has columns but no rows.")

    @property
    def trial(self) -> Trial | None:
        """One walk through all rows on the word of samples, see ``TriedReader``."""
        return self._reader.trial if isinstance(self._reader, TriedReader) else None

    @property
    def info(self) -> TableInfo:
        """What the table says about itself."""
        try:
            return self._reader.info
        except Surprise:
            return self._settled().info

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order, see ``TableReader``."""
        with _Translated(self.name):
            yield from self._settled().batches(columns)

    def _settled(self) -> TableReader:
        """The reader that knows the whole file; a trial is given up for it."""
        if self.trial is not None:
            with _Translated(self.name):
                self._reader = _opened(self._found, hurried=False)
        return self._reader

    def close(self) -> None:
        """Release the file and remove what was unpacked."""
        self._reader.close()
        shutil.rmtree(self._folder, ignore_errors=True)
