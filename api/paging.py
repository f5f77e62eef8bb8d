"""Pages of lists: all rows up to a cap when no page is asked for, since released clients never ask for a second one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import Field

from api.site import site_prefix
from api.wire import Query, Wire
from services.errors import NotFound

DEFAULT_PAGE_ROWS = 100
MAX_PAGE_ROWS = 1000
CAP_ROWS = 10_000

Row = TypeVar("Row")


class PageQuery(Query):
    """Parameters of every list."""

    page: str | None = Field(default=None, description="Number of the page, from 1.")
    page_size: int | None = Field(
        default=None, ge=0, description=f"Rows a page: {DEFAULT_PAGE_ROWS} when left out, at most {MAX_PAGE_ROWS}."
    )


class Listing(Wire, Generic[Row]):
    """A list, or a page of it: ``count`` tells how many rows match in all."""

    count: int
    next: str | None
    previous: str | None
    results: list[Row]


@dataclass(frozen=True, slots=True)
class Window:
    """Rows wanted: ``offset`` and ``limit``; ``page`` is None when the whole list is."""

    offset: int
    limit: int
    page: int | None = None


def page_window(query: PageQuery, cap: int = CAP_ROWS) -> Window:
    """Rows a query asks for.

    Parameters
    ----------
    cap : int
        Most rows given when neither ``page`` nor ``page_size`` is.

    Raises
    ------
    NotFound
        If the page is not a number from 1.
    """
    if query.page is None and not query.page_size:
        return Window(0, cap)
    size = min(query.page_size or DEFAULT_PAGE_ROWS, MAX_PAGE_ROWS)
    text = query.page or "1"
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:10]) <= 10**9):
        raise NotFound(f"There is no page {text[:40]!r}. Pages are counted from 1.")
    page = int(text)
    return Window((page - 1) * size, size, page)


def listing(rows: Sequence[Row], count: int, window: Window) -> Listing[Row]:
    """Rows of one window as an answer.

    Raises
    ------
    NotFound
        If a page beyond the last was asked for.
    """
    if window.page is None:
        rest = {"page": str(window.limit // MAX_PAGE_ROWS + 1), "page_size": str(MAX_PAGE_ROWS)}
        is_cut = count > window.limit
        return Listing(count=count, next=here_with(rest) if is_cut else None, previous=None, results=list(rows))
    if window.page > 1 and window.offset >= count:
        raise NotFound(f"There is no page {window.page}: the list ends before it.")
    is_last = window.offset + window.limit >= count
    return Listing(
        count=count,
        next=None if is_last else here_with({"page": str(window.page + 1)}),
        previous=None if window.page == 1 else here_with({"page": str(window.page - 1)}),
        results=list(rows),
    )


def here_with(changes: Mapping[str, str]) -> str:
    """Address of this request with other parameters: beginning as ``site_prefix`` says."""
    kept = {name: values[-1] for name, values in request.args.lists()}
    return f"{site_prefix()}{request.path}?{urlencode(kept | dict(changes))}"
