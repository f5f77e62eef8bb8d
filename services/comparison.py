"""Comparing products: which of an address are there, what they have in common, and how far apart they are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from services.catalog import CatalogService
from services.cut_tables import CutTables
from services.cuts.parser import parse_cut
from services.cuts.tree import Cut
from services.cuts.writing import written
from services.errors import InvalidInput, NoTable, NotFound, StillRunning
from services.fitted_tables import FittedTable, FittedTables
from services.kept import Kept
from services.models.comparison import (
    MOST_PRODUCTS,
    ComparedProduct,
    CompareQuestion,
    Comparison,
    Sample,
    SharedQuantity,
    TwoSample,
)
from services.models.depth import DepthReport
from services.models.identity import Actor
from services.models.products import Product
from services.models.statistics import Histogram
from services.product_tables import ProductTable, ProductTables
from services.statistics.binned import FloatArray
from services.statistics.canonical import CanonicalTable
from services.statistics.comparison import common_edges, curve_of, difference, ratio
from services.statistics.depth import depth_report
from services.statistics.histograms import histogram
from services.statistics.measured import Measured
from services.statistics.overview import present_roles
from services.statistics.overview_under import with_cut
from services.statistics.quantiles import Summary
from services.statistics.shared_quantities import measured_word, shared_quantities
from services.statistics.two_samples import (
    kl_divergence,
    ks_and_wasserstein,
    sample_of,
    sorted_values,
    two_sample,
)

KEPT_SUMMARIES = 256
KEPT_DISTANCES = 128
KEPT_COUNTS = 128
KEPT_DEPTHS = 32
COMPARISON_VERSION = 1
"""Raise it when the numbers change while tables stay: copies that callers keep become stale."""

Distances = tuple[tuple[Sample, ...], tuple[tuple[float, float], ...]]
"""Each sample in numbers; the distances of each but the first from the first."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Products of an address that can be compared, and what was left out, one sentence each."""

    products: tuple[Product, ...]
    notes: tuple[str, ...]


class ComparisonService:
    """Answers about several tables the actor may see; of several who ask at once one computes and the others wait."""

    def __init__(self, tables: ProductTables, cut_tables: CutTables, catalog: CatalogService) -> None:
        self._tables = tables
        self._fitted = FittedTables(tables, cut_tables)
        self._catalog = catalog
        self._summaries: Kept[Summary] = Kept(KEPT_SUMMARIES)
        self._distances: Kept[Distances] = Kept(KEPT_DISTANCES)
        self._counts: Kept[tuple[Histogram, ...]] = Kept(KEPT_COUNTS)
        self._depths: Kept[DepthReport] = Kept(KEPT_DEPTHS)

    def candidates(self, actor: Actor, words: Sequence[str]) -> Candidates:
        """Products by internal names or ids, each once, at most four, and why others were left out."""
        products: dict[int, Product] = {}
        notes: list[str] = []
        for word in dict.fromkeys(words):
            try:
                product = self._catalog.find(actor, word)
                self._tables.find(actor, product.id)
            except NotFound:
                notes.append(f'"{word[:60]}" was left out: it is not there, or not open to you.')
            except (NoTable, StillRunning) as reason:
                notes.append(f"{product.display_name} was left out: {_reason(reason)}")
            else:
                products.setdefault(product.id, product)
        chosen = list(products.values())
        if len(chosen) > MOST_PRODUCTS:
            notes.append(f"At most {MOST_PRODUCTS} products are compared at once; the others were left out.")
        return Candidates(tuple(chosen[:MOST_PRODUCTS]), tuple(notes))

    def quantities(self, actor: Actor, product_ids: Sequence[int]) -> tuple[SharedQuantity, ...]:
        """What all these products have."""
        return _shared([self._tables.find(actor, product_id) for product_id in product_ids])

    def mark(self, actor: Actor, product_ids: Sequence[int]) -> str:
        """Text that changes whenever an answer about these tables may: found without reading them."""
        signatures = [self._tables.find(actor, product_id).signature for product_id in product_ids]
        return ".".join([*signatures, str(COMPARISON_VERSION)])

    def compare(self, actor: Actor, question: CompareQuestion) -> Comparison:
        """All numbers of a comparison.

        Raises
        ------
        NotFound, NoTable, StillRunning
            As ``ProductTables`` does, for any of the products.
        InvalidInput
            If they have nothing in common, not what was asked for, or the cut or the width cannot be taken.
        """
        found = [self._tables.find(actor, product_id) for product_id in question.product_ids]
        quantity = _chosen(_shared(found), question.word)
        cut = parse_cut(question.cut) if question.cut and question.cut.strip() else None
        parts = [self._fitted.fitted(one, cut) for one in found]
        with self._tables.work.working():
            edges = common_edges(quantity.word, [self._summary(part, quantity.word) for part in parts], question.width)
            counts = self._counted(parts, quantity.word, edges)
            apart = self._apart(parts, quantity.word) if question.has_distances else None
        return _assembled(question, quantity, parts, (edges, counts, apart), cut)

    def depth(self, actor: Actor, product_id: int) -> DepthReport:
        """Depth of all rows in every band."""
        found = self._tables.find(actor, product_id)
        if (known := self._depths.get(found.signature)) is not None:
            return known
        with self._tables.work.doing(f"depth {found.signature}"), self._tables.opened(found) as table:
            return self._depths.put(found.signature, depth_report(table, present_roles(table, found.roles), None))

    def _summary(self, part: FittedTable, word: str) -> Summary:
        """Of all rows, so that axes stay where they are under a cut."""
        key = f"{part.found.signature} {word}"
        if (known := self._summaries.get(key)) is not None:
            return known
        with self._tables.opened(part.found) as table:
            return self._summaries.put(key, _measured(table, part, word).summary(table))

    def _counted(self, parts: Sequence[FittedTable], word: str, edges: FloatArray) -> tuple[Histogram, ...]:
        key = f"{' '.join(part.key for part in parts)} {word} {edges[0]!r} {edges[-1]!r} {edges.size}"
        if (known := self._counts.get(key)) is not None:
            return known
        return self._counts.put(key, tuple(self._histogram(part, word, edges) for part in parts))

    def _histogram(self, part: FittedTable, word: str, edges: FloatArray) -> Histogram:
        with self._fitted.opened(part) as table:
            counted = histogram(table, _measured(table, part, word), edges)
            n_cut = table.metadata.num_rows - table.n_rows
        return with_cut(counted, n_cut) if n_cut else counted

    def _apart(self, parts: Sequence[FittedTable], word: str) -> Distances:
        key = f"{' '.join(part.key for part in parts)} {word}"
        if (known := self._distances.get(key)) is not None:
            return known
        single = any(self._is_single(part, word) for part in parts)
        with self._sorted(parts[0], word, single=single) as first:
            samples, distances = [sample_of(first)], []
            for part in parts[1:]:
                with self._sorted(part, word, single=single) as other:
                    samples.append(sample_of(other))
                    distances.append(ks_and_wasserstein(first, other))
        return self._distances.put(key, (tuple(samples), tuple(distances)))

    def _is_single(self, part: FittedTable, word: str) -> bool:
        with self._tables.opened(part.found) as table:
            return table.dtype(_measured(table, part, word).column) == "float32"

    @contextmanager
    def _sorted(self, part: FittedTable, word: str, *, single: bool) -> Iterator[NDArray[Any]]:
        with tempfile.TemporaryFile() as spool, self._fitted.opened(part) as table:
            yield sorted_values(table, _measured(table, part, word), spool, single=single)


def _reason(error: NoTable | StillRunning) -> str:
    return "its file is still being read." if isinstance(error, StillRunning) else error.message


def _measured(table: CanonicalTable, part: FittedTable, word: str) -> Measured:
    return measured_word(table, present_roles(table, part.found.roles), word)


def _shared(found: Sequence[ProductTable]) -> tuple[SharedQuantity, ...]:
    return shared_quantities([(one.roles, {column.name: column.dtype for column in one.columns}) for one in found])


def _chosen(offered: Sequence[SharedQuantity], word: str | None) -> SharedQuantity:
    if not offered:
        raise InvalidInput("These tables have no numbers in common that could be compared.", field="column")
    if word is None:
        return offered[0]
    known = next((quantity for quantity in offered if quantity.word == word), None)
    if known is None:
        raise InvalidInput(f'Not all of these tables have "{word[:60]}".', field="column")
    return known


def _assembled(
    question: CompareQuestion,
    quantity: SharedQuantity,
    parts: Sequence[FittedTable],
    numbers: tuple[FloatArray, tuple[Histogram, ...], Distances | None],
    cut: Cut | None,
) -> Comparison:
    edges, counts, apart = numbers
    curves = [curve_of(one, is_normalised=question.is_normalised) for one in counts]
    samples = apart[0] if apart else (None,) * len(parts)
    items = [
        ComparedProduct(
            product=part.found.product,
            histogram=counts[place],
            sample=samples[place],
            curve=curves[place],
            cut_note=part.note,
            difference=difference(curves[place], curves[0]) if place else None,
            ratio=ratio(curves[place], curves[0]) if place else None,
            two_sample=_two_sample(apart, place, counts) if apart and place else None,
        )
        for place, part in enumerate(parts)
    ]
    text = None if cut is None else written(cut)
    return Comparison(quantity, counts[0].unit, edges, question.is_normalised, tuple(items), text)


def _two_sample(apart: Distances, place: int, counts: Sequence[Histogram]) -> TwoSample:
    samples, distances = apart
    kl = kl_divergence(counts[place].counts, counts[0].counts)
    return two_sample(samples[0], samples[place], distances[place - 1], kl)
