"""What lists of products can be asked for beyond the filters of the pages: the questions of the REST API."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

FilterField = Literal[
    "product_type_name",
    "release_name",
    "uploaded_by",
    "product_name",
    "internal_name",
    "display_name",
    "product_type",
    "release",
    "user",
    "official_product",
    "status",
    "release__isnull",
]

TEXT_FIELDS = frozenset({"product_type_name", "release_name", "uploaded_by", "product_name"})
"""Fields that hold a text when any part of it equals, without regard to case; the others are compared as a whole."""

MAX_WORDS = 100
"""Parts of one text filter and words of one search: far more than anybody types, few enough for every back end."""


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """One condition on products.

    Parameters
    ----------
    field : str
        What is looked at. ``product_type``, ``release`` and ``user`` are ids, ``release__isnull`` takes one bool.
    values : tuple
        Values as they are kept: text, int or bool.
    every : bool
        All values must be found (only with ``TEXT_FIELDS``); else one of them is enough.
    """

    field: FilterField
    values: tuple[str | int, ...]
    every: bool = False


ORDER_FIELDS = MappingProxyType(
    {"id": "id", "display_name": "display_name", "product_type": "product_type_id", "created_at": "created_at"}
)
"""Fields programs order by -> names of orders; each has a value in every product, so a cursor can point at it."""
