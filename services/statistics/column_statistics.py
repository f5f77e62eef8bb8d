"""Summary of every column of a table, exact over all rows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.models.roles import RoleMap
from services.models.statistics import ColumnStatistics
from services.statistics.arrow_types import stored_numbers
from services.statistics.canonical import CanonicalTable
from services.statistics.column_profiles import EXAMPLE_ROWS, N_EXAMPLES, example_texts
from services.statistics.quantiles import Summary, column_summary
from services.statistics.validity import quantity_of

MOST_DISTINCT = 1000
"""Distinct values are counted up to here."""


def column_statistics(table: CanonicalTable, roles: RoleMap) -> tuple[ColumnStatistics, ...]:
    """One summary per column in file order. Positions given as text or in radians are summarised in their own form."""
    by_column = roles_by_column(roles)

    def one(table: CanonicalTable, name: str) -> ColumnStatistics:
        found = _one(table, name, by_column.get(name))
        pa.default_memory_pool().release_unused()
        return found

    return tuple(table.each(table.names, one))


def roles_by_column(roles: RoleMap) -> Mapping[str, str]:
    """Column name to the role whose rule says which of its stored values count."""
    found = {
        column: "velocity" if roles.transforms.get(role) == "km_s_to_z" else role
        for role, column in roles.columns.items()
    }
    for band in roles.bands:
        found[band.column] = band.kind
        if band.error_column:
            found[band.error_column] = f"{band.kind}_err"
    return found


def _one(table: CanonicalTable, name: str, role: str | None) -> ColumnStatistics:
    dtype = table.dtype(name)
    if dtype.startswith("vector"):
        return _vector_column(table, name)
    if dtype in {"string", "bool"}:
        return _text_column(table, name)
    summary = column_summary(table, name, quantity_of(role))
    return _numeric_column(table, name, summary)


def _numeric_column(table: CanonicalTable, name: str, summary: Summary) -> ColumnStatistics:
    known = summary.n_used > 0
    return ColumnStatistics(
        name=name,
        dtype=table.dtype(name),
        n_rows=summary.n_rows,
        n_valid=summary.n_finite,
        n_missing=summary.n_rows - summary.n_finite,
        n_sentinel=summary.n_sentinel,
        min=summary.min if known else None,
        max=summary.max if known else None,
        mean=summary.mean if known else None,
        median=summary.median if known else None,
        std=summary.std if known else None,
        n_distinct=_distinct(table, name),
        examples=_examples(table, name),
        sparkline=summary.sparkline,
    )


def _text_column(table: CanonicalTable, name: str) -> ColumnStatistics:
    missing = sum(values.null_count for (values,) in table.arrow_chunks([name]))
    return ColumnStatistics(
        name=name,
        dtype=table.dtype(name),
        n_rows=table.n_rows,
        n_valid=table.n_rows - missing,
        n_missing=missing,
        n_distinct=_distinct(table, name),
        examples=_examples(table, name),
    )


def _vector_column(table: CanonicalTable, name: str) -> ColumnStatistics:
    """A row of a vector column is missing when all its numbers are."""
    missing = 0
    for (values,) in table.arrow_chunks([name]):
        size = values.type.list_size
        numbers = stored_numbers(values.values.slice(values.offset * size, len(values) * size))
        missing += int(np.isnan(numbers.reshape(len(values), size)).all(axis=1).sum()) if size else len(values)
    return ColumnStatistics(name, table.dtype(name), table.n_rows, table.n_rows - missing, missing)


def _distinct(table: CanonicalTable, name: str) -> int | None:
    """Number of distinct present values, None beyond 1000: the first rows of most columns settle it."""
    seen: set[Any] = set()
    for (values,) in table.arrow_chunks([name]):
        head = values.slice(0, 4 * MOST_DISTINCT)
        if pc.count_distinct(head).as_py() > MOST_DISTINCT + 1:
            return None
        seen.update(_present(pc.unique(values)))
        if len(seen) > MOST_DISTINCT:
            return None
    return len(seen)


def _present(values: pa.Array) -> list[Any]:
    if pa.types.is_floating(values.type):
        numbers = stored_numbers(values)
        return [float(x) for x in numbers[~np.isnan(numbers)]]
    return [x for x in values.to_pylist() if x is not None]


def _examples(table: CanonicalTable, name: str) -> tuple[str, ...]:
    texts: list[str] = []
    for (values,) in islice(table.arrow_chunks([name]), 1):
        texts.extend(example_texts(values.slice(0, EXAMPLE_ROWS)))
    return tuple(texts[:N_EXAMPLES])
