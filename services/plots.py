"""The plots of a product as numbers: those of the first look and the details, by one name."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from services.binnings import BinningService
from services.cuts.parser import parse_cut
from services.cuts.writing import written
from services.details import DetailService
from services.errors import NotFound
from services.models.binnings import Binning
from services.models.details import AnyStatistic
from services.models.identity import Actor
from services.models.products import Product
from services.models.statistics import Histogram, HistogramSet
from services.previews import PreviewService
from services.product_tables import ProductTable, ProductTables
from services.statistics.details import DETAILS, DetailRow
from services.statistics.registry import ACCOMPANYING, STATISTICS, StatisticRow, registry_version
from services.statistics.used_columns import needed_columns, used_columns
from services.version import VERSION

USUAL = Binning()
"""The bins of the first look."""


@dataclass(frozen=True, slots=True)
class PlotFacts:
    """One plot of a product. ``is_detail`` is computed when somebody asks, the others when the file is read."""

    name: str
    title: str
    columns: tuple[str, ...]
    is_detail: bool


@dataclass(frozen=True, slots=True)
class PlotNumbers:
    """Numbers of one plot and where they come from; ``value`` is None where no row holds what it is made from."""

    product: Product
    facts: PlotFacts
    cut: str | None
    value: AnyStatistic | None


class PlotService:
    """Answers from the table of a product the actor may see; errors as ``ProductTables`` raises them."""

    def __init__(
        self, tables: ProductTables, previews: PreviewService, details: DetailService, binnings: BinningService
    ) -> None:
        self._tables = tables
        self._previews = previews
        self._binnings = binnings
        self._details = details

    def mark(self, actor: Actor, product_id: int) -> str:
        """Text that changes whenever an answer may: found without reading the table."""
        found = self._tables.find(actor, product_id)
        versions = zlib.crc32("|".join(f"{row.name}:{row.version}" for row in DETAILS.values()).encode())
        edited = found.product.updated_at.isoformat()
        return f"{found.signature}.{registry_version()}.{versions}.{VERSION}.{edited}"

    def offered(self, actor: Actor, product_id: int) -> tuple[PlotFacts, ...]:
        """Plots this product can show, first looks before details, each in the order of its type."""
        found = self._tables.find(actor, product_id)
        first = [name for name in self._previews.overview(actor, product_id).statistics if name not in ACCOMPANYING]
        details = self._details.offered(actor, product_id)
        return (*(_facts(STATISTICS[name], found) for name in first), *(_facts(row, found) for row in details))

    def numbers(
        self, actor: Actor, product_id: int, name: str, cut: str | None = None, binning: Binning = USUAL
    ) -> PlotNumbers:
        """One plot over the rows that pass a cut; a histogram of the first look also in other bins, or split.

        Raises
        ------
        CutError
            If the cut cannot be read or does not fit the table.
        InvalidInput
            If the bins or the split make no plot of this table.
        NotFound
            If this product has no plot of that name; metrics that accompany a plot have a name too.
        """
        found = self._tables.find(actor, product_id)
        text = None if cut is None else written(parse_cut(cut))
        row, value = self._asked(actor, found, name, text)
        if binning and isinstance(value, Histogram | HistogramSet) and name in STATISTICS:
            value = self._binnings.binned(actor, product_id, name, binning, text)
        used = used_columns(value, {column.name for column in found.columns})
        facts = _facts(row, found)
        if used:
            facts = PlotFacts(facts.name, facts.title, used, facts.is_detail)
        return PlotNumbers(found.product, facts, text, value)

    def _asked(
        self, actor: Actor, found: ProductTable, name: str, cut: str | None
    ) -> tuple[StatisticRow | DetailRow, AnyStatistic | None]:
        number = found.product.id
        whole = self._previews.overview(actor, number).statistics
        if name in whole:
            under = whole if cut is None else self._previews.overview_under(actor, number, cut).statistics
            return STATISTICS[name], under.get(name)
        if name in {row.name for row in self._details.offered(actor, number)}:
            return DETAILS[name], self._details.detail(actor, number, name, cut)
        raise NotFound(f'This product has no plot "{name[:60]}". The list of its plots names those it has.')


def _facts(row: StatisticRow | DetailRow, found: ProductTable) -> PlotFacts:
    return PlotFacts(row.name, row.title, needed_columns(row.needs, found.roles), isinstance(row, DetailRow))
