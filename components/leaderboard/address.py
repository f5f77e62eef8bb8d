"""A leaderboard as an address: test set or products, and the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

PATH = "/leaderboard"
COLUMNS = ("n", "bias", "sigma_nmad", "outlier_fraction", "cde_loss", "crps")
"""What a board can be sorted by: number of pairs, and metrics by their names."""
FIRST_ORDER = "sigma_nmad"
MOST_NAMES = 100


@dataclass(frozen=True, slots=True)
class BoardView:
    """What a person looks at: the key of a test set ("": the largest), or products by name; the order."""

    test_set: str = ""
    products: tuple[str, ...] = ()
    sort: str = FIRST_ORDER


def view_of(parameters: Mapping[str, str | list[str]]) -> BoardView:
    """View of an address; what is not known there is passed over."""
    given = {name: value if isinstance(value, str) else (value or [""])[-1] for name, value in parameters.items()}
    names = (word.strip() for word in given.get("products", "").split(","))
    sort = given.get("sort", "").strip()
    return BoardView(
        test_set=given.get("set", "").strip()[:40],
        products=tuple(dict.fromkeys(name for name in names if name))[:MOST_NAMES],
        sort=sort if sort.removeprefix("-") in COLUMNS else FIRST_ORDER,
    )


def address_of(view: BoardView) -> str:
    """Address of a view; what was not chosen is left out."""
    given = {
        "set": "" if view.products else view.test_set,
        "products": ",".join(view.products),
        "sort": "" if view.sort == FIRST_ORDER else view.sort,
    }
    pairs = {name: value for name, value in given.items() if value}
    return f"{PATH}?{urlencode(pairs, safe=',')}" if pairs else PATH


def sorted_by(view: BoardView, column: str) -> BoardView:
    """The board ordered by a column, the other way round when it is that already. The number of pairs starts high."""
    first, other = (column, f"-{column}") if column != "n" else (f"-{column}", column)
    return replace(view, sort=other if view.sort == first else first)
