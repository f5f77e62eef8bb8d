"""Live cubes of products: counted when a page asks for one, kept in memory."""

from __future__ import annotations

from dataclasses import replace

from services.cut_tables import CutTables
from services.cuts.parser import parse_cut
from services.cuts.writing import written
from services.errors import InvalidInput
from services.kept import Kept
from services.models.identity import Actor
from services.models.live import LiveCube
from services.previews import PreviewService
from services.product_tables import ProductTable, ProductTables
from services.statistics.live_cube import LivePlan, live_counts, live_plan
from services.statistics.overview import present_roles
from services.statistics.range_words import cut_words
from services.statistics.registry import registry_version

KEPT_CUBES = 32
"""Cubes kept in memory per process; most take less than half a megabyte."""


class LiveCubes:
    """Answers about the table of a product the actor may see; errors as ``ProductTables`` raises them."""

    def __init__(self, tables: ProductTables, cut_tables: CutTables, previews: PreviewService) -> None:
        self._tables = tables
        self._cut_tables = cut_tables
        self._previews = previews
        self._kept: Kept[LiveCube] = Kept(KEPT_CUBES)

    def plan(self, actor: Actor, product_id: int) -> LivePlan:
        """Axes along which cuts can be dragged: those of the plots over all rows."""
        return self._plan(actor, self._tables.find(actor, product_id))

    def cube(self, actor: Actor, product_id: int, cut: str | None = None) -> LiveCube:
        """All rows that pass a cut, counted.

        Raises
        ------
        CutError
            If the cut cannot be read or does not fit the table.
        InvalidInput
            If no column of the table is known to be a flag, a redshift or a magnitude.
        """
        found = self._tables.find(actor, product_id)
        plan = self._plan(actor, found)
        if not plan.is_worth_it:
            raise InvalidInput("No column of this table is known to be a flag, a redshift or a magnitude.")
        text = None if cut is None else written(parse_cut(cut))
        key = f"{plan.signature} {text}"
        return self._kept.get(key) or self._counted(found, plan, text, key)

    def _plan(self, actor: Actor, found: ProductTable) -> LivePlan:
        whole = self._previews.overview(actor, found.product.id)
        with self._tables.opened(found) as table:
            roles = present_roles(table, found.roles)
        plan = live_plan(whole.statistics, roles, cut_words(found.columns, roles))
        return replace(plan, signature=f"{found.signature} {registry_version()}")

    def _counted(self, found: ProductTable, plan: LivePlan, text: str | None, key: str) -> LiveCube:
        with self._tables.work.doing(f"live {key}"):
            if (known := self._kept.get(key)) is not None:
                return known
            if text is None:
                with self._tables.opened(found) as table:
                    cube = LiveCube(plan.axes, live_counts(table, plan), table.n_rows)
            else:
                with self._cut_tables.opened(found, parse_cut(text)) as left:
                    n_total = left.metadata.num_rows
                    cube = LiveCube(plan.axes, live_counts(left, plan), n_total, n_total - left.n_rows)
            return self._kept.put(key, cube)
