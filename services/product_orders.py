"""Orders of product lists, and cursors: where in an order a list goes on, whatever is added before it meanwhile."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from services.errors import InvalidInput
from services.models.product_lists import ORDER_FIELDS
from services.models.products import SORT_FIELDS, Product
from services.product_types import PRODUCT_TYPES
from services.text_rules import sort_key, storable

KNOWN_ORDERS = frozenset({*SORT_FIELDS, *ORDER_FIELDS.values()})
_DEFAULT = "-created_at"


@dataclass(frozen=True, slots=True)
class Order:
    """One field of an order."""

    name: str
    is_descending: bool


def orders_of(sort: str) -> tuple[Order, ...]:
    """Orders of a query, the first counts most; unknown ones are passed over, and the newest come first in the end."""
    words = [word.strip() for word in sort.split(",")]
    known = [word for word in words if word.removeprefix("-") in KNOWN_ORDERS] or [_DEFAULT]
    orders = {word.removeprefix("-"): Order(word.removeprefix("-"), word.startswith("-")) for word in reversed(known)}
    first_to_last = tuple(reversed(orders.values()))
    return first_to_last if "id" in orders else (*first_to_last, Order("id", is_descending=True))


@dataclass(frozen=True, slots=True)
class _Place:
    """How one order is written into a cursor and read from it; reading raises ValueError or TypeError."""

    of: Callable[[Product], str | int]
    read: Callable[[Any], Any]


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) >= 2**31:
        raise ValueError("not an id")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or storable(value) != value:
        raise ValueError("not a text")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("not a moment")
    return moment.astimezone(UTC)


_PLACES: Mapping[str, _Place] = MappingProxyType(
    {
        "id": _Place(lambda product: product.id, _whole),
        "product_type_id": _Place(lambda product: PRODUCT_TYPES[product.product_type].id, _whole),
        "display_name": _Place(lambda product: sort_key(product.display_name), _text),
        "created_at": _Place(lambda product: product.created_at.isoformat(), _moment),
    }
)


def cursor_after(orders: Sequence[Order], product: Product) -> str | None:
    """Cursor to what follows a product; None for orders whose field may be empty."""
    if any(order.name not in _PLACES for order in orders):
        return None
    place = [_signature(orders), *(_PLACES[order.name].of(product) for order in orders)]
    written = json.dumps(place, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(written.encode()).rstrip(b"=").decode()


def place_of(orders: Sequence[Order], cursor: str) -> tuple[Any, ...]:
    """Values of a cursor, one for each order.

    Raises
    ------
    InvalidInput
        If the cursor is damaged or belongs to another order.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        signature, *values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if signature != _signature(orders) or len(values) != len(orders):
            raise ValueError("another order")
        return tuple(_PLACES[order.name].read(value) for order, value in zip(orders, values, strict=True))
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError, binascii.Error) as error:
        raise InvalidInput(
            "This cursor does not belong to this list and order. Begin again without a cursor.", field="cursor"
        ) from error


def _signature(orders: Sequence[Order]) -> str:
    return ",".join(f"{'-' if order.is_descending else ''}{order.name}" for order in orders)
