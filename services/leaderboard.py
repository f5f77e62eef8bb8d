"""Leaderboards: the metrics of validation products that were tested on the same true redshifts, side by side."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from services.catalog import CatalogService
from services.details import DetailService
from services.errors import NoTable, NotFound, StillRunning
from services.kept import Kept
from services.models.identity import Actor
from services.models.products import Product, ProductQuery
from services.models.statistics import Histogram
from services.models.validation import MetricTable
from services.previews import PreviewService

METRICS = "metric_table"
TYPE = "validation_results"
ALL = "all"
"""Key of the board of every product, whatever its true redshifts."""
MOST_PRODUCTS = 100
"""Newest validation products that are looked at."""
KEPT_PRODUCTS = 1000
"""Products of which the test set and the metrics are kept in memory per process; each takes a few kilobytes."""


@dataclass(frozen=True, slots=True)
class _Truth:
    """True redshifts of a product: ``key`` is the same for the same ones, in any order and of any column."""

    key: str
    n_objects: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TestSet:
    """Products with the same true redshifts: ``n_objects`` of them between ``low`` and ``high``."""

    key: str
    n_objects: int
    low: float
    high: float
    products: tuple[Product, ...]

    __test__ = False


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """One product; ``metrics`` is None while nobody has computed them, or when there are none (``is_known``)."""

    product: Product
    metrics: MetricTable | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class Board:
    """What a board shows: all test sets, the one that is chosen, and its entries.

    None is chosen when products were named one by one, or when all are shown.
    """

    sets: tuple[TestSet, ...]
    chosen: TestSet | None
    entries: tuple[BoardEntry, ...]
    missed: tuple[str, ...] = ()
    """Names that were asked for and are not there, or hold no truth."""


class LeaderboardService:
    """Boards of the products an actor may see."""

    def __init__(self, catalog: CatalogService, previews: PreviewService, details: DetailService) -> None:
        self._catalog = catalog
        self._previews = previews
        self._details = details
        self._truths: Kept[tuple[_Truth | None]] = Kept(KEPT_PRODUCTS)
        self._metrics: Kept[tuple[MetricTable | None]] = Kept(KEPT_PRODUCTS)

    def board(self, actor: Actor, key: str = "", names: Sequence[str] = ()) -> Board:
        """The board of a test set, of products named one by one, or of all.

        Without a key it is the test set with most products, or all when no two share one. Nothing is computed: entries
        that are not known yet say so.
        """
        sets = self.test_sets(actor)
        if names:
            found = [(name, self._named(actor, name)) for name in names[:MOST_PRODUCTS]]
            missed = tuple(name for name, product in found if product is None)
            named = [product for _, product in found if product is not None]
            return Board(sets, None, self._entries(actor, named), missed)
        shared = [one for one in sets if len(one.products) > 1 and key != ALL]
        chosen = next((one for one in sets if one.key == key), shared[0] if shared else None)
        products = chosen.products if chosen else tuple(product for one in sets for product in one.products)
        return Board(sets, chosen, self._entries(actor, products))

    def compute(self, actor: Actor, product_id: int) -> None:
        """Compute the metrics of one product and keep them."""
        self._details.detail(actor, product_id, METRICS)

    def test_sets(self, actor: Actor) -> tuple[TestSet, ...]:
        """Validation products by their true redshifts: sets of several products first, then the newest."""
        query = ProductQuery(product_types=(TYPE,), page_size=MOST_PRODUCTS)
        members: dict[_Truth, list[Product]] = {}
        for product in self._catalog.search(actor, query).items:
            if (truth := self._truth(actor, product)) is not None:
                members.setdefault(truth, []).append(product)
        sets = (TestSet(one.key, one.n_objects, one.low, one.high, tuple(found)) for one, found in members.items())
        return tuple(sorted(sets, key=lambda one: -len(one.products)))

    def _truth(self, actor: Actor, product: Product) -> _Truth | None:
        """True redshifts of a product the actor may see; None where there is no table or no truth."""
        if (known := self._truths.get(_state(product))) is not None:
            return known[0]
        try:
            found = self._previews.overview(actor, product.id).statistics.get("n_z")
        except (NoTable, StillRunning):
            return None
        truth = _truth_of(found) if isinstance(found, Histogram) and found.tally.n_shown else None
        return self._truths.put(_state(product), (truth,))[0]

    def _named(self, actor: Actor, name: str) -> Product | None:
        try:
            product = self._catalog.find(actor, name)
        except NotFound:
            return None
        return product if self._truth(actor, product) is not None else None

    def _entries(self, actor: Actor, products: Iterable[Product]) -> tuple[BoardEntry, ...]:
        return tuple(self._entry(actor, product) for product in dict.fromkeys(products))

    def _entry(self, actor: Actor, product: Product) -> BoardEntry:
        state = _state(product)
        if (kept := self._metrics.get(state)) is None:
            known = self._details.known(actor, product.id, METRICS)
            if known is None:
                return BoardEntry(product, None, is_known=False)
            kept = self._metrics.put(state, (known[0] if isinstance(known[0], MetricTable) else None,))
        return BoardEntry(product, kept[0], is_known=True)


def _state(product: Product) -> str:
    """Changes when the main file is read again or a column gets another meaning."""
    return f"{product.id} {product.updated_at.isoformat()}"


def _truth_of(truth: Histogram) -> _Truth:
    numbers = zlib.crc32(truth.edges.astype("<f8").tobytes() + truth.counts.astype("<i8").tobytes())
    n, filled = truth.tally.n_shown, np.flatnonzero(truth.counts)
    low, high = (truth.edges[filled[0]], truth.edges[filled[-1] + 1]) if filled.size else (0.0, 0.0)
    return _Truth(f"{n}-{numbers:08x}", n, float(low), float(high))
