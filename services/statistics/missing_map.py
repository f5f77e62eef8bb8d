"""Missing values of every column against the position in the file, over all rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.models.details import AnyStatistic
from services.models.missing import MissingMap
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.statistics.arrow_types import stored_numbers
from services.statistics.canonical import CanonicalTable
from services.statistics.categories import MISSING_WORDS
from services.statistics.column_profiles import as_numbers
from services.statistics.column_statistics import roles_by_column
from services.statistics.row_kernels import count_invalid
from services.statistics.validity import ANY, Quantity, quantity_of

IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]

BLOCKS = 60
MOST_COLUMNS = 60
"""Columns that one plot shows."""
_WORDS = pa.array(sorted({form for word in MISSING_WORDS for form in (word, word.upper(), word.title(), "NaN")}))


def missing_map(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> MissingMap | None:
    """Missing values in blocks of rows; None without a row. Under a cut the columns of the whole table are shown."""
    if not table.n_rows:
        return None
    n_blocks = min(BLOCKS, table.n_rows)
    edges = np.arange(n_blocks + 1, dtype=np.int64) * table.n_rows // n_blocks
    by_column = roles_by_column(roles)
    found = table.each(table.names, lambda one, name: _in_blocks(one, name, quantity_of(by_column.get(name)), edges))
    counts = dict(zip(table.names, found, strict=True))
    shown = whole.columns if isinstance(whole, MissingMap) else _most_telling(counts, by_column)
    return MissingMap(
        columns=shown,
        roles=tuple(by_column.get(name, "") for name in shown),
        row_edges=edges,
        counts=np.stack([counts[name] for name in shown]),
        all_columns=table.names,
        totals=np.array([counts[name].sum() for name in table.names], np.int64),
        tally=Tally(table.n_rows, table.n_rows),
    )


def _most_telling(counts: dict[str, IntArray], by_column: dict[str, str] | Any) -> tuple[str, ...]:
    """Columns with a role in file order, then the others, those with most missing values first."""
    with_role = [name for name in counts if name in by_column]
    others = sorted((name for name in counts if name not in by_column), key=lambda name: -int(counts[name].sum()))
    return tuple([*with_role, *others][:MOST_COLUMNS])


def _in_blocks(table: CanonicalTable, name: str, rule: Quantity, edges: IntArray) -> IntArray:
    """Missing values of one column per block of rows."""
    counts = np.zeros(edges.size - 1, np.int64)
    first = 0
    for (values,) in table.arrow_chunks([name]):
        ends = edges[(edges > first) & (edges < first + len(values))] - first
        starts = np.concatenate([[0], ends, [len(values)]])
        block = int(np.searchsorted(edges, first, side="right")) - 1
        for place, (start, stop) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
            if stop > start:
                counts[block + place] += _n_missing(values.slice(start, stop - start), rule)
        first += len(values)
    return counts


def _n_missing(values: pa.Array, rule: Quantity) -> int:
    kind = values.type
    if pa.types.is_integer(kind) and rule is ANY:
        return int(values.null_count)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        numbers = as_numbers(values)
        marks = rule.sentinels_as(numbers.dtype)
        return int(count_invalid(numbers, rule.low, rule.high, marks[(marks > rule.low) & (marks < rule.high)]))
    if pa.types.is_string(kind):
        return int(values.null_count) + int(pc.sum(pc.is_in(values, value_set=_WORDS)).as_py() or 0)
    if pa.types.is_fixed_size_list(kind):
        return _empty_vectors(values)
    return int(values.null_count)


def _empty_vectors(values: pa.Array) -> int:
    """A row of a vector column is missing when all its numbers are."""
    size = values.type.list_size
    if not size:
        return len(values)
    numbers = stored_numbers(values.values.slice(values.offset * size, len(values) * size))
    return int(np.isnan(numbers.reshape(len(values), size)).all(axis=1).sum())
