"""The leaderboard on real services: rows in order, notes, links, and metrics that follow."""

from __future__ import annotations

import pytest

from components.compare.address import compare_address
from components.leaderboard.address import BoardView
from components.leaderboard.callbacks import board_of, compute_next
from components.leaderboard.layout import Ids, board_frame, board_panel
from components.product_filters.url import query_from_parameters
from components.product_table.callbacks import list_panel
from components.product_table.layout import USER
from services.container import Container
from services.models.identity import Actor
from services.models.products import Product
from tests.components.tree import find, words
from tests.services.test_leaderboard import results
from tests.support.ingests import ingested


@pytest.fixture
def products(sqlite_container: Container, owner: Actor) -> dict[str, Product]:
    kinds = {"good.csv": results(0.02), "poor.csv": results(0.1), "other.csv": results(0.02, seed=2)}
    return {
        name.split(".")[0]: ingested(sqlite_container, owner, content, name, "validation_results")
        for name, content in kinds.items()
    }


def _clock(view: BoardView) -> int:
    (clock,) = find(board_frame(view, board_of(view)), "Interval", id=Ids.clock)
    return int(clock.max_intervals)


def _shown(view: BoardView) -> list[str]:
    (table,) = find(board_panel(board_of(view), view), "Table")
    return [words(find(row, "Th")[0].children[0]) for row in find(table.children[2], "Tr")]


def _filled(view: BoardView) -> BoardView:
    while _clock(view):
        compute_next(1, {"set": view.test_set, "products": ",".join(view.products), "sort": view.sort})
    return view


def test_metrics_follow_one_product_at_a_time(products: dict[str, Product]) -> None:
    view = BoardView()
    assert "metrics of 2 are being computed" in words(board_panel(board_of(view), view))
    panel, ticks = compute_next(1, {"sort": view.sort})
    assert ticks == -1
    assert "metrics of 1 are being computed" in words(panel)
    panel, ticks = compute_next(2, {"sort": view.sort})
    assert (ticks, _clock(view)) == (0, 0)
    assert "being computed" not in words(panel)


def test_rows_are_in_order_and_the_best_is_marked(products: dict[str, Product]) -> None:
    assert _shown(_filled(BoardView())) == ["good", "poor"]
    assert _shown(BoardView(sort="-sigma_nmad")) == ["poor", "good"]
    panel = board_panel(board_of(BoardView()), BoardView())
    (row,) = (row for row in find(panel, "Tr") if "good" in words(row))
    assert find(row, "Td")[2].className == "number is-best"
    assert "±" in words(row)
    (heading,) = (cell for cell in find(panel, "Th") if "σ_NMAD" in words(cell))
    assert heading.to_plotly_json()["props"]["aria-sort"] == "ascending"


def test_links_lead_to_products_to_a_comparison_and_to_fewer(products: dict[str, Product]) -> None:
    view = _filled(BoardView())
    panel = board_panel(board_of(view), view)
    addresses = {words(link): link.href for link in find(panel, "Link")}
    assert addresses["good"] == f"/product/{products['good'].internal_name}?tab=explore"
    names = [products[name].internal_name for name in ("good", "poor")]
    assert addresses["Compare them"] == compare_address(*names)
    assert addresses["Leave out  good"] == f"/leaderboard?products={names[1]}"


def test_different_test_sets_are_warned_of(products: dict[str, Product]) -> None:
    view = BoardView(test_set="all")
    assert "tested on different objects" in words(board_panel(board_of(view), view))
    assert "tested on different objects" not in words(board_panel(board_of(BoardView()), BoardView()))
    named = BoardView(products=("77_gone",))
    assert "Not found, or without true redshifts: 77_gone" in words(board_panel(board_of(named), named))


def test_nothing_yet_is_said(owner: Actor) -> None:
    assert "No validation product" in words(board_panel(board_of(BoardView()), BoardView()))


@pytest.mark.parametrize(("kind", "is_there"), [("validation_results", True), ("training_set", False)])
def test_lists_of_validation_products_lead_here(owner: Actor, kind: str, is_there: bool) -> None:
    parameters = {"type": kind}
    assert query_from_parameters(parameters, official=False).product_types == (kind,)
    links = find(list_panel(USER, parameters), "Link", href="/leaderboard")
    assert bool(links) == is_there
