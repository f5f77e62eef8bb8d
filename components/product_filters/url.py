"""A listing as an address: everything a list shows is in its query string, so that a copied address shows the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from services.errors import InvalidInput
from services.models.products import SORT_FIELDS, ProductQuery, ProductStatus
from services.models.quality import CHECK_STATES
from services.product_types import product_type

Parameters = Mapping[str, str | list[str]]
"""Query string as Dash hands it to layouts: text, or a list where a parameter is repeated."""

PAGE_SIZES = (25, 50, 100)
_DEFAULT = ProductQuery()
_FIRST_CLICK_DESCENDING = ("n_rows", "size_bytes", "created_at")
_FACETS = {
    "type": "product_types",
    "release": "releases",
    "owner": "owners",
    "status": "statuses",
    "checks": "checks",
}
"""Parameter of the address to field of the query."""

_MAX_PAGE = 10**9


def query_from_parameters(parameters: Parameters, *, official: bool) -> ProductQuery:
    """Listing that an address asks for; parameters it does not know are passed over.

    Raises
    ------
    InvalidInput
        If a product type, status or verdict does not exist: a list without the filter would mislead.
    """
    return ProductQuery(
        official=official,
        search=" ".join(_last(parameters, "search").split()),
        product_types=tuple(dict.fromkeys(product_type(word).name for word in _all(parameters, "type"))),
        releases=_all(parameters, "release"),
        owners=_all(parameters, "owner"),
        statuses=tuple(dict.fromkeys(_status(word) for word in _all(parameters, "status"))),
        checks=tuple(dict.fromkeys(_checks(word) for word in _all(parameters, "checks"))),
        sort=_sort(_last(parameters, "sort")),
        page=min(_number(_last(parameters, "page"), _DEFAULT.page), _MAX_PAGE),
        page_size=_page_size(_last(parameters, "page_size")),
    )


def query_to_pairs(query: ProductQuery) -> list[tuple[str, str]]:
    """Parameters of a listing in a fixed order, what equals the default left out."""
    pairs = [("search", query.search)] if query.search else []
    for parameter, field in _FACETS.items():
        pairs += [(parameter, _word(value)) for value in getattr(query, field)]
    for name in ("sort", "page", "page_size"):
        if getattr(query, name) != getattr(_DEFAULT, name):
            pairs.append((name, str(getattr(query, name))))
    return pairs


def query_to_url(path: str, query: ProductQuery) -> str:
    """Address of a listing."""
    pairs = query_to_pairs(query)
    return f"{path}?{urlencode(pairs)}" if pairs else path


def toggled(query: ProductQuery, parameter: str, value: str) -> ProductQuery:
    """The listing with one choice of a filter put in, or taken out when it was in; back on its first page."""
    field = _FACETS[parameter]
    wanted = _status(value) if parameter == "status" else value
    chosen = getattr(query, field)
    kept = tuple(one for one in chosen if one != wanted) if wanted in chosen else (*chosen, wanted)
    return replace(query, page=1, **{field: kept})  # type: ignore[arg-type]


def is_chosen(query: ProductQuery, parameter: str, value: str) -> bool:
    """Whether a choice of a filter is in force."""
    return value in [_word(one) for one in getattr(query, _FACETS[parameter])]


def sorted_by(query: ProductQuery, field: str) -> ProductQuery:
    """The listing ordered by a field, the other way round when it is that already; numbers and dates start high."""
    first = f"-{field}" if field in _FIRST_CLICK_DESCENDING else field
    other = field if first.startswith("-") else f"-{field}"
    return replace(query, sort=other if query.sort == first else first, page=1)


def without_filters(query: ProductQuery) -> ProductQuery:
    """The whole list in the same order."""
    return replace(_DEFAULT, official=query.official, sort=query.sort, page_size=query.page_size)


def has_filters(query: ProductQuery) -> bool:
    """Whether anything narrows the list."""
    return bool(query.search) or any(getattr(query, field) for field in _FACETS.values())


def _all(parameters: Parameters, name: str) -> tuple[str, ...]:
    given = parameters.get(name, "")
    values = [given] if isinstance(given, str) else given
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def _last(parameters: Parameters, name: str) -> str:
    values = _all(parameters, name)
    return values[-1] if values else ""


def _word(value: object) -> str:
    return value.name.lower() if isinstance(value, ProductStatus) else str(value)


def _status(word: str) -> ProductStatus:
    known = {status.name.lower(): status for status in ProductStatus if status is not ProductStatus.DELETED}
    if word.lower() not in known:
        raise InvalidInput(f'There is no status "{word}". Choose one of: {", ".join(known)}.', field="status")
    return known[word.lower()]


def _checks(word: str) -> str:
    if word.lower() not in CHECK_STATES:
        choices = ", ".join(CHECK_STATES)
        raise InvalidInput(f'There is no verdict "{word}" of checks. Choose one of: {choices}.', field="checks")
    return word.lower()


def _sort(word: str) -> str:
    return word if word.removeprefix("-") in SORT_FIELDS else _DEFAULT.sort


def _number(word: str, default: int) -> int:
    is_number = word.isascii() and word.isdecimal() and len(word) < 12
    return max(int(word), 1) if is_number else default


def _page_size(word: str) -> int:
    size = _number(word, _DEFAULT.page_size)
    return size if size in PAGE_SIZES else _DEFAULT.page_size
