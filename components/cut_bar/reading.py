"""The cut of an address on a product: read, and left out with a reason when it cannot be used."""

from __future__ import annotations

from services.context import current_actor, portal
from services.cuts.parser import parse_cut
from services.cuts.tree import Cut, CutError
from services.cuts.writing import written


def read_cut(text: str | None) -> Cut | None:
    """Tree of a text; None for an empty one. CutError when it cannot be read."""
    return parse_cut(text) if text and text.strip() else None


def readable_cut(text: str | None) -> str:
    """The text as cuts are written; nothing when it cannot be read, whatever the table."""
    try:
        cut = read_cut(text)
    except CutError:
        return ""
    return "" if cut is None else written(cut)


def usable_cut(product_id: int, text: str | None) -> tuple[Cut | None, str]:
    """The cut if it fits the table of the product, else None and why."""
    try:
        cut = read_cut(text)
        if cut is not None:
            portal().previews.check_cut(current_actor(), product_id, cut)
    except CutError as error:
        return None, error.message
    return cut, ""
