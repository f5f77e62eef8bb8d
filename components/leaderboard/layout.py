"""Leaderboard: test sets to choose from, and a table with a product in each row; pure functions of one board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import dcc, html

from components.compare.address import compare_address
from components.figures.metric_table import WORDS, value_text
from components.leaderboard.address import COLUMNS, BoardView, address_of, sorted_by
from components.product_summary.layout import product_address
from components.quantities import count_text
from components.shell.page import empty_state
from services.leaderboard import ALL, Board, BoardEntry, TestSet
from services.models.comparison import FEWEST_PRODUCTS, MOST_PRODUCTS
from services.models.validation import MetricTable

TITLES = {"n": "N", **{name: WORDS[name].title for name in COLUMNS if name != "n"}}
IDEAL = ("bias", "sigma_nmad", "outlier_fraction", "cde_loss", "crps")
"""Columns in which one product is best: the bias nearest to zero, the others smallest."""


class Ids:
    """Ids of the leaderboard."""

    view = "leaderboard-view"
    clock = "leaderboard-clock"
    panel = "leaderboard-panel"


TICK_MS = 300
"""Pause between two products whose metrics are computed while the board stands."""


def board_frame(view: BoardView, board: Board) -> html.Div:
    """The board, the view it shows, and a clock that runs while metrics are still to be computed."""
    parameters = {"set": view.test_set, "products": ",".join(view.products), "sort": view.sort}
    return html.Div(
        [
            html.Div(board_panel(board, view), id=Ids.panel),
            dcc.Store(id=Ids.view, data=parameters),
            dcc.Interval(id=Ids.clock, interval=TICK_MS, max_intervals=-1 if todo_of(board) else 0),
        ]
    )


def todo_of(board: Board) -> list[int]:
    """Products whose metrics nobody has computed yet."""
    return [entry.product.id for entry in board.entries if not entry.is_known]


def board_panel(board: Board, view: BoardView) -> list[Any]:
    """Test sets, notes, the table, and the way to a comparison."""
    if not board.sets and not board.entries:
        return [empty_state("No validation product with true redshifts has been published yet.")]
    entries = ordered(board.entries, view.sort)
    return [_sets(board, view), *_notes(board), _counts(board, entries), _table(entries, view), _explained()]


def ordered(entries: Sequence[BoardEntry], sort: str) -> list[BoardEntry]:
    """Entries in order; those without the metric last. A bias counts by its size."""
    column = sort.removeprefix("-")
    with_value = [entry for entry in entries if _key(entry, column) is not None]
    without = [entry for entry in entries if _key(entry, column) is None]
    with_value.sort(key=lambda entry: _key(entry, column) or 0.0, reverse=sort.startswith("-"))
    return with_value + without


def _key(entry: BoardEntry, column: str) -> float | None:
    if entry.metrics is None:
        return None
    if column == "n":
        return float(entry.metrics.tally.n_shown)
    row = entry.metrics.value(column)
    return None if row is None else (abs(row.value) if column == "bias" else row.value)


def _sets(board: Board, view: BoardView) -> html.Nav:
    """Links to the test sets, and to all products; the one that is shown is marked."""
    steps = [_set_link(one, board.chosen, view) for one in board.sets]
    n_all = sum(len(one.products) for one in board.sets)
    is_all = board.chosen is None and not view.products
    steps.append(_choice("All validation products", _count(n_all), ALL, view, is_here=is_all))
    heading = html.H2("Test sets", className="board-heading")
    return html.Nav([heading, html.Ul(steps, className="board-sets")], **{"aria-label": "Test sets"})


def _set_link(one: TestSet, chosen: TestSet | None, view: BoardView) -> html.Li:
    words = f"{count_text(one.n_objects)} objects, z_spec {one.low:.3g} to {one.high:.3g}"
    names = one.products[0].display_name if len(one.products) == 1 else _count(len(one.products))
    return _choice(words, names, one.key, view, is_here=chosen is not None and one.key == chosen.key)


def _choice(words: str, below: str, key: str, view: BoardView, *, is_here: bool) -> html.Li:
    href = address_of(replace(view, test_set=key, products=()))
    link = dcc.Link([words, html.Span(below, className="board-count")], href=href)
    return html.Li(link, className="is-here" if is_here else "", **({"aria-current": "true"} if is_here else {}))


def _count(n_products: int) -> str:
    return f"{n_products:,} {'product' if n_products == 1 else 'products'}"


def _notes(board: Board) -> list[Any]:
    notes = []
    if board.missed:
        names = ", ".join(name[:60] for name in board.missed)
        notes.append(f"Not found, or without true redshifts: {names}.")
    sets = {one.key for one in board.sets for product in one.products if product.id in _shown_ids(board)}
    if len(sets) > 1:
        notes.append("These products were tested on different objects: their metrics cannot be compared directly.")
    return [html.Div(html.P(note), className="strip strip-warning") for note in notes]


def _shown_ids(board: Board) -> set[int]:
    return {entry.product.id for entry in board.entries}


def _counts(board: Board, entries: Sequence[BoardEntry]) -> html.Div:
    n_open = len(todo_of(board))
    words = _count(len(entries)) + (f", metrics of {n_open} are being computed" if n_open else "")
    return html.Div([html.P(words, role="status"), *_compare_link(entries)], className="board-line")


def _compare_link(entries: Sequence[BoardEntry]) -> list[dcc.Link]:
    """Way to the comparison of as many products as it holds, the first of the order."""
    compared = entries[:MOST_PRODUCTS]
    if len(compared) < FEWEST_PRODUCTS:
        return []
    words = "Compare them" if len(compared) == len(entries) else f"Compare the first {len(compared)}"
    href = compare_address(*(entry.product.internal_name for entry in compared))
    return [dcc.Link(words, href=href, className="btn btn-outline-primary btn-sm")]


def _table(entries: Sequence[BoardEntry], view: BoardView) -> html.Div:
    best = {column: _best(entries, column) for column in IDEAL}
    headings = (_heading(column, view) for column in COLUMNS)
    head = html.Tr([html.Th("Product", scope="col"), *headings, html.Th("Actions", scope="col")])
    rows = [_row(entry, best, view, entries) for entry in entries]
    caption = html.Caption("Metrics of the products of this test set", className="visually-hidden")
    table = html.Table([caption, html.Thead(head), html.Tbody(rows)], className="board-table")
    return html.Div(table, className="cells-scroll", tabIndex="0", role="region", **{"aria-label": "Leaderboard"})


def _heading(column: str, view: BoardView) -> html.Th:
    is_current, is_down = view.sort.removeprefix("-") == column, view.sort.startswith("-")
    arrow = html.Span("↓" if is_down else "↑", className="sort-arrow", **{"aria-hidden": "true"}) if is_current else ""
    link = dcc.Link([TITLES[column], arrow], href=address_of(sorted_by(view, column)), className="sort-link")
    state = {"aria-sort": "descending" if is_down else "ascending"} if is_current else {}
    return html.Th(link, scope="col", className="number", **state)


def _best(entries: Sequence[BoardEntry], column: str) -> float | None:
    values = [value for entry in entries if (value := _key(entry, column)) is not None]
    return min(values) if len(values) > 1 else None


def _row(entry: BoardEntry, best: dict[str, float | None], view: BoardView, entries: Sequence[BoardEntry]) -> html.Tr:
    product = entry.product
    link = dcc.Link(product.display_name, href=f"{product_address(product)}?tab=explore", className="product-name")
    owner = html.Div(product.owner_display_name or product.owner_username, className="board-owner")
    cells = [_cell(entry, column, best.get(column)) for column in COLUMNS]
    return html.Tr([html.Th([link, owner], scope="row"), *cells, html.Td(_leave_out(entry, view, entries))])


def _cell(entry: BoardEntry, column: str, best: float | None) -> html.Td:
    words = _words(entry.metrics, column) if entry.is_known else "…"
    is_best = best is not None and _key(entry, column) == best
    mark = [html.Span(" best", className="visually-hidden")] if is_best else []
    class_name = "number is-best" if is_best else "number"
    return html.Td([words, *mark], className=class_name, **{"data-label": TITLES[column]})


def _words(metrics: MetricTable | None, column: str) -> str:
    if metrics is None:
        return "–"
    if column == "n":
        return count_text(metrics.tally.n_shown)
    row = metrics.value(column)
    return "–" if row is None else value_text(replace(row, low=None, high=None))


def _leave_out(entry: BoardEntry, view: BoardView, entries: Sequence[BoardEntry]) -> Any:
    others = tuple(one.product.internal_name for one in entries if one is not entry)
    if not others:
        return ""
    name = entry.product.display_name
    words = ["Leave out", html.Span(f" {name}", className="visually-hidden")]
    return dcc.Link(words, href=address_of(replace(view, products=others)), className="row-action")


def _explained() -> html.P:
    return html.P(
        "Products are one test set when their true redshifts are the same. Errors come from at least 200 bootstrap "
        "resamples (outliers: of the pairs too); the best of each column is set in bold, which says nothing of how "
        "sure that is: see the errors.",
        className="plot-caption",
    )
