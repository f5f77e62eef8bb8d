"""Questions asked of one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ColumnFilter:
    """One condition on one column.

    ``operator`` is one of: "=", "!=", "<", "<=", ">", ">=", "between" (``value`` and ``value_to``), "contains",
    "starts_with", "ends_with", "missing", "not_missing". Missing values fail every other condition.
    """

    column: str
    operator: str
    value: Any = None
    value_to: Any = None


@dataclass(frozen=True, slots=True)
class TableQuery:
    """A page of rows: conditions joined by AND, order, and which rows of the result."""

    columns: tuple[str, ...] = ()
    """Empty: all columns, in file order."""
    filters: tuple[ColumnFilter, ...] = ()
    sort: tuple[str, ...] = ()
    """Column names, with "-" before it for descending; missing values last; ties in file order."""
    offset: int = 0
    limit: int = 100
    cut: str | None = None
    """A cut in its own language, besides the filters."""


@dataclass(frozen=True, slots=True)
class TablePage:
    """Rows as the source wrote them: text for integers beyond 2**53 and for text, numbers else, None for missing.

    ``rows`` hold one tuple a row in the order of ``columns``; ``row_numbers`` count from 1 in file order.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    row_numbers: tuple[int, ...]
    n_matching: int
    n_total: int
