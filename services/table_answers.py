"""Questions programs ask of the table of a product: numbers under a cut, and the rows themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyarrow as pa

from services.errors import InvalidInput
from services.exports.base import Export
from services.models.depth import DepthReport
from services.models.identity import Actor
from services.models.measures import BinRequest, MetricsReport, SkyPixels, SplitHistogram
from services.models.products import ProductColumn
from services.models.roles import RoleMap
from services.models.statistics import Density, Overview
from services.models.tables import TableColumn
from services.previews import PreviewService
from services.product_tables import ProductTable, ProductTables
from services.repositories.artifacts import OVERVIEW
from services.statistics.arrow_types import dtype_word
from services.statistics.asked import asked_density, asked_histogram, split_histogram
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import bound_cut, column_words
from services.statistics.depth import depth_report
from services.statistics.measured import Measured, measured_role, reference_magnitude
from services.statistics.metric_report import MAG_WIDTH, Z_WIDTH, MetricBins, metric_report
from services.statistics.overview import present_roles
from services.statistics.pdf_metrics import role_pdf_metrics
from services.statistics.registry import registry_version
from services.statistics.requests import measured_column
from services.statistics.selection import Selection, count_matching, selected
from services.statistics.sky import positions
from services.statistics.sky_pixels import sky_pixels
from services.statistics.validity import quantity_of

ANSWERS_VERSION = 2
"""Raise it when answers change while tables and roles stay: copies that callers keep become stale."""

OPEN_END = (None, None)


@dataclass(frozen=True, slots=True)
class HistogramQuestion:
    """One quantity, by the name of its column or of its role, in bins, under a cut, split by another column."""

    column: str | None = None
    role: str | None = None
    bins: BinRequest = field(default_factory=BinRequest)
    cut: str | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class DensityQuestion:
    """Two columns in ``n_bins`` bins each, under a cut; ranges by default those of the data."""

    x: str
    y: str
    n_bins: int = 200
    x_range: tuple[float | None, float | None] = OPEN_END
    y_range: tuple[float | None, float | None] = OPEN_END
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class RowsQuestion:
    """Rows under a cut: columns (empty: all), order, first row and how many (None: to the end)."""

    columns: tuple[str, ...] = ()
    cut: str | None = None
    sort: tuple[str, ...] = ()
    offset: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Every column in numbers, and what the columns mean."""

    overview: Overview
    columns: tuple[ProductColumn, ...]
    roles: RoleMap
    computed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows ready to leave: ``export`` writes them, ``n_matching`` pass the cut, ``internal_name`` names the product."""

    export: Export
    n_matching: int
    internal_name: str


class TableAnswers:
    """Answers about the table of a product the actor may see; refusals as ``ProductTables`` describes them.

    InvalidInput when a column, a cut or a number of the question makes no sense.
    """

    def __init__(self, tables: ProductTables, previews: PreviewService) -> None:
        self._tables = tables
        self._previews = previews

    def mark(self, actor: Actor, product_id: int) -> str:
        """Text that changes whenever an answer about this table may: found without reading the table."""
        found = self._tables.find(actor, product_id)
        return f"{found.signature}.{ANSWERS_VERSION}.{registry_version()}"

    def statistics(self, actor: Actor, product_id: int) -> Statistics:
        """Summaries of all columns."""
        overview = self._previews.overview(actor, product_id)
        found = self._tables.find(actor, product_id)
        stored = found.artifacts.get(OVERVIEW)
        return Statistics(overview, found.columns, found.roles, stored.created_at if stored else None)

    def histogram(self, actor: Actor, product_id: int, question: HistogramQuestion) -> SplitHistogram:
        """Counts of one quantity, whole and by the values of another column if one is named."""
        with self._open(actor, product_id) as (table, roles):
            measured = _asked(table, roles, question)
            cut = bound_cut(table, roles, question.cut)
            if question.split is not None:
                return split_histogram(table, measured, question.bins, _named(table, roles, question.split), cut)
            return SplitHistogram(asked_histogram(table, measured, question.bins, cut), ())

    def density(self, actor: Actor, product_id: int, question: DensityQuestion) -> Density:
        """Counts over two quantities; a row counts when both have a value."""
        with self._open(actor, product_id) as (table, roles):
            pair = tuple(measured_column(table, roles, _named(table, roles, name)) for name in (question.x, question.y))
            cut = bound_cut(table, roles, question.cut)
            ranges = (question.x_range, question.y_range)
            return asked_density(table, (pair[0], pair[1]), question.n_bins, ranges, cut)

    def sky(self, actor: Actor, product_id: int, nside: int | None = None, cut: str | None = None) -> SkyPixels:
        """Objects per HEALPix pixel."""
        with self._open(actor, product_id) as (table, roles):
            where = positions(roles)
            if where is None:
                raise InvalidInput("The positions of this table are not known. Set RA and Dec under Columns.", "nside")
            return sky_pixels(table, where, nside, bound_cut(table, roles, cut))

    def metrics(
        self,
        actor: Actor,
        product_id: int,
        z_phot: str | None = None,
        z_spec: str | None = None,
        cut: str | None = None,
        widths: tuple[float, float] = (Z_WIDTH, MAG_WIDTH),
    ) -> MetricsReport:
        """Metrics of one column of estimates against one of true redshifts, by default those that have the roles."""
        with self._open(actor, product_id) as (table, roles):
            truth = _redshifts(table, roles, z_spec, "redshift", "z_spec")
            estimate = _redshifts(table, roles, z_phot, "z_phot", "z_phot")
            if truth.column == estimate.column:
                raise InvalidInput("Estimate and truth are the same column. Name two different ones.", field="z_phot")
            bound, magnitude = bound_cut(table, roles, cut), reference_magnitude(roles)
            report = metric_report(table, truth, estimate, bound, MetricBins(*widths, magnitude))
            return replace(report, pdf=role_pdf_metrics(table, roles, truth, bound))

    def depth(self, actor: Actor, product_id: int, cut: str | None = None) -> DepthReport:
        """Depth, number counts and errors of the magnitudes in every band."""
        with self._open(actor, product_id) as (table, roles):
            return depth_report(table, roles, bound_cut(table, roles, cut))

    def rows(self, actor: Actor, product_id: int, question: RowsQuestion) -> Rows:
        """Rows, checked and counted here; they are read when the export is walked over."""
        from services.statistics.rows import checked_sort  # loads DuckDB, which other answers need not

        found = self._tables.find(actor, product_id)
        if question.offset < 0 or (question.limit is not None and question.limit < 0):
            raise InvalidInput("Rows are counted from 0, and their number is not negative.", field="offset")
        with self._tables.opened(found) as table:
            names = tuple(dict.fromkeys(_named(table, found.roles, name) for name in question.columns)) or table.names
            cut = bound_cut(table, found.roles, question.cut)
            sort = tuple(_sort_item(table, found.roles, item) for item in question.sort)
            chosen = Selection(names, cut, sort, question.offset, question.limit)
            n_matching, schema = count_matching(table, cut), table.schema
        if sort:
            with self._tables.storage.local_path(found.canonical.key) as path:
                checked_sort(path, sort)
        export = Export(
            title=found.product.display_name,
            columns=_described(found, names, schema),
            schema=schema,
            n_rows=chosen.n_rows(n_matching),
            batches=self._walks(found, chosen),
        )
        return Rows(export, n_matching, found.product.internal_name)

    @contextmanager
    def _open(self, actor: Actor, product_id: int) -> Iterator[tuple[CanonicalTable, RoleMap]]:
        found = self._tables.find(actor, product_id)
        with self._tables.opened(found) as table:
            yield table, present_roles(table, found.roles)

    def _walks(self, found: ProductTable, chosen: Selection) -> Callable[[tuple[str, ...]], Iterator[pa.RecordBatch]]:
        def walk(names: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
            narrowed = Selection(names, chosen.cut, chosen.sort, chosen.offset, chosen.limit)
            with self._tables.storage.local_path(found.canonical.key) as path:
                yield from selected(path, narrowed)

        return walk


def _named(table: CanonicalTable, roles: RoleMap, name: str) -> str:
    """Column of that name; else the one this word stands for, as in cuts."""
    known = name if name in table.names else column_words(table, roles).get(name, "")
    if known not in table.names:
        raise InvalidInput(f'There is no column "{name[:100]}" in this table.', field="column")
    return known


def _asked(table: CanonicalTable, roles: RoleMap, question: HistogramQuestion) -> Measured:
    if question.column is not None:
        return measured_column(table, roles, _named(table, roles, question.column))
    if question.role is None:
        raise InvalidInput("Name a column, or a role such as redshift.", field="column")
    column = roles.columns.get(question.role)
    if column is None:
        raise InvalidInput(f'No column of this table has the role "{question.role[:40]}".', field="role")
    return measured_column(table, roles, column)


def _redshifts(table: CanonicalTable, roles: RoleMap, name: str | None, role: str, parameter: str) -> Measured:
    """The column named, or that of the role, read as redshifts."""
    if name is None:
        known = measured_role(roles, role)
        if known is None:
            what = "true redshifts" if role == "redshift" else "estimates"
            raise InvalidInput(f"The column of the {what} is not known. Name it as {parameter}.", field=parameter)
        return known
    found = measured_column(table, roles, _named(table, roles, name))
    return Measured(found.label, found.column, quantity_of(role), found.transform)


def _sort_item(table: CanonicalTable, roles: RoleMap, item: str) -> str:
    if item in table.names or not item.startswith("-"):
        return _named(table, roles, item)
    return f"-{_named(table, roles, item[1:])}"


def _described(found: ProductTable, names: Sequence[str], schema: pa.Schema) -> tuple[TableColumn, ...]:
    known = {column.name: column for column in found.columns}
    described = []
    for name in names:
        dtype, column = dtype_word(schema.field(name).type), known.get(name)
        facts = (column.unit, column.ucd, column.description) if column else (None, None, None)
        described.append(TableColumn(name, dtype, *facts))
    return tuple(described)
