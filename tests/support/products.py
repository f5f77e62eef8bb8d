"""People, releases and products for tests, made by the real services."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from services.container import Container
from services.models.identity import Actor
from services.models.products import FileRole, NewProduct, Product, ProductStatus
from services.schema import ProductColumnRow, ProductFileRow, ProductRow, utc_now
from services.text_rules import folded, sort_key
from services.unit_of_work import unit_of_work


def person(container: Container, username: str, *, is_admin: bool = False, groups: Sequence[str] = ()) -> Actor:
    """A person whose password is their name."""
    return container.users.create_user(username, username, is_admin=is_admin, groups=groups)


def draft(container: Container, owner: Actor, name: str = "A sample", kind: str = "other", **fields: object) -> Product:
    """A draft without files."""
    return container.catalog.register(owner, NewProduct(name, kind, **fields))  # type: ignore[arg-type]


def published(
    container: Container, owner: Actor, name: str = "A sample", kind: str = "other", **fields: object
) -> Product:
    """A published product without files."""
    return container.catalog.publish(owner, draft(container, owner, name, kind, **fields).id)


def with_status(container: Container, product: Product, status: ProductStatus, reason: str | None = None) -> None:
    """Put a product into a state that only background work brings about."""
    with unit_of_work(container.sessions) as unit:
        row = unit.session.get_one(ProductRow, product.id)
        row.status, row.status_reason = int(status), reason


def with_file(
    container: Container, product: Product, name: str = "a.csv", role: FileRole = FileRole.MAIN, size_bytes: int = 10
) -> int:
    """Give a product the row of a file (no bytes); its id."""
    checksum = hashlib.sha256(f"{product.id} {name}".encode()).hexdigest()
    row = ProductFileRow(
        product_id=product.id,
        role=int(role),
        name=name,
        media_type="text/csv",
        size_bytes=size_bytes,
        sha256=checksum,
        key=checksum,
    )
    with unit_of_work(container.sessions) as unit:
        unit.session.add(row)
    return row.id


def with_columns(container: Container, product: Product, *names: str) -> None:
    """Give a product columns of float64 without roles."""
    with unit_of_work(container.sessions) as unit:
        unit.session.add_all(
            ProductColumnRow(
                product_id=product.id, name=name, folded_name=folded(name), position=position, dtype="float64"
            )
            for position, name in enumerate(names)
        )


def many_published(container: Container, owner: Actor, n_products: int, first_id: int = 1000) -> None:
    """Published products of one moment, each with two files, half of them without rows."""
    now = utc_now()
    products: list[dict[str, Any]] = [
        {
            "id": first_id + number,
            "internal_name": f"{first_id + number}_p",
            "display_name": f"Product {number % 7}",
            "sort_name": sort_key(f"Product {number % 7}"),
            "folded_text": folded(f"Product {number % 7}\n{first_id + number}_p\nnumber {number}"),
            "product_type_id": 1 + number % 7,
            "owner_id": owner.user_id,
            "status": int(ProductStatus.PUBLISHED),
            "n_rows": number if number % 2 else None,
            "created_at": now,
            "updated_at": now,
            "official": False,
            "origin": "Upload",
            "notes": [],
        }
        for number in range(n_products)
    ]
    files = [
        {
            "product_id": product["id"],
            "role": int(role),
            "name": f"{role}.csv",
            "media_type": "text/csv",
            "size_bytes": 10,
            "sha256": "0" * 64,
            "key": "0" * 64,
            "created_at": now,
            "updated_at": now,
        }
        for product in products
        for role in (FileRole.MAIN, FileRole.AUXILIARY)
    ]
    with unit_of_work(container.sessions) as unit:
        unit.session.execute(insert(ProductRow), products)
        unit.session.execute(insert(ProductFileRow), files)
