"""Types of the canonical table: the words of ``TableColumn.dtype`` and the arrow types they stand for."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.models.tables import TableColumn

_SCALARS: dict[str, pa.DataType] = {
    "float32": pa.float32(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    **{f"{sign}int{bits}": getattr(pa, f"{sign}int{bits}")() for sign in ("", "u") for bits in (8, 16, 32, 64)},
}
_VECTOR = re.compile(r"vector<(float32|float64)>\[(\d+)\]")


def arrow_type(dtype: str) -> pa.DataType:
    """Arrow type for a dtype word; elements of vectors are never null.

    Raises
    ------
    ValueError
        If the word is unknown (a reader broke its promise).
    """
    if dtype in _SCALARS:
        return _SCALARS[dtype]
    found = _VECTOR.fullmatch(dtype)
    if found is None:
        raise ValueError(f"unknown dtype {dtype!r}")
    return pa.list_(pa.field("element", _SCALARS[found[1]], nullable=False), int(found[2]))


def dtype_word(kind: pa.DataType) -> str:
    """Word for an arrow type of the canonical table; the inverse of ``arrow_type``."""
    if pa.types.is_fixed_size_list(kind):
        return f"vector<{dtype_word(kind.value_type)}>[{kind.list_size}]"
    return {"float": "float32", "double": "float64"}.get(str(kind), str(kind))


def canonical_schema(columns: tuple[TableColumn, ...]) -> pa.Schema:
    """Schema of the canonical table: floats and vectors cannot be null (NaN is their missing value)."""
    return pa.schema(
        [pa.field(c.name, arrow_type(c.dtype), nullable=not c.dtype.startswith(("float", "vector"))) for c in columns]
    )


def stored_numbers(values: pa.Array) -> NDArray[Any]:
    """The numbers of an array where they are, read-only; what stands in the place of a null is undefined.

    Arrow's own ``to_numpy`` imports pandas at its first call, which no reading of a table needs: 0.3 s and 25 MiB.
    """
    dtype = np.dtype(dtype_word(values.type))
    content = values.buffers()[1]
    if content is None:
        return np.empty(0, dtype)
    numbers = np.frombuffer(content, dtype, len(values), values.offset * dtype.itemsize)
    numbers.flags.writeable = False
    return numbers


def present_values(values: pa.Array) -> NDArray[np.bool_]:
    """Where an array is not null."""
    bitmap = values.buffers()[0]
    if bitmap is None:
        return np.ones(len(values), np.bool_)
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), count=values.offset + len(values), bitorder="little")
    return bits[values.offset :].view(np.bool_)


def bytes_per_row(schema: pa.Schema) -> int:
    """Estimate of the bytes of one row in memory; text counts as 24 bytes."""
    return sum(_width(kind) for kind in schema.types)


def _width(kind: pa.DataType) -> int:
    if pa.types.is_fixed_size_list(kind):
        return int(kind.list_size) * _width(kind.value_type)
    return 24 if pa.types.is_string(kind) else max(1, int(kind.bit_width) // 8)


def canonical_array(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """One column of a batch in its canonical type: nulls of floats and vectors become NaN, everything else stays."""
    if pa.types.is_fixed_size_list(kind):
        return _canonical_vectors(values, kind)
    if values.type != kind:
        values = values.cast(kind)
    if pa.types.is_floating(kind) and values.null_count:
        return pc.fill_null(values, pa.scalar(float("nan"), kind))
    return values


def _canonical_vectors(values: pa.Array, kind: pa.DataType) -> pa.Array:
    size = int(kind.list_size)
    flat = values.values.slice(values.offset * size, len(values) * size).cast(kind.value_type)
    numbers = stored_numbers(pc.fill_null(flat, pa.scalar(float("nan"), kind.value_type)))
    if values.null_count:
        numbers = numbers.reshape(len(values), size).copy()
        numbers[~present_values(values)] = np.nan
    return pa.FixedSizeListArray.from_arrays(pa.array(numbers.reshape(-1), kind.value_type), type=kind)
