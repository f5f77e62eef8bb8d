"""FITS binary table: header with the final number of rows, then records in big-endian order, padded to whole blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from astropy.io import fits
from numpy.typing import NDArray

from services.exports.base import Export
from services.models.tables import TableColumn

BLOCK = 2880
LONGEST_NAME = 68
"""Characters of a header value."""

_CODES = {"float32": "E", "float64": "D", "uint8": "B", "int16": "I", "int32": "J", "int64": "K", "bool": "L"}
_UNSIGNED = {"uint16": ("I", "i2", 2**15), "uint32": ("J", "i4", 2**31), "uint64": ("K", "i8", 2**63)}
"""Types FITS lacks: code, stored type and zero point by which they are written (standard, section 5.2.5)."""

_WIDER = {"int8": "int16", "uint8": "int16", "uint16": "int32", "uint32": "int64", "uint64": "int64"}
"""Signed types that hold these and leave room for a number that says "missing": readers know that of signed ones only.
"""


@dataclass(frozen=True, slots=True)
class _Field:
    """How one column is stored: its FITS format, numpy type of a record, zero point, and the number for missing."""

    column: TableColumn
    code: str
    stored: np.dtype[Any]
    zero: int | None = None
    null: int | None = None
    width: int = 1


@dataclass(frozen=True, slots=True)
class _Range:
    """Rows without a value, smallest and largest value of a column of integers; None when it has none."""

    n_null: int
    least: int | None
    most: int | None


def write_fits(export: Export) -> Iterator[bytes]:
    """An empty primary unit, the header of the table, its records."""
    fields = [_field(export, column) for column in export.columns]
    record = np.dtype([(f"f{place}", field.stored) for place, field in enumerate(fields)])
    yield fits.PrimaryHDU().header.tostring().encode("ascii")
    yield _header(export, fields, record.itemsize).tostring().encode("ascii")
    n_bytes = 0
    for batch in export.rows():
        rows = np.zeros(batch.num_rows, record)
        for place, (field, values) in enumerate(zip(fields, batch.columns, strict=True)):
            if field.stored.itemsize:
                rows[f"f{place}"] = _values(field, values)
        n_bytes += rows.nbytes
        yield rows.tobytes()
    yield bytes(-n_bytes % BLOCK)


def _field(export: Export, column: TableColumn) -> _Field:
    dtype = column.dtype
    if dtype.startswith("vector<"):
        kind, _, rest = dtype.removeprefix("vector<").partition(">")
        size = int(rest.strip("[]"))
        letter, stored = ("E", ">f4") if kind == "float32" else ("D", ">f8")
        return _Field(column, f"{size}{letter}", np.dtype((stored, (size,))), width=size)
    if dtype == "string":
        return _text_field(column, _text_width(export, column.name))
    if dtype == "bool":
        return _Field(column, "L", np.dtype("S1"))
    if dtype.startswith("float"):
        return _Field(column, _CODES[dtype], np.dtype(dtype).newbyteorder(">"))
    return _integer_field(export, column)


def _text_field(column: TableColumn, width: int) -> _Field:
    return _Field(column, f"{width}A", np.dtype(f"S{width}") if width else np.dtype("V0"), width=width)


def _integer_field(export: Export, column: TableColumn) -> _Field:
    """Unsigned columns keep their type while they are complete; those with gaps become signed, or text beyond 2**63."""
    found = _range(export, column.name)
    if column.dtype in _UNSIGNED and not found.n_null:
        code, stored, zero = _UNSIGNED[column.dtype]
        return _Field(column, code, np.dtype(stored).newbyteorder(">"), zero)
    if (found.most or 0) >= 2**63:
        return _text_field(column, len(str(found.most)))
    is_wider = column.dtype == "int8" or (found.n_null and column.dtype in _WIDER)
    dtype = _WIDER[column.dtype] if is_wider else column.dtype
    null = _unused(export, column.name, np.iinfo(dtype), found) if found.n_null else None
    return _Field(column, _CODES[dtype], np.dtype(dtype).newbyteorder(">"), null=null)


def _text_width(export: Export, name: str) -> int:
    """Bytes of the longest text among the rows."""
    lengths = (pc.max(pc.utf8_length(batch.column(0))).as_py() for batch in export.batches((name,)))
    return max((n or 0 for n in lengths), default=0)


def _range(export: Export, name: str) -> _Range:
    n_null = 0
    ends: list[int] = []
    for batch in export.batches((name,)):
        values = batch.column(0)
        n_null += values.null_count
        ends.extend(end for end in pc.min_max(values).as_py().values() if end is not None)
    return _Range(n_null, min(ends, default=None), max(ends, default=None))


def _unused(export: Export, name: str, kind: np.iinfo[Any], found: _Range) -> int:
    """A number of the type that no row holds."""
    if found.least is None or found.least > kind.min:
        return int(kind.min)
    if found.most is not None and found.most < kind.max:
        return int(kind.max)
    seen = {value for batch in export.batches((name,)) for value in pc.unique(batch.column(0)).to_pylist()}
    return next(number for number in count() if number not in seen)


def _header(export: Export, fields: list[_Field], row_bytes: int) -> fits.Header:
    header = fits.BinTableHDU(np.zeros(0, np.dtype([("empty", "u1")]))).header.copy()
    for card in [card for card in header if card.startswith(("TTYPE", "TFORM"))]:
        del header[card]
    header["NAXIS1"], header["NAXIS2"], header["TFIELDS"] = row_bytes, export.n_rows, len(fields)
    for number, field in enumerate(fields, 1):
        for key, value in _cards(field, number).items():
            header[key] = value
    header["EXTNAME"] = _ascii(export.title)[:LONGEST_NAME]
    return header


def _cards(field: _Field, number: int) -> dict[str, Any]:
    column = field.column
    cards: dict[str, Any] = {f"TTYPE{number}": _ascii(column.name)[:LONGEST_NAME], f"TFORM{number}": field.code}
    if column.unit:
        cards[f"TUNIT{number}"] = _ascii(column.unit)[:LONGEST_NAME]
    if column.ucd:
        cards[f"TUCD{number}"] = _ascii(column.ucd)[:LONGEST_NAME]
    if field.zero is not None:
        cards[f"TZERO{number}"] = field.zero
    if field.null is not None:
        cards[f"TNULL{number}"] = field.null
    return cards


def _ascii(text: str) -> str:
    """FITS holds ASCII only: other characters become question marks."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)


def _values(field: _Field, values: pa.Array) -> NDArray[Any]:
    dtype = field.column.dtype
    if dtype.startswith("vector<"):
        flat = values.values.slice(values.offset * field.width, len(values) * field.width)
        return flat.to_numpy(zero_copy_only=False).reshape(len(values), field.width)
    if field.code.endswith("A"):
        texts = values.cast(pa.string()).to_pylist()
        return np.array([_ascii(text or "").encode() for text in texts], field.stored)
    if dtype == "bool":
        letters = {True: b"T", False: b"F", None: b"\x00"}
        return np.array([letters[one] for one in values.to_pylist()], "S1")
    if dtype.startswith("float"):
        return values.to_numpy(zero_copy_only=False)
    return _integers(field, values)


def _integers(field: _Field, values: pa.Array) -> NDArray[Any]:
    """Numbers less the zero point; the one that stands for missing where there is none."""
    exact = values.fill_null(0).to_numpy(zero_copy_only=False)
    if field.zero is not None:
        moved = exact ^ exact.dtype.type(field.zero)  # as signed numbers: less the zero point, without overflow
        return moved.view(moved.dtype.str.replace("u", "i")).astype(field.stored)
    stored = exact.astype(field.stored)
    if field.null is not None:
        stored[values.is_null().to_numpy(zero_copy_only=False)] = field.null
    return stored
