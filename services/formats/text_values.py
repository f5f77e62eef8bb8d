"""From the fields of a text table to typed values."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TYPE_CHECKING

import pyarrow as pa

from services.formats import text_automaton as automaton

if TYPE_CHECKING:
    import polars as pl

_MISSING = ("", *automaton.MISSING_WORDS)


def column_dtype(seen: int) -> str:
    """Type of a column from the mask of all that its fields were."""
    integers = seen & (automaton.INTEGER | automaton.UNSIGNED)
    codes = seen & (automaton.LEADING_ZERO | automaton.HUGE)
    if seen & automaton.TEXT:
        return "string"
    if seen & (automaton.FLOAT | automaton.FORTRAN) or not (integers or codes):
        return "float64"
    if codes or (seen & automaton.UNSIGNED and seen & automaton.NEGATIVE):
        return "string"
    return "uint64" if seen & automaton.UNSIGNED else "int64"


ARROW_TYPES = {
    "float64": pa.float64(),
    "int64": pa.int64(),
    "uint64": pa.uint64(),
    "string": pa.string(),
    "bool": pa.bool_(),
}


def requoted(data: bytes, delimiter: str) -> bytes:
    """The same records with every quote properly doubled, by the slow but exact way."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))
    return out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Parser:
    """How one column becomes values: parsed directly, or read as text and turned into numbers with care."""

    dtype: str
    via_text: bool
    decimal: str = "."

    @classmethod
    def of(cls, seen: int, dtype: str, decimal: str = ".") -> Parser:
        """Parser of a column from the mask of its fields and its type."""
        needs_care = automaton.WORD | automaton.FORTRAN | automaton.PADDED
        if dtype in ("int64", "uint64"):
            needs_care |= automaton.NAN_WORD
        return cls(dtype, dtype == "bool" or (dtype != "string" and bool(seen & needs_care)), decimal)

    def read_as(self, pl: ModuleType) -> pl.DataType:
        """Type the text parser is asked for."""
        types = {"float64": pl.Float64(), "int64": pl.Int64(), "uint64": pl.UInt64()}
        return pl.String() if self.via_text else types.get(self.dtype, pl.String())

    def expression(self, pl: ModuleType, place: int) -> pl.Expr:
        """What makes the values of the column out of what the text parser gave."""
        name = f"column_{place + 1}"
        column = pl.col(name)
        if self.dtype == "string":
            return pl.when(column != "").then(column).alias(name)
        if not self.via_text:
            return column
        plain = column.str.strip_chars().str.to_lowercase().str.replace(self.decimal, ".", literal=True)
        if self.dtype == "bool":
            return plain.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean).alias(
                name
            )
        missing = _MISSING if self.dtype == "float64" else (*_MISSING, *automaton.NAN_WORDS)
        number = pl.when(~plain.is_in(missing)).then(plain.str.replace("d", "e", literal=True))
        return number.cast(replace(self, via_text=False).read_as(pl), strict=True).alias(name)
