"""The product types of the code, kept in step with their table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import Session

from services.product_types import PRODUCT_TYPES, ProductType
from services.schema import ProductTypeRow, utc_now
from services.text_rules import folded


def _values(row: ProductType) -> dict[str, object]:
    words = dict.fromkeys((row.name, row.title, row.long_title, *row.aliases))
    return {
        "name": row.name,
        "display_name": row.title,
        "position": row.order,
        "description": row.blurb,
        "aliases": list(row.aliases),
        "folded_words": "\n".join(folded(word) for word in words),
    }


def creation_times(session: Session) -> dict[int, datetime]:
    """When each product type came to this portal, by id."""
    rows = session.execute(select(ProductTypeRow.id, ProductTypeRow.created_at))
    return {row.id: row.created_at for row in rows}


def fill_product_types(connection: Connection) -> None:
    """Write every row of ``services.product_types`` into its table; types that are gone stay, products may use them."""
    known = set(connection.scalars(select(ProductTypeRow.id)))
    for row in PRODUCT_TYPES.values():
        if row.id in known:
            connection.execute(update(ProductTypeRow).where(ProductTypeRow.id == row.id).values(**_values(row)))
        else:
            connection.execute(insert(ProductTypeRow).values(id=row.id, created_at=utc_now(), **_values(row)))
