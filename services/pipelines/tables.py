"""Columns of input tables by role, cleaned alike, and the writing of what a runner made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from services.columns.roles import ROLES
from services.models.products import ProductColumn
from services.pipelines.base import InputTable
from services.statistics.canonical import CanonicalTable
from services.statistics.transforms import transformed
from services.statistics.validity import quantity_of

REDSHIFT_ROLES = ("id", "ra", "dec", "redshift", "redshift_err", "z_flag", "survey")
"""What a row of a redshift catalogue says, in the order of output columns."""
_TEXTS = frozenset({"id", "survey"})
_STATED = frozenset({"z_flag"})
"""Roles whose values stay what they are: numbers where every input has numbers, else text."""


def role_column(role: str) -> str:
    """Name of the output column of a role: the alias of the REST contract."""
    alias = ROLES[role].alias
    assert alias is not None
    return alias


def owned_column(name: str, role: str, band: str | None = None, transform: str = "") -> ProductColumn:
    """A column whose meaning is known for certain, with the contract's words for it."""
    known = ROLES[role]
    return ProductColumn(
        id=0,
        product_id=0,
        name=name,
        order=0,
        dtype="",
        alias=known.alias,
        ucd=known.ucd,
        role=role,
        band=band,
        how="owner",
        transform=transform,
    )


def present_roles(tables: Sequence[InputTable]) -> tuple[str, ...]:
    """Redshift roles that at least one of the tables has."""
    return tuple(role for role in REDSHIFT_ROLES if any(table.roles.has(role) for table in tables))


def role_types(tables: Sequence[InputTable], roles: Sequence[str]) -> dict[str, pa.DataType]:
    """Arrow type of the output column of each role."""
    kinds: dict[str, pa.DataType] = {role: pa.string() if role in _TEXTS else pa.float64() for role in roles}
    for table in tables:
        with CanonicalTable.open(table.path) as opened:
            for role in _STATED.intersection(roles):
                column = table.roles.column(role)
                if column is not None and opened.dtype(column) == "string":
                    kinds[role] = pa.string()
    return kinds


def role_batches(table: InputTable, kinds: Mapping[str, pa.DataType]) -> Iterator[dict[str, pa.Array]]:
    """Values of every role per row group, all missing for a role the table does not have.

    Numbers are float64 after the conversion of their column; what is no valid value of its role is missing (NaN).
    """
    names = {role: name for role in kinds if (name := table.roles.column(role)) is not None}
    with CanonicalTable.open(table.path) as opened:
        for arrays in opened.arrow_chunks(list(names.values()) or opened.names[:1]):
            found = dict(zip(names, arrays, strict=bool(names)))
            n_rows = len(arrays[0])
            yield {
                role: _values(found.get(role), role, table.roles.transforms.get(role, ""), kind, n_rows)
                for role, kind in kinds.items()
            }


def _values(values: pa.Array | None, role: str, transform: str, kind: pa.DataType, n_rows: int) -> pa.Array:
    if values is None or pa.types.is_nested(values.type):
        return pa.nulls(n_rows, kind)
    if pa.types.is_string(kind):
        return values.cast(pa.string())
    return pa.array(valid_numbers(transformed(values, transform), role), pa.float64())


def valid_numbers(values: NDArray[Any], role: str) -> NDArray[np.float64]:
    """Values of a role as float64, NaN where they are no valid ones: not finite, out of range, or a sentinel."""
    rule = quantity_of(role)
    marks = rule.sentinels_as(values.dtype)
    wide = values.astype(np.float64)
    is_valid = np.isfinite(wide) & (wide > rule.low) & (wide < rule.high) & ~np.isin(wide, marks)
    return np.where(is_valid, wide, np.nan)


def numbers(values: pa.Array) -> NDArray[np.float64]:
    """Numbers of an output column; NaN where there is none or the text is no number."""
    if pa.types.is_string(values.type):
        return np.array([_number(text) for text in values.to_pylist()], dtype=np.float64)
    return values.to_numpy(zero_copy_only=False).astype(np.float64)


def _number(text: str | None) -> float:
    try:
        return float(text) if text is not None else np.nan
    except ValueError:
        return np.nan


class TableWriter:
    """The main file of an output: Parquet or CSV, written in pieces, in bounded memory.

    Parameters
    ----------
    folder : Path
        Where the file appears.
    stem : str
        Its name without suffix.
    output_format : str
        "parquet" or "csv".
    """

    def __init__(self, folder: Path, stem: str, output_format: str) -> None:
        self.path = folder / f"{stem}.{output_format}"
        self.n_rows = 0
        self._is_csv = output_format == "csv"
        self._writer: Any = None
        self._open = ExitStack()

    def write(self, table: pa.Table) -> None:
        """Add rows; the first piece sets the columns."""
        plain = _without_nan(table) if self._is_csv else _with_dictionaries(table)
        if self._writer is None:
            writer = pa_csv.CSVWriter if self._is_csv else pq.ParquetWriter
            self._writer = self._open.enter_context(writer(self.path, plain.schema))
        self._writer.write_table(plain)
        self.n_rows += plain.num_rows

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()


def _with_dictionaries(table: pa.Table) -> pa.Table:
    """Text as dictionaries: the library by which released clients read Parquet makes matrices of plain text columns."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            encoded = table.column(place).dictionary_encode()
            table = table.set_column(place, field.with_type(encoded.type), encoded)
    return table


def _without_nan(table: pa.Table) -> pa.Table:
    """Missing numbers as empty fields of a CSV."""
    columns = [
        pa.chunked_array([_nulled(chunk) for chunk in column.chunks], column.type)
        if pa.types.is_floating(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, schema=table.schema.remove_metadata())


def _nulled(values: pa.Array) -> pa.Array:
    plain = values.to_numpy(zero_copy_only=False)
    return pa.array(plain, values.type, mask=np.isnan(plain))
