"""A leaderboard as an address, and back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from components.leaderboard.address import BoardView, address_of, sorted_by, view_of


@pytest.mark.parametrize(
    "view", [BoardView(), BoardView("2000-0a1b2c3d", sort="-bias"), BoardView(products=("1_a", "2_b"), sort="crps")]
)
def test_an_address_gives_the_same_view(view: BoardView) -> None:
    assert view_of(parse_qs(urlsplit(address_of(view)).query)) == view


def test_what_is_not_known_is_passed_over() -> None:
    assert view_of({"sort": "owner", "set": "x" * 99, "products": "1_a,,1_a", "colour": "red"}) == BoardView(
        "x" * 40, ("1_a",)
    )


def test_a_second_click_turns_the_order() -> None:
    first = sorted_by(BoardView(), "bias")
    assert (first.sort, sorted_by(first, "bias").sort) == ("bias", "-bias")
    assert sorted_by(BoardView(), "n").sort == "-n"
