"""Pages of the table view: all columns of a hundred rows, found in four ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.dataset import Dataset
from benchmarks.timing import ROUNDS, Line, median_ms
from services.models.queries import ColumnFilter, TableQuery
from services.statistics import rows
from services.statistics.rows import table_page

PAGE_ROWS = 100
TARGET_MS = 1000
"""What a person waits for without losing the thread (Nielsen 1993)."""


def _line(name: str, data: Dataset, query: TableQuery) -> Line:
    def page() -> None:
        rows.forget_counts()  # else the matching rows are counted in the first round only
        table_page(data.canonical(), query)

    return Line(f"{name}, {data.n_rows:,} rows", median_ms(page, ROUNDS), None, "absolute, ms", TARGET_MS)


def unsorted(data: Dataset) -> Iterator[Line]:
    """Rows in the middle of the table, in file order."""
    yield _line("table page", data, TableQuery(offset=data.n_rows // 2, limit=PAGE_ROWS))


def sorted_by_redshift(data: Dataset) -> Iterator[Line]:
    """The largest redshifts."""
    yield _line("sorted page", data, TableQuery(sort=("-redshift",), limit=PAGE_ROWS))


def filtered(data: Dataset) -> Iterator[Line]:
    """Two conditions and an order; the rows that match are counted."""
    conditions = (ColumnFilter("mag_i", "<", 24.1), ColumnFilter("z_flag", ">=", 3))
    yield _line("filtered, sorted page", data, TableQuery(filters=conditions, sort=("redshift",), limit=PAGE_ROWS))


def text_filter(data: Dataset) -> Iterator[Line]:
    """Identifiers that contain some digits: every one is written out and looked through."""
    yield _line(
        "text filter page", data, TableQuery(filters=(ColumnFilter("id", "contains", "4711"),), limit=PAGE_ROWS)
    )


TABLES: dict[str, Callable[[Dataset], Iterator[Line]]] = {
    "unsorted": unsorted,
    "sorted-page": sorted_by_redshift,
    "filtered-page": filtered,
    "text-filter": text_filter,
}
