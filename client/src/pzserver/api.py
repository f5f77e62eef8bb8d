"""The server's lists and objects as plain dicts: the layer below ``PzServer``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pzserver.errors import ConnectionFailed, InvalidInput, NotFound, RequestFailed
from pzserver.filters import announced_filters, filter_parameters
from pzserver.transport import Transport

Row = dict[str, Any]
OLD_PAGE_ROWS = 100
"""Rows of a page on servers that cut their lists without saying where the rest is."""
MAX_PAGES = 10_000
PUBLISHED = 1


class PzServerApi:
    """One server's REST API.

    Parameters
    ----------
    transport : Transport
        Who asks, and where.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._filters: frozenset[str] | None = None
        self._root: Row = {}

    def __repr__(self) -> str:
        return f"PzServerApi({self.transport.base_url!r})"

    def check(self) -> Row:
        """Ask the root of the API: whether the server is there and takes the token.

        Raises
        ------
        RequestFailed
            With the status in the text, if not.
        """
        try:
            answer = self.transport.json("GET", "")
        except RequestFailed as error:
            cls = ConnectionFailed if isinstance(error, ConnectionFailed) else RequestFailed
            raise cls(
                f"Status code {error.status_code}: {error}",
                status_code=error.status_code,
                body=error.body,
                request_id=error.request_id,
            ) from error
        self._root = answer if isinstance(answer, dict) else {}
        return self._root

    def address_of(self, name: str) -> str | None:
        """Address that the server's root gives for something; None if it has no such thing."""
        address = self._root.get(name)
        return str(address) if address else None

    def get_all(self, entity: str, ordering: str | None = None, **params: Any) -> list[Row]:
        """Every row of a list, over all its pages.

        Parameters
        ----------
        entity : str
            ``products``, ``product-types``, ``releases``, ``users``, ``product-contents``, ``product-files``,
            ``pipelines`` or ``processes``.
        ordering : str, optional
            Field to sort by; ``-field`` for descending.
        """
        asked = {key: value for key, value in (params | {"ordering": ordering}).items() if value is not None}
        page = self.transport.json("GET", f"{entity}/", params=asked)
        rows = list(page["results"])
        for number in range(2, MAX_PAGES):
            if len(rows) >= page["count"] or not page["results"]:
                break
            page = self._next_page(entity, asked, page, number)
            rows += page["results"]
        return _without_doubles(rows)

    def _next_page(self, entity: str, asked: Row, page: Row, number: int) -> Row:
        if page.get("next"):
            answer: Row = self.transport.json("GET", page["next"])
            return answer
        if "next" in page:
            return {"count": 0, "results": []}
        params = asked | {"page": number, "page_size": OLD_PAGE_ROWS}
        old: Row = self.transport.json("GET", f"{entity}/", params=params)
        return old

    def get(self, entity: str, row_id: int | str) -> Row:
        """One row by its id."""
        answer: Row = self.transport.json("GET", f"{entity}/{quote(str(row_id), safe='')}/")
        return answer

    def get_by_attribute(self, entity: str, attribute: str, value: Any) -> Row:
        """Rows with one value of one attribute: ``{"count": n, "results": [...]}``."""
        rows = self.get_all(entity, **{attribute: value})
        return {"count": len(rows), "results": rows}

    def get_by_name(self, entity: str, name: str) -> Row | None:
        """The row of that name, None if there is none."""
        rows = self.get_all(entity, name=name)
        if len(rows) > 1:
            raise InvalidInput(f"{name!r} fits {len(rows)} {entity}. Use the full name.")
        return rows[0] if rows else None

    def options(self, entity: str) -> Row:
        """What a list can be asked: names of its filters, whether it can be searched, what it can be sorted by."""
        answer = self.transport.json("OPTIONS", f"{entity}/")
        return {
            "filter": sorted(announced_filters(answer)),
            "search": answer.get("search", []),
            "ordering": answer.get("ordering", []),
        }

    def get_products(self, filters: Mapping[str, Any] | None = None, status: int | None = PUBLISHED) -> list[Row]:
        """Products that match filters in the words of people (see ``PzServer.get_products_list``).

        Parameters
        ----------
        filters : mapping, optional
            Attribute to value or list of values.
        status : int or None
            1 is published; a ``status`` in the filters replaces it, None asks for every status you may see.
        """
        params: Row = {} if status is None else {"status": status}
        if filters:
            if self._filters is None:
                self._filters = announced_filters(self.transport.json("OPTIONS", "products/"))
            params |= filter_parameters(filters, self._filters)
        return self.get_all("products", **params)

    def main_file_info(self, product_id: int) -> Row:
        """Product with what is known of its main file."""
        answer: Row = self.transport.json("GET", f"products/{product_id}/main_file_info/")
        return answer

    def product(self, product_id: object) -> Row:
        """Product by id (int or digits) or by internal name; unpublished ones by id only.

        Raises
        ------
        NotFound
            If there is none that you may see.
        """
        key = product_key(product_id)
        if isinstance(key, int):
            return self.get("products", key)
        rows = self.get_products({"internal_name": key})
        if not rows:
            raise NotFound(f"Product {key!r} was not found. get_products_list() tells the ids and internal names.")
        return rows[0]

    def product_id(self, product_id: object) -> int:
        """Id of a product that is named by its id or its internal name; only names are looked up."""
        key = product_key(product_id)
        return key if isinstance(key, int) else int(self.product(key)["id"])


def product_key(product_id: object) -> int | str:
    """Id as a number, or an internal name.

    Raises
    ------
    InvalidInput
        If it is neither.
    """
    if isinstance(product_id, str):
        text = product_id.strip()
        if text:
            return int(text) if text.isascii() and text.isdecimal() else text
    elif not isinstance(product_id, bool) and hasattr(product_id, "__index__"):  # ints of Python and of numpy
        return int(product_id)
    raise InvalidInput(f"{product_id!r} is no product: give its id (a number) or its internal name (text).")


def _without_doubles(rows: list[Row]) -> list[Row]:
    """Rows once each: a product registered while pages are read moves others to the next page."""
    seen: dict[object, Row] = {}
    for position, row in enumerate(rows):
        seen.setdefault(row.get("id", row.get("username", position)), row)
    return list(seen.values())
