"""Lists short enough to be searched and ordered in memory: types, releases, people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import Field

from api.paging import Listing, PageQuery, listing, page_window
from services.text_rules import folded, sort_key

_WORD_BREAK = re.compile(r"[\s,]+")

Row = TypeVar("Row")
SortKeys = Mapping[str, Callable[[Any], Any]]


class ShortListQuery(PageQuery):
    """Parameters of a short list."""

    search: str = Field(default="", description="Words; each must stand somewhere in the row, in any case.")
    ordering: str = Field(default="", description="Field to order by, with a minus sign before it for descending.")


def page_of(rows: Sequence[Row], query: ShortListQuery, words: Callable[[Row], Iterable[str | None]]) -> Listing[Row]:
    """Rows in which every searched word stands, as the page asked for.

    Parameters
    ----------
    words : callable
        Texts of a row that are searched.
    """
    window = page_window(query)
    found = [row for row in rows if _has_words(query.search, words(row))]
    return listing(found[window.offset : window.offset + window.limit], len(found), window)


def _has_words(search: str, texts: Iterable[str | None]) -> bool:
    text = "\n".join(folded(part) for part in texts if part)
    return all(word in text for word in _WORD_BREAK.split(folded(search)) if word)


def ordered(rows: Sequence[Row], ordering: str, keys: SortKeys) -> Sequence[Row]:
    """Rows by a field of ``keys``; as they are when the field is unknown. Ties keep their order."""
    key = keys.get(ordering.removeprefix("-"))
    return rows if key is None else sorted(rows, key=key, reverse=ordering.startswith("-"))


def by_text(text: str | None) -> tuple[bool, str]:
    """Key that orders text without regard to case, and what is missing last."""
    return text is None, sort_key(text or "")
