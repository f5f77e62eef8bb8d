"""What a reader says about a table before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column as the file declares it.

    ``dtype`` is one of: "float32", "float64", "int8".."int64", "uint8".."uint64", "bool", "string",
    "vector<float32>[n]" or "vector<float64>[n]" for n numbers a row.
    """

    name: str
    dtype: str
    unit: str | None = None
    ucd: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table found in a file.

    ``place`` names where it lies in the file ("HDU 1 REDSHIFTS", "group photometry", ""). ``warnings`` are whole
    sentences for people. ``needs_confirmation`` is set when names or units were guessed and a person must agree.
    ``grid`` holds the grid of stored PDFs when the file carries one. ``pdf_form`` says what a row of PDFs is:
    "densities" at the redshifts of the grid, a "histogram" with bins between them, or "quantiles", redshifts at which
    the distribution function takes the values of the grid.
    """

    format: str
    columns: tuple[TableColumn, ...]
    n_rows: int | None
    place: str = ""
    warnings: tuple[str, ...] = ()
    needs_confirmation: bool = False
    delimiter: str | None = None
    has_header: bool | None = None
    grid: tuple[float, ...] = ()
    pdf_form: str = "densities"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column with the numbers that the guess of its role may look at.

    For numeric columns ``minimum``, ``maximum`` and ``median`` are over finite values that are no sentinel of any
    quantity below -90 or equal to 99, 99.9, 999, 9999...; None when there are none. ``n_valid`` counts those values.
    ``examples`` are up to five distinct values as text.
    """

    name: str
    dtype: str
    n_rows: int
    n_valid: int
    unit: str | None = None
    ucd: str | None = None
    description: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    is_constant: bool = False
    examples: tuple[str, ...] = ()

    @property
    def is_numeric(self) -> bool:
        """Whether the values are numbers, one per row."""
        return self.dtype.startswith(("float", "int", "uint"))

    @property
    def is_vector(self) -> bool:
        """Whether each row holds several numbers."""
        return self.dtype.startswith("vector<")
