"""Rows per value of a flag or survey column."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.models.roles import RoleMap
from services.models.statistics import CategoryCounts, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import LABELS

SHOWN_VALUES = 50
COUNTED_VALUES = 100_000
"""A column with more distinct values is no category; counting it would cost memory without end."""

MISSING_WORDS = frozenset({"", "null", "none", "nan", "n/a", "na", "--"})


def category_text(value: Any) -> str:
    """A category as people write it: 3.0 is "3", 3.5 stays "3.5", float32 without noise, text as it is."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def categories(table: CanonicalTable, column: str, label: str, values: tuple[str, ...] = ()) -> CategoryCounts | None:
    """Counts per value, most frequent first; None for a column with too many values to be a category.

    With ``values`` these are counted, in their order, whether or not there are any.
    """
    found: Counter[str] = Counter()
    missing = 0
    for (stored,) in table.arrow_chunks([column]):
        chunk_counts, chunk_missing = _chunk_counts(stored)
        found.update(chunk_counts)
        missing += chunk_missing
        if len(found) > COUNTED_VALUES:
            return None
    shown = values or tuple(sorted(found, key=lambda value: (-found[value], value))[:SHOWN_VALUES])
    counts = tuple(found[value] for value in shown)
    tally = Tally(table.n_rows, sum(found.values()), missing)
    return CategoryCounts(label, column, shown, counts, tally.n_shown - sum(counts), tally)


def _chunk_counts(values: pa.Array) -> tuple[Counter[str], int]:
    counts: Counter[str] = Counter()
    missing = 0
    for pair in pc.value_counts(values):
        text, count = category_of(pair["values"]), pair["counts"].as_py()
        if text is None:
            missing += count
        else:
            counts[text] += count
    return counts, missing


def category_of(value: pa.Scalar) -> str | None:
    """The category of a stored value as text; None where it stands for none."""
    return None if _is_missing(value.as_py()) else category_text(_exact(value))


def category_texts(values: pa.Array) -> list[str | None]:
    """Values as categories; None for those that are missing."""
    return [None if _is_missing(value.as_py()) else category_text(_exact(value)) for value in values]


def _exact(value: pa.Scalar) -> Any:
    return np.float32(value.as_py()) if pa.types.is_float32(value.type) else value.as_py()


def _is_missing(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() in MISSING_WORDS
    return value is None or value != value  # NaN is the only value unlike itself


def z_flag(table: CanonicalTable, roles: RoleMap) -> CategoryCounts | None:
    """Rows per quality flag."""
    return of_role(table, roles, "z_flag")


def survey(table: CanonicalTable, roles: RoleMap) -> CategoryCounts | None:
    """Rows per survey; per instrument where no survey is given."""
    return of_role(table, roles, "survey") or of_role(table, roles, "instrument")


def of_role(table: CanonicalTable, roles: RoleMap, role: str) -> CategoryCounts | None:
    """Rows per value of the column with a role; None without one, or when it is no category."""
    column = roles.column(role)
    if column is None or table.dtype(column).startswith("vector"):
        return None
    return categories(table, column, LABELS.get(role, role.capitalize()))
