"""What is in the table of a product: overview, rows, and counts of any column on request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.catalog import CatalogService
from services.cut_tables import CutTables
from services.cuts.parser import parse_cut
from services.cuts.parts import RangeWord
from services.cuts.tree import Cut
from services.cuts.writing import written
from services.errors import NotFound
from services.jobs.results import (
    CUBE_VERSION,
    cube_result,
    load_cube_result,
    load_result,
    overview_result,
    signed_version,
)
from services.kept import Kept
from services.models.identity import Actor
from services.models.products import ProductColumn
from services.models.queries import TablePage, TableQuery
from services.models.roles import RoleMap
from services.models.statistics import CutOverview, Density, Histogram, Overview
from services.product_tables import ProductTable, ProductTables
from services.repositories.artifacts import CUBE, OVERVIEW
from services.statistics.canonical import CanonicalTable
from services.statistics.cube import CountCube, build_cube
from services.statistics.cuts import bound_cut
from services.statistics.measured import any_redshift
from services.statistics.overview import build_overview, present_roles, roles_signature
from services.statistics.overview_under import overview_under
from services.statistics.range_words import CutWords, cut_words, range_words
from services.statistics.registry import registry_version
from services.statistics.requests import requested_density, requested_histogram

KEPT_OVERVIEWS = 32
"""Overviews kept in memory per process; one with all plots takes about a megabyte."""

KEPT_CUBES = 4
"""Count cubes kept in memory per process; one takes up to 33 megabytes."""

KEPT_CUTS = 32
"""Overviews under a cut kept in memory per process, by table and cut."""


class PreviewService:
    """Answers from the canonical table of a product the actor may see. Nothing is changed by asking.

    Every method raises NotFound when the product is hidden from the actor, StillRunning with the progress while the
    main file is being read, and NoTable with the reason when there is no table.
    """

    def __init__(self, tables: ProductTables, cut_tables: CutTables, catalog: CatalogService) -> None:
        self._tables = tables
        self._cut_tables = cut_tables
        self._storage = tables.storage
        self._catalog = catalog
        self._kept: Kept[Overview] = Kept(KEPT_OVERVIEWS)
        self._cubes: Kept[CountCube] = Kept(KEPT_CUBES)
        self._cuts: Kept[CutOverview] = Kept(KEPT_CUTS)

    def overview(self, actor: Actor, product_id: int) -> Overview:
        """Everything the product page shows; computed again here when roles or statistics have changed since."""
        table = self._tables.find(actor, product_id)
        return self._stored(table) or self._computed(actor, product_id)

    def cube(self, actor: Actor, product_id: int) -> CountCube | None:
        """Counts over flag, redshift, magnitude and position for cross-filters; None for a table without redshifts.

        Made when the file is read; counted again here when roles have changed since.
        """
        table = self._tables.find(actor, product_id)
        if any_redshift(table.roles) is None:
            return None
        return self._stored_cube(table) or self._computed_cube(actor, product_id)

    def overview_under(self, actor: Actor, product_id: int, cut: str) -> CutOverview:
        """The plots over the rows that pass a cut, on the edges of the overview.

        Raises
        ------
        CutError
            If the cut cannot be read or does not fit the table.
        """
        tree = parse_cut(cut)
        table = self._tables.find(actor, product_id)
        whole = self.overview(actor, product_id)
        key = f"{table.signature} {registry_version()} {written(tree)}"
        return self._cuts.get(key) or self._counted(table, whole, tree, key)

    def check_cut(self, actor: Actor, product_id: int, cut: Cut) -> None:
        """CutError when a cut does not fit the table; nothing is counted."""
        with self._open(actor, product_id) as (table, roles):
            bound_cut(table, present_roles(table, roles), cut)

    def range_words(self, actor: Actor, product_id: int) -> tuple[RangeWord, ...]:
        """Redshifts and the magnitude in the reference band, as far as a cut can set their range."""
        table = self._tables.find(actor, product_id)
        return range_words(cut_words(table.columns, table.roles), table.roles)

    def cut_words(self, actor: Actor, product_id: int) -> CutWords:
        """What the columns are called in a cut, and which of them it can limit."""
        table = self._tables.find(actor, product_id)
        return cut_words(table.columns, table.roles)

    def rows(self, actor: Actor, product_id: int, query: TableQuery) -> TablePage:
        """A page of rows, values as the source wrote them; InvalidInput when the question makes no sense."""
        from services.statistics.rows import table_page  # loads DuckDB, which processes that read files need not

        found = self._tables.find(actor, product_id)
        cut = None
        if query.cut is not None:
            with self._tables.opened(found) as table:
                cut = bound_cut(table, present_roles(table, found.roles), query.cut)
        with self._storage.local_path(found.canonical.key) as path:
            return table_page(path, query, cut)

    def columns(self, actor: Actor, product_id: int) -> tuple[ProductColumn, ...]:
        """Columns of the table in file order; empty when there is none."""
        return self._catalog.columns(actor, product_id)

    def histogram(
        self,
        actor: Actor,
        product_id: int,
        column: str,
        *,
        n_bins: int | None = None,
        width: float | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> Histogram:
        """Counts of one column over all rows, by the rules of its role.

        Parameters
        ----------
        n_bins, width : optional
            Number of equal bins, or their width; without either a readable width that fits the data.
        low, high : float, optional
            Range, by default that of the data.

        Raises
        ------
        InvalidInput
            If there is no such column of numbers, or the numbers make no histogram.
        """
        with self._open(actor, product_id) as (table, roles):
            return requested_histogram(table, roles, column, n_bins=n_bins, width=width, low=low, high=high)

    def density(self, actor: Actor, product_id: int, x: str, y: str, *, n_bins: int = 200) -> Density:
        """Counts over two columns, at most ``n_bins`` on a side; InvalidInput as for ``histogram``."""
        with self._open(actor, product_id) as (table, roles):
            return requested_density(table, roles, x, y, n_bins=n_bins)

    @contextmanager
    def _open(self, actor: Actor, product_id: int) -> Iterator[tuple[CanonicalTable, RoleMap]]:
        found = self._tables.find(actor, product_id)
        with self._tables.opened(found) as table:
            yield table, found.roles

    def _counted(self, table: ProductTable, whole: Overview, cut: Cut, key: str) -> CutOverview:
        with self._tables.work.doing(f"overview {key}"):
            if (known := self._cuts.get(key)) is not None:
                return known
            with self._cut_tables.opened(table, cut) as left:
                return self._cuts.put(key, overview_under(left, table.roles, whole, cut))

    def _stored(self, table: ProductTable) -> Overview | None:
        """The stored overview, when it says what would be computed now."""
        wanted = (signed_version(registry_version()), roles_signature(table.roles))
        stored = table.artifacts.get(OVERVIEW)
        if stored is None or (stored.version, stored.signature) != wanted:
            return None
        try:
            return self._kept.get(stored.key) or self._kept.put(stored.key, load_result(self._storage, stored.key))
        except NotFound:
            return None  # its bytes are lost: it can be computed again

    def _computed(self, actor: Actor, product_id: int) -> Overview:
        """Compute the overview and keep it; of several who ask at once one computes and the others wait."""
        with self._tables.work.doing(f"overview {product_id}"):
            table = self._tables.find(actor, product_id)
            if (stored := self._stored(table)) is not None:
                return stored
            with self._tables.opened(table) as opened:
                overview = build_overview(opened, table.roles, table.product.product_type)
            result = overview_result(self._storage, overview)
            self._tables.keep(table, result)
            return self._kept.put(result.blob.key, overview)

    def _stored_cube(self, table: ProductTable) -> CountCube | None:
        stored = table.artifacts.get(CUBE)
        if stored is None or (stored.version, stored.signature) != (CUBE_VERSION, roles_signature(table.roles)):
            return None
        try:
            return self._cubes.get(stored.key) or self._cubes.put(
                stored.key, load_cube_result(self._storage, stored.key)
            )
        except NotFound:
            return None

    def _computed_cube(self, actor: Actor, product_id: int) -> CountCube | None:
        with self._tables.work.doing(f"cube {product_id}"):
            table = self._tables.find(actor, product_id)
            if (stored := self._stored_cube(table)) is not None:
                return stored
            with self._tables.opened(table) as opened:
                cube = build_cube(opened, present_roles(opened, table.roles))
            if cube is None:
                return None
            result = cube_result(self._storage, cube, roles_signature(table.roles))
            self._tables.keep(table, result)
            return self._cubes.put(result.blob.key, cube)
