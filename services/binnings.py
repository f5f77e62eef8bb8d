"""Histograms of the first look counted again as a person wants them: other bins, split, under a cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from services.cut_tables import CutTables
from services.cuts.parser import parse_cut
from services.cuts.writing import written
from services.errors import NotFound
from services.kept import Kept
from services.models.binnings import Binning, SplitChoice
from services.models.details import AnyStatistic
from services.models.identity import Actor
from services.models.roles import RoleMap
from services.models.statistics import Histogram, HistogramSet
from services.previews import PreviewService
from services.product_tables import ProductTable, ProductTables
from services.statistics.canonical import CanonicalTable
from services.statistics.edges import rebinned
from services.statistics.histograms import histogram, with_rug
from services.statistics.overview import present_roles
from services.statistics.overview_under import with_cut
from services.statistics.requests import measured_column
from services.statistics.splits import (
    BinSplit,
    is_tomographic,
    split_by_bins,
    split_by_values,
    split_words,
    tomographic,
)

KEPT_COUNTS = 128
"""Histograms kept in memory per process; each takes some kilobytes."""


class BinningService:
    """Answers from the table of a product the actor may see; errors as ``ProductTables`` raises them."""

    def __init__(self, tables: ProductTables, cut_tables: CutTables, previews: PreviewService) -> None:
        self._tables = tables
        self._cut_tables = cut_tables
        self._previews = previews
        self._kept: Kept[AnyStatistic] = Kept(KEPT_COUNTS)
        self._splits: Kept[BinSplit] = Kept(KEPT_COUNTS)

    def choices(self, actor: Actor, product_id: int) -> tuple[SplitChoice, ...]:
        """Ways to split the histograms of a product."""
        found = self._tables.find(actor, product_id)
        n_distinct = {one.name: one.n_distinct for one in self._previews.overview(actor, product_id).columns}
        return tuple(SplitChoice(word, title) for word, title in split_words(found.roles, n_distinct))

    def binned(
        self, actor: Actor, product_id: int, name: str, binning: Binning, cut: str | None = None
    ) -> AnyStatistic:
        """A histogram of the overview in other bins or split; what is no histogram comes as it is.

        Raises
        ------
        InvalidInput
            If the width or the split make no plot of this table.
        CutError
            If the cut cannot be read or does not fit the table.
        """
        whole = self._previews.overview(actor, product_id).statistics.get(name)
        if whole is None:
            raise NotFound("This plot is not there any more. Reload the page.")
        found = self._tables.find(actor, product_id)
        key = f"{found.signature} {name} {binning!r} {cut and written(parse_cut(cut))}"
        return self._kept.get(key) or self._kept.put(key, self._counted(found, whole, binning, cut))

    def _counted(self, found: ProductTable, whole: AnyStatistic, binning: Binning, cut: str | None) -> AnyStatistic:
        split = self._bin_split(found, binning.split) if is_tomographic(binning.split) else None
        with self._tables.work.working(), self._opened(found, cut) as table:
            roles = present_roles(table, found.roles)
            counted = _again(table, roles, whole, binning, split)
            n_cut = table.metadata.num_rows - table.n_rows
        return with_cut(counted, n_cut)

    @contextmanager
    def _opened(self, found: ProductTable, cut: str | None) -> Iterator[CanonicalTable]:
        opened = self._tables.opened(found) if cut is None else self._cut_tables.opened(found, parse_cut(cut))
        with opened as table:
            yield table

    def _bin_split(self, found: ProductTable, word: str) -> BinSplit:
        """Bins of redshift over all rows: they stay when a cut changes."""
        key = f"{found.signature} {word}"
        if (known := self._splits.get(key)) is not None:
            return known
        with self._tables.opened(found) as table:
            return self._splits.put(key, tomographic(table, present_roles(table, found.roles), word))


def _again(
    table: CanonicalTable, roles: RoleMap, whole: AnyStatistic, binning: Binning, split: BinSplit | None
) -> AnyStatistic:
    if isinstance(whole, HistogramSet):
        items = (_again(table, roles, item, Binning(binning.width), None) for item in whole.items)
        return HistogramSet(whole.label, tuple(item for item in items if isinstance(item, Histogram)))
    if not isinstance(whole, Histogram):
        return whole
    edges = whole.edges.astype(np.float64, copy=False)
    if binning.width is not None:
        edges = rebinned(edges, binning.width)
    measured = measured_column(table, roles, whole.column)
    if split is not None:
        return split_by_bins(table, measured, edges, split)
    if binning.split:
        return split_by_values(table, measured, edges, roles.column(binning.split) or binning.split)
    return with_rug(table, measured, histogram(table, measured, edges))
