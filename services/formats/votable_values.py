"""Cells of a VOTable, as text (TABLEDATA) or bytes (BINARY, BINARY2), made into Arrow arrays."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from services.formats.arrays import arrow_type
from services.formats.base import unreadable
from services.formats.votable_xml import Field

MAX_ITEMS = 64 * 2**20
_NUMBERS = {"unsignedByte": ("uint8", "B"), "short": ("int16", "h"), "int": ("int32", "i"), "long": ("int64", "q")}
_NUMBERS |= {"float": ("float32", "f"), "double": ("float64", "d")}
_TEXTS = frozenset({"char", "unicodeChar"})
_ITEM_BYTES = {"boolean": 1, "char": 1, "unicodeChar": 2, "floatComplex": 8, "doubleComplex": 16}
_ITEM_BYTES |= {name: struct.calcsize(f">{code}") for name, (_, code) in _NUMBERS.items()}
_TRUE, _FALSE = frozenset({"t", "true", "1"}), frozenset({"f", "false", "0"})

Cell = str | int | float | bool | tuple[float, ...] | None


def field_dtype(field: Field) -> str | None:
    """``TableColumn.dtype`` of a field; None for lists of varying length and complex numbers."""
    count = fixed_count(field)
    if field.datatype in _TEXTS or (field.datatype == "bit" and count != 1):
        return "string"
    if field.datatype == "bit":
        return "bool"
    if count is None or field.datatype not in (*_NUMBERS, "boolean"):
        return None
    scalar = "bool" if field.datatype == "boolean" else _NUMBERS[field.datatype][0]
    if count == 1:
        return scalar
    return f"vector<{'float32' if scalar == 'float32' else 'float64'}>[{count}]"


def fixed_count(field: Field) -> int | None:
    """Number of items in a cell; None when it varies."""
    sizes = field.arraysize.lower().split("x") if field.arraysize else ["1"]
    if not all(re.fullmatch(r"\d{1,7}", size.strip()) for size in sizes):
        return None
    return int(np.prod([int(size) for size in sizes], dtype=float))


def column_array(field: Field, cells: Sequence[Cell], name: str, first_row: int) -> pa.Array:
    """Arrow array of the cells of one column."""
    dtype = field_dtype(field) or "string"
    try:
        values = [_value(cell, dtype, field.null) if isinstance(cell, str) else cell for cell in cells]
        if dtype.startswith("vector<"):
            return _vectors(values, dtype)
        return pa.array(values, type=arrow_type(dtype))
    except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
        rows = f"rows {first_row} to {first_row + len(cells) - 1}"
        raise unreadable(name, f"column {field.name}, {rows}: a value is no {field.datatype}.") from error


def _value(text: str, dtype: str, null: str | None) -> Cell:
    bare = text.strip()
    if not bare or (null is not None and bare == null.strip()):
        return None
    if dtype == "string":
        return bare
    if dtype == "bool":
        return True if bare.lower() in _TRUE else False if bare.lower() in _FALSE else None
    if dtype.startswith("vector<"):
        return tuple(_number(word) for word in bare.replace(",", " ").split())
    if dtype.startswith("float"):
        return _number(bare)
    return int(bare, 16) if bare.lower().startswith("0x") else int(bare)


def _number(word: str) -> float:
    return float(word)


def _vectors(values: list[Cell], dtype: str) -> pa.Array:
    target = arrow_type(dtype)
    missing = (float("nan"),) * target.list_size
    rows = [value if isinstance(value, tuple) else missing for value in values]
    if any(len(row) != target.list_size for row in rows):
        raise ValueError("a list of another length")
    flat = np.array(rows, dtype=target.value_type.to_pandas_dtype()).reshape(-1)
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), target.list_size)


class RowDecoder:
    """Cuts rows out of the bytes of a BINARY or BINARY2 stream (VOTable 1.4, sections 5.3 and 5.4)."""

    def __init__(self, fields: Sequence[Field], has_null_flags: bool, name: str) -> None:
        self._fields, self._name = fields, name
        self._flag_bytes = (len(fields) + 7) // 8 if has_null_flags else 0
        unknown = [field.datatype for field in fields if field.datatype != "bit" and field.datatype not in _ITEM_BYTES]
        if unknown:
            raise unreadable(name, f"a column has the type {unknown[0]!r:.40}, which VOTable does not know.")

    def rows(self, stream: bytearray) -> Iterator[list[Cell]]:
        """All whole rows at the start of ``stream``, which loses them."""
        place = 0
        while place < len(stream) and (read := self._row(stream, place)):
            row, place = read
            yield row
        del stream[:place]

    def _row(self, stream: bytearray, place: int) -> tuple[list[Cell], int] | None:
        flags = stream[place : place + self._flag_bytes]
        place += self._flag_bytes
        row: list[Cell] = []
        for number, field in enumerate(self._fields):
            count = self._count(field, stream, place)
            if count is None:
                return None
            place += 0 if fixed_count(field) is not None else 4
            length = (count + 7) // 8 if field.datatype == "bit" else count * _ITEM_BYTES[field.datatype]
            if place + length > len(stream):
                return None
            is_null = bool(flags) and bool(flags[number // 8] & (128 >> number % 8))
            row.append(None if is_null else _unpacked(field, bytes(stream[place : place + length]), count))
            place += length
        return row, place

    def _count(self, field: Field, stream: bytearray, place: int) -> int | None:
        fixed = fixed_count(field)
        if fixed is not None:
            return fixed
        if place + 4 > len(stream):
            return None
        count = int.from_bytes(stream[place : place + 4], "big")
        rest = field.arraysize.lower().split("x")[:-1]
        count *= int(np.prod([int(size) for size in rest if size.isdigit()] or [1], dtype=float))
        if count > MAX_ITEMS:
            raise unreadable(self._name, f"column {field.name} claims {count} items in one cell: the rows are damaged.")
        return count


def _unpacked(field: Field, raw: bytes, count: int) -> Cell:
    if field.datatype == "char":
        return raw.split(b"\0", 1)[0].decode("utf-8", "replace").rstrip() or None
    if field.datatype == "unicodeChar":
        return raw.decode("utf-16-be", "replace").split("\0", 1)[0].rstrip() or None
    if field.datatype == "bit" and fixed_count(field) == 1:
        return raw != b"\0"  # the standard sets the highest bit, astropy another one
    if field.datatype == "bit":
        return "".join(f"{byte:08b}" for byte in raw)[:count]
    if field.datatype == "boolean":
        return {"t": True, "1": True, "f": False, "0": False}.get(raw[:1].decode("latin-1").lower())
    if field.datatype not in _NUMBERS:
        return None
    values = struct.unpack(f">{count}{_NUMBERS[field.datatype][1]}", raw)
    if fixed_count(field) != 1:
        return tuple(float(value) for value in values)
    return None if field.null is not None and str(values[0]) == field.null.strip() else values[0]
