"""The product types with what only the database knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.product_types import PRODUCT_TYPES, ProductType
from services.repositories import product_types
from services.unit_of_work import Sessions, reading


@dataclass(frozen=True, slots=True)
class ListedType:
    """A product type and when it came to this portal."""

    kind: ProductType
    created_at: datetime


def listed_types(sessions: Sessions) -> tuple[ListedType, ...]:
    """Every product type, in the order of forms and lists."""
    with reading(sessions) as session:
        times = product_types.creation_times(session)
    rows = sorted(PRODUCT_TYPES.values(), key=lambda row: (row.order, row.id))
    return tuple(ListedType(row, times[row.id]) for row in rows)
