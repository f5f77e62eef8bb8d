"""A comparison as an address: everything the page shows is in it, so that a copied address shows the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from services.cuts.tree import MOST_CHARACTERS

PATH = "/compare"
VERSION = "1"
PARAMETERS = ("v", "products", "x", "norm", "width", "cut", "log", "coverage")
MOST_WORDS = 12
"""Products of an address that are looked for; more are a mistake."""
_YES, _NO = "1", "0"


@dataclass(frozen=True, slots=True)
class CompareView:
    """What a person looks at: ``products`` by internal name or id, ``x`` the word of the quantity ("": the first).

    ``coverage`` names the products whose coverage by the first is open.
    """

    products: tuple[str, ...] = ()
    x: str = ""
    is_normalised: bool = True
    width: float | None = None
    cut: str = ""
    is_log: bool = False
    coverage: tuple[str, ...] = ()


def view_of(parameters: Mapping[str, str | list[str]]) -> tuple[CompareView, list[str]]:
    """View of an address, and what of the address was passed over, one sentence each."""
    given = {name: _last(value).strip() for name, value in parameters.items()}
    notes = [f'"{name[:40]}" in the address is not known here and was ignored.' for name in given if not _known(name)]
    version = given.get("v", VERSION)
    if version != VERSION:
        notes.append(f'The address is of another version ("{version[:20]}"); what is known of it was used.')
    width = _width(given.get("width", ""))
    if given.get("width") and width is None:
        notes.append(f'The bin width "{given["width"][:20]}" is no positive number and was ignored.')
    products = _names(given.get("products", ""))
    coverage, left_out = _coverage(given.get("coverage", ""), products)
    notes += left_out
    view = CompareView(
        products=products,
        x=given.get("x", "")[:200],
        is_normalised=given.get("norm") != _NO,
        width=width,
        cut=given.get("cut", "")[:MOST_CHARACTERS],
        is_log=given.get("log") == _YES,
        coverage=coverage,
    )
    return view, notes


def parameters_of(view: CompareView) -> dict[str, str]:
    """Parameters of an address in a fixed order; what was not chosen is left out."""
    found = {
        "v": VERSION,
        "products": ",".join(view.products),
        "x": view.x,
        "norm": _YES if view.is_normalised else _NO,
        "width": "" if view.width is None else f"{view.width:.6g}",
        "cut": view.cut,
        "log": _YES if view.is_log else "",
        "coverage": ",".join(view.coverage),
    }
    return {name: value for name, value in found.items() if value}


def compare_address(*products: str, cut: str = "") -> str:
    """Address that compares products by their internal names, under a cut when there is one."""
    return f"{PATH}?{urlencode(parameters_of(CompareView(products, cut=cut)), safe=',')}"


def _names(text: str) -> tuple[str, ...]:
    words = (word.strip() for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))[:MOST_WORDS]


def _coverage(text: str, products: tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
    """Which of the other products have their coverage open, and a note about each word that names none of them."""
    targets = {_number(word) for word in products[1:]}
    words = _names(text)
    strange = [word for word in words if _number(word) not in targets]
    notes = [f'Coverage of "{word[:40]}" cannot be shown, as it is not compared with the first.' for word in strange]
    return tuple(word for word in words if word not in strange), notes


def _number(name: str) -> str:
    """Id of a product that is named by it or by its internal name, which begins with it."""
    return name.partition("_")[0]


def _known(name: str) -> bool:
    return name in PARAMETERS


def _last(value: str | list[str]) -> str:
    return value if isinstance(value, str) else (value[-1] if value else "")


def _width(text: str) -> float | None:
    try:
        width = float(text)
    except ValueError:
        return None
    return width if math.isfinite(width) and width > 0 else None
