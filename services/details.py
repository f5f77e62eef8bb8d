"""Details of a product: computed when somebody looks at their plot, kept in the store, or in memory under a cut."""

from __future__ import annotations

import io
from collections.abc import Sequence

from services.cut_tables import CutTables
from services.cuts.parser import parse_cut
from services.cuts.writing import written
from services.errors import NotFound
from services.jobs.results import Result
from services.kept import Kept
from services.models.details import AnyStatistic
from services.models.identity import Actor
from services.previews import PreviewService
from services.product_tables import ProductTable, ProductTables
from services.repositories.artifacts import detail_kind
from services.statistics.canonical import CanonicalTable
from services.statistics.details import DETAILS, DetailRow, Details, made_with, offered_details
from services.statistics.overview import present_roles, roles_signature
from services.statistics.overview_under import with_cut
from services.statistics.value_files import load_detail, save_detail

KEPT_DETAILS = 128
"""Details kept in memory per process; most take a few kilobytes, a map some hundred."""


class DetailService:
    """Answers from the table of a product the actor may see; errors as ``ProductTables`` raises them.

    Each detail is computed once for a table and its roles, then kept in the store; of several who ask at once one
    computes and the others wait.
    """

    def __init__(self, tables: ProductTables, cut_tables: CutTables, previews: PreviewService) -> None:
        self._tables = tables
        self._previews = previews
        self._cut_tables = cut_tables
        self._kept: Kept[tuple[AnyStatistic | None]] = Kept(KEPT_DETAILS)
        self._once = tables.work

    def offered(self, actor: Actor, product_id: int) -> tuple[DetailRow, ...]:
        """Details this product can show, in the order of its type."""
        found = self._tables.find(actor, product_id)
        rows = offered_details(found.product.product_type, found.roles)
        if not any(row.worth for row in rows):
            return rows
        overview = self._previews.overview(actor, product_id)
        return tuple(row for row in rows if row.worth is None or row.worth(overview))

    def detail(self, actor: Actor, product_id: int, name: str, cut: str | None = None) -> AnyStatistic | None:
        """One detail over the rows that pass a cut; None where there is nothing to compute it from.

        Raises
        ------
        CutError
            If the cut cannot be read or does not fit the table.
        NotFound
            If there is no detail of this name.
        """
        row = DETAILS.get(name)
        if row is None:
            raise NotFound(f'There is no detail "{name[:60]}".')
        found = self._tables.find(actor, product_id)
        whole = self._whole(found, row)
        return whole if cut is None else self._under(found, row, whole, cut)

    def known(self, actor: Actor, product_id: int, name: str) -> tuple[AnyStatistic | None] | None:
        """One detail over all rows if it has been computed, alone in a tuple; None when nobody has asked for it yet."""
        row, found = DETAILS[name], self._tables.find(actor, product_id)
        return self._kept.get(_key(found, row)) or self._stored(found, row)

    def prepare(self, actor: Actor, product_id: int) -> None:
        """Compute whatever this product can show and has not kept yet."""
        for row in self.offered(actor, product_id):
            self.detail(actor, product_id, row.name)

    def _whole(self, found: ProductTable, row: DetailRow) -> AnyStatistic | None:
        key = _key(found, row)
        if (known := self._kept.get(key)) is not None:
            return known[0]
        rows = made_with(row, found.roles)
        with self._once.alone(_key(found, rows[0])):
            if (known := self._kept.get(key) or self._stored(found, row)) is None:
                return self._computed(found, rows)[row.name]
            return self._kept.put(key, known)[0]

    def _stored(self, found: ProductTable, row: DetailRow) -> tuple[AnyStatistic | None] | None:
        stored = found.artifacts.get(detail_kind(row.name))
        if stored is None or (stored.version, stored.signature) != (row.version, roles_signature(found.roles)):
            return None
        try:
            with self._tables.storage.open(stored.key) as stream:
                return (load_detail(stream),)
        except NotFound:
            return None  # its bytes are lost: it can be computed again

    def _computed(self, found: ProductTable, rows: Sequence[DetailRow]) -> Details:
        used = {name: self._whole(found, DETAILS[name]) for row in rows for name in self._used(found, row)}
        with self._once.working(), self._tables.opened(found) as table:
            table.memo.update(used)
            details = _made(rows, table, found, {})
        for row in rows:
            self._store(found, row, details[row.name])
            self._kept.put(_key(found, row), (details[row.name],))
        return details

    def _store(self, found: ProductTable, row: DetailRow, detail: AnyStatistic | None) -> None:
        out = io.BytesIO()
        save_detail(detail, out)
        out.seek(0)
        blob = self._tables.storage.put(out)
        self._tables.keep(found, Result(detail_kind(row.name), blob, row.version, roles_signature(found.roles)))

    @staticmethod
    def _used(found: ProductTable, row: DetailRow) -> list[str]:
        """Details that this one is made with, as far as the table allows them."""
        return [name for name in row.uses if DETAILS[name].allowed_by(found.roles)]

    def _under(self, found: ProductTable, row: DetailRow, whole: AnyStatistic | None, text: str) -> AnyStatistic | None:
        cut = written(parse_cut(text))
        key = _key(found, row, cut)
        if (known := self._kept.get(key)) is not None:
            return known[0]
        rows = made_with(row, found.roles)
        wholes = {row.name: whole, **{one.name: self._whole(found, one) for one in rows if one is not row}}
        with self._once.alone(_key(found, rows[0], cut)):
            if (known := self._kept.get(key)) is not None:
                return known[0]
            return self._computed_under(found, rows, wholes, text)[row.name]

    def _computed_under(self, found: ProductTable, rows: Sequence[DetailRow], wholes: Details, text: str) -> Details:
        cut = parse_cut(text)
        others = {name: DETAILS[name] for row in rows for name in self._used(found, row)}
        used = {name: self._under(found, other, self._whole(found, other), text) for name, other in others.items()}
        with self._once.working(), self._cut_tables.opened(found, cut) as left:
            left.memo.update(used)
            details = _made(rows, left, found, wholes)
            n_cut = left.metadata.num_rows - left.n_rows
        known = {name: None if one is None else with_cut(one, n_cut) for name, one in details.items()}
        for row in rows:
            self._kept.put(_key(found, row, written(cut)), (known[row.name],))
        return known


def _made(rows: Sequence[DetailRow], table: CanonicalTable, found: ProductTable, wholes: Details) -> Details:
    """Details that are computed together, or the only one."""
    roles = present_roles(table, found.roles)
    if (together := rows[0].together) is not None:
        return {row.name: None for row in rows} | dict(together(table, roles, wholes))
    return {row.name: row.compute(table, roles, wholes.get(row.name)) for row in rows}


def _key(found: ProductTable, row: DetailRow, cut: str = "") -> str:
    return f"{found.signature} {row.name} {row.version} {cut}"
