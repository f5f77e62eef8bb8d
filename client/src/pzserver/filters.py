"""Filters of product lists: the words people use, and what the server calls them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pzserver.errors import InvalidInput

WIRE_NAMES = {
    "product_type": "product_type_name",
    "product_type__or": "product_type_name__or",
    "release": "release_name",
    "release__or": "release_name__or",
}
"""Words of people that mean the name, where the server's own parameter of that word means the id."""


def announced_filters(answer: Mapping[str, Any]) -> frozenset[str]:
    """Names of the filters in a server's answer to OPTIONS."""
    names = {entry["name"] for entry in answer.get("filter_classes") or ()} | set(answer.get("filterset") or ())
    return frozenset(names | ({"search"} if "search" in answer else set()))


def filter_parameters(filters: Mapping[str, Any], announced: frozenset[str]) -> dict[str, str]:
    """Query parameters for filters.

    Parameters
    ----------
    filters : mapping
        Word to text, number, bool or list of them.
    announced : frozenset of str
        Parameters that the server knows.

    Raises
    ------
    InvalidInput
        If a word is not known; the message lists those that are.
    """
    unknown = [str(key) for key in filters if WIRE_NAMES.get(key, key) not in announced]
    if unknown:
        raise InvalidInput(
            f"Unknown filter: {', '.join(sorted(unknown))}. These can be used: {', '.join(valid_words(announced))}."
        )
    return {WIRE_NAMES.get(key, key): _text(value) for key, value in filters.items()}


def valid_words(announced: Iterable[str]) -> list[str]:
    """Filters in the words of people, sorted."""
    words = {wire: word for word, wire in WIRE_NAMES.items()}
    return sorted({words.get(name, name) for name in announced})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable):
        return ",".join(_text(item) for item in value)
    return str(value)
