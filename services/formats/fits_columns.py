"""Columns of FITS tables: what the header declares, and how raw bytes become values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.formats.arrays import dtype_name, texts_to_arrow, to_arrow
from services.formats.base import unreadable
from services.formats.column_names import listed
from services.formats.fits_header import Hdu, Value
from services.models.tables import TableColumn

_BINARY_FORMAT = re.compile(r"\s*(\d*)([LXBIJKAEDCMPQ])")
_ASCII_FORMAT = re.compile(r"\s*([AIFED])(\d+)")
_BINARY_TYPES = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8", "L": "S1"}
_BYTES = {"P": 8, "Q": 16, "C": 8, "M": 16}
_SKIPPED = {
    "P": "lists of varying length",
    "Q": "lists of varying length",
    "C": "complex numbers",
    "M": "complex numbers",
}
_UNSIGNED_ZERO = {"I": (2**15, "uint16"), "J": (2**31, "uint32"), "K": (2**63, "uint64"), "B": (-128, "int8")}
"""TZERO values by which FITS writes the integer types it lacks (standard, section 5.2.5)."""


@dataclass(frozen=True, slots=True)
class FitsColumn:
    """One column: where its bytes lie in a row, their numpy type, and how they become values."""

    column: TableColumn
    code: str
    offset: int
    raw: str
    repeat: int
    null: Value = None
    scale: float = 1.0
    zero: float = 0.0

    def with_name(self, name: str) -> FitsColumn:
        """The same column under another name."""
        column = TableColumn(name, self.column.dtype, self.column.unit, self.column.ucd, self.column.description)
        return FitsColumn(column, self.code, self.offset, self.raw, self.repeat, self.null, self.scale, self.zero)


def binary_columns(hdu: Hdu, name: str) -> tuple[list[FitsColumn], list[str]]:
    """Readable columns of a binary table, and a sentence for each kind that was left out."""
    columns: list[FitsColumn] = []
    skipped: dict[str, list[str]] = {}
    offset = 0
    for number in range(1, hdu.integer("TFIELDS") + 1):
        match = _BINARY_FORMAT.match(hdu.text(f"TFORM{number}") or "")
        if not match:
            raise unreadable(name, f"{hdu.title}: column {number} has a TFORM no FITS table knows.")
        repeat, code = int(match[1] or 1), match[2]
        made = _binary_column(hdu, number, code, repeat, offset)
        if made:
            columns.append(made)
        elif repeat:
            reason = _SKIPPED.get(code, "more than one text a row")
            skipped.setdefault(reason, []).append(_title(hdu, number))
        offset += _field_bytes(code, repeat)
    if offset > hdu.integer("NAXIS1"):
        raise unreadable(name, f"{hdu.title}: columns take {offset} bytes, but rows have {hdu.integer('NAXIS1')}.")
    return columns, [f"Columns that hold {reason} were left out: {listed(names)}." for reason, names in skipped.items()]


def _field_bytes(code: str, repeat: int) -> int:
    if code == "X":
        return (repeat + 7) // 8
    return repeat * _BYTES.get(code, np.dtype(_BINARY_TYPES.get(code, "S1")).itemsize)


def _title(hdu: Hdu, number: int) -> str:
    return hdu.text(f"TTYPE{number}") or f"col{number}"


def _binary_column(hdu: Hdu, number: int, code: str, repeat: int, offset: int) -> FitsColumn | None:
    if repeat == 0 or code in _SKIPPED or (code == "A" and "," in (hdu.text(f"TDIM{number}") or "")):
        return None
    raw = f"S{repeat}" if code == "A" else f"S{(repeat + 7) // 8}" if code == "X" else _BINARY_TYPES[code]
    scale, zero = _number(hdu, f"TSCAL{number}", 1.0), _number(hdu, f"TZERO{number}", 0.0)
    dtype = _binary_dtype(code, raw, repeat, scale, zero)
    if dtype is None:
        return None
    null = hdu.keywords.get(f"TNULL{number}") if code in "BIJK" else None
    return FitsColumn(_described(hdu, number, dtype), code, offset, raw, repeat, null, scale, zero)


def _binary_dtype(code: str, raw: str, repeat: int, scale: float, zero: float) -> str | None:
    if code in "AX":
        return "string" if code == "A" or repeat > 1 else "bool"
    if code == "L":
        return "bool" if repeat == 1 else f"vector<float32>[{repeat}]"
    if repeat == 1 and scale == 1 and code in _UNSIGNED_ZERO and zero == _UNSIGNED_ZERO[code][0]:
        return _UNSIGNED_ZERO[code][1]
    if scale != 1 or zero != 0:
        return "float64" if repeat == 1 else f"vector<float64>[{repeat}]"
    return dtype_name(np.dtype(raw), repeat)


def _described(hdu: Hdu, number: int, dtype: str) -> TableColumn:
    unit, ucd = hdu.text(f"TUNIT{number}"), hdu.text(f"TUCD{number}")
    return TableColumn(_title(hdu, number), dtype, unit, ucd, hdu.text(f"TCOMM{number}"))


def _number(hdu: Hdu, keyword: str, default: float) -> float:
    value = hdu.keywords.get(keyword)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def ascii_columns(hdu: Hdu, name: str) -> tuple[list[FitsColumn], list[str]]:
    """Columns of an ASCII table."""
    columns = []
    for number in range(1, hdu.integer("TFIELDS") + 1):
        match = _ASCII_FORMAT.match(hdu.text(f"TFORM{number}") or "")
        start = hdu.integer(f"TBCOL{number}") - 1
        if not match or start < 0 or start + int(match[2]) > hdu.integer("NAXIS1") or int(match[2]) == 0:
            raise unreadable(name, f"{hdu.title}: column {number} of the ASCII table is declared outside its row.")
        code, width = match[1], int(match[2])
        scale, zero = _number(hdu, f"TSCAL{number}", 1.0), _number(hdu, f"TZERO{number}", 0.0)
        is_scaled = scale != 1 or zero != 0
        dtype = "string" if code == "A" else "int64" if code == "I" and width <= 18 and not is_scaled else "float64"
        null = hdu.keywords.get(f"TNULL{number}")
        described = _described(hdu, number, dtype)
        columns.append(FitsColumn(described, f"ascii {code}", start, f"S{width}", 1, null, scale, zero))
    return columns, []


def row_dtype(columns: list[FitsColumn], row_bytes: int) -> np.dtype:
    """Numpy type of one row; fields are called by their position."""
    formats = [
        (column.raw, (column.repeat,)) if column.repeat > 1 and column.code not in "AX" else column.raw
        for column in columns
    ]
    names = [str(place) for place in range(len(columns))]
    offsets = [column.offset for column in columns]
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": row_bytes})


def to_values(column: FitsColumn, raw: NDArray[Any]) -> pa.Array:
    """Arrow array of the raw field of many rows."""
    dtype = column.column.dtype
    if column.code.startswith("ascii"):
        return _ascii_values(column, raw)
    if column.code == "A":
        return texts_to_arrow(_ended(raw))
    if column.code == "X":
        return _bits(column, raw)
    if column.code == "L":
        return _logicals(raw, dtype)
    missing = raw == column.null if isinstance(column.null, int) and column.repeat == 1 else None
    if column.scale == 1 and column.zero == 0:
        return to_arrow(raw, dtype, missing)
    if dtype in ("uint16", "uint32", "uint64", "int8"):
        # adding the offset of half the range flips the highest bit, nothing else
        native = raw.astype(raw.dtype.newbyteorder("=")).view(f"u{raw.dtype.itemsize}")
        flipped = native ^ native.dtype.type(1 << (8 * raw.dtype.itemsize - 1))
        return to_arrow(flipped.view(dtype), dtype, missing)
    return to_arrow(raw.astype(np.float64) * column.scale + column.zero, dtype, missing)


def _ended(raw: NDArray[Any]) -> NDArray[Any]:
    """Text up to the first zero byte, which ends it (standard, section 7.3.3.1)."""
    rows = np.ascontiguousarray(raw)
    letters = rows.view(np.uint8).reshape(rows.size, -1)
    ended = np.logical_or.accumulate(letters == 0, axis=1)
    return np.where(ended, 0, letters).astype(np.uint8).view(rows.dtype).reshape(-1) if ended.any() else rows


def _bits(column: FitsColumn, raw: NDArray[Any]) -> pa.Array:
    """Bits as a logical value, or as text of zeros and ones in the order of the file."""
    rows = np.ascontiguousarray(raw)
    bits = np.unpackbits(rows.view(np.uint8).reshape(rows.size, -1), axis=1)[:, : column.repeat]
    if column.repeat == 1:
        return to_arrow(bits[:, 0].astype(bool), "bool")
    letters = np.ascontiguousarray(bits + ord("0")).view(f"S{column.repeat}").reshape(-1)
    return texts_to_arrow(letters)


def _logicals(raw: NDArray[Any], dtype: str) -> pa.Array:
    if dtype == "bool":
        return to_arrow(raw == b"T", "bool", missing=(raw != b"T") & (raw != b"F"))
    values = np.where(raw == b"T", 1.0, np.where(raw == b"F", 0.0, np.nan))
    return to_arrow(values, dtype)


def _ascii_values(column: FitsColumn, raw: NDArray[Any]) -> pa.Array:
    stripped = np.char.strip(np.ascontiguousarray(raw))
    missing = np.zeros(stripped.size, dtype=bool)
    if column.null is not None:
        missing |= stripped == str(column.null).strip().encode("latin-1", "replace")
    if column.column.dtype == "string":
        return texts_to_arrow(np.ascontiguousarray(raw), missing)
    missing |= stripped == b""
    plain = np.where(missing, b"0", np.char.replace(np.char.upper(stripped).astype(np.bytes_), b"D", b"E"))
    if column.column.dtype == "int64":
        return to_arrow(plain.astype(np.int64), "int64", missing)
    return to_arrow(plain.astype(np.float64) * column.scale + column.zero, "float64", missing)
