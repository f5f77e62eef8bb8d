"""Histograms by the values of another column, or by bins of redshift; the rarer values come together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.errors import InvalidInput
from services.models.binnings import EQUAL, LENS
from services.models.groups import GroupedHistogram
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.categories import categories
from services.statistics.edges import FloatArray, multiples
from services.statistics.grouped import grouped_by
from services.statistics.histograms import add_counts, finished
from services.statistics.measured import Measured, measured_role
from services.statistics.metrics import valid_or_nan
from services.statistics.quantiles import quantiles_of
from services.statistics.transforms import transformed

MOST_VALUES, MOST_COLUMNS = 50, 12
"""Values of a column that may split, and how many such columns beyond the known roles are offered."""
NO_REDSHIFT = "outside the bins"

N_EQUAL = 5
LENS_EDGES = multiples(0.2, 1, 6)
"""Presets of tomographic bins: as for sources, by equal numbers, and as for lenses, 0.2 wide from 0.2 to 1.2."""


@dataclass(frozen=True, eq=False, slots=True)
class BinSplit:
    """A split by bins of a quantity, half-open, with the words of each."""

    measured: Measured
    edges: FloatArray

    @property
    def words(self) -> tuple[str, ...]:
        """What each bin is called; one that begins or ends where all valid values do has one end to tell."""
        return tuple(self._word(low, high) for low, high in zip(self.edges[:-1], self.edges[1:], strict=True))

    def _word(self, low: float, high: float) -> str:
        label, quantity = self.measured.label, self.measured.quantity
        if low <= quantity.low:
            return f"{label} < {high:.3g}"
        return f"{label} ≥ {low:.3g}" if high >= quantity.high else f"{low:.3g} ≤ {label} < {high:.3g}"


def tomographic(table: CanonicalTable, roles: RoleMap, word: str) -> BinSplit:
    """Bins by z_phot, or by the redshift where there is no estimate; InvalidInput without any redshift."""
    measured = measured_role(roles, "z_phot") or measured_role(roles, "redshift")
    if measured is None:
        raise InvalidInput("This table has no redshift to make tomographic bins of.", field="split")
    if word == LENS:
        return BinSplit(measured, LENS_EDGES)
    levels = tuple(k / N_EQUAL for k in range(1, N_EQUAL))
    inner = quantiles_of(lambda: measured.chunks(table), levels, measured.quantity)
    low, high = measured.quantity.low, measured.quantity.high
    return BinSplit(measured, np.unique([low, *inner, high]))


def is_tomographic(word: str) -> bool:
    """Whether a word names bins of redshift and no column."""
    return word in (EQUAL, LENS)


def split_by_bins(table: CanonicalTable, measured: Measured, edges: FloatArray, split: BinSplit) -> GroupedHistogram:
    """Histogram of one quantity by bins of another; objects outside all bins come last."""
    n_parts = split.edges.size

    def start() -> list[NDArray[np.int64]]:
        return [np.zeros((n_parts, edges.size - 1), np.int64), np.zeros(1, np.int64)]

    def step(state: list[NDArray[np.int64]], _first_row: int, arrays: list[pa.Array]) -> None:
        values = transformed(arrays[0], measured.transform)
        by = valid_or_nan(transformed(arrays[1], split.measured.transform), split.measured)
        codes = np.searchsorted(split.edges, by, side="right") - 1
        codes[~((by >= split.edges[0]) & (by < split.edges[-1]))] = n_parts - 1
        for code in range(n_parts):
            state[1][0] += add_counts(values[codes == code], measured, edges, state[0][code])

    parts = table.walked([measured.column, split.measured.column], start, step)
    counts = sum((part[0] for part in parts), np.zeros((n_parts, edges.size - 1), np.int64))
    tally = Tally(table.n_rows, int(counts.sum()), sum(int(part[1][0]) for part in parts))
    whole = finished(measured, edges, counts.sum(axis=0), tally)
    drawn = np.flatnonzero(counts.any(axis=1))
    words = (*split.words, NO_REDSHIFT)
    label = f"Bins of {split.measured.label}"
    return GroupedHistogram(label, split.measured.column, tuple(words[k] for k in drawn), counts[drawn], whole)


def split_by_values(table: CanonicalTable, measured: Measured, edges: FloatArray, column: str) -> GroupedHistogram:
    """Histogram of one quantity by the values of a column, the rarer ones beyond eight together.

    Raises
    ------
    InvalidInput
        If there is no such column, or it has too many values to be a category.
    """
    if column not in table.names or table.dtype(column).startswith("vector"):
        raise InvalidInput(f'There is no column "{column[:100]}" that could split the plots.', field="split")
    found = categories(table, column, column)
    if found is None or found.n_other:
        raise InvalidInput(f'"{column[:100]}" has too many values to split the plots by.', field="split")
    return grouped_by(table, measured, edges, found)


def split_words(roles: RoleMap, n_distinct: Mapping[str, int | None]) -> tuple[tuple[str, str], ...]:
    """Ways to split the histograms of a table, as words of addresses with words for people.

    Parameters
    ----------
    n_distinct : mapping
        Number of distinct values by column, None where there are too many to count.
    """
    found: list[tuple[str, str]] = []
    for role, title in (("z_flag", "quality flag"), ("survey", "survey"), ("instrument", "instrument")):
        if (column := roles.column(role)) and (n_distinct.get(column) or MOST_VALUES + 1) <= MOST_VALUES:
            found.append((role, f"{title} ({column})"))
    if roles.has("z_phot") or roles.has("redshift"):
        by = "z_phot" if roles.has("z_phot") else "z_spec"
        found += [(EQUAL, f"5 bins of {by}, equal numbers"), (LENS, f"bins of {by}, 0.2 wide")]
    taken = {roles.column(word) for word, _ in found}
    others = [name for name, n in n_distinct.items() if n and 2 <= n <= MOST_VALUES and name not in taken]
    return (*found, *((name, name) for name in others[:MOST_COLUMNS]))
