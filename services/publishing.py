"""The step from draft to published: which roles must be known, and who set it."""

from __future__ import annotations

from services.columns.role_maps import open_roles
from services.columns.roles import ROLES
from services.errors import MissingColumns, NotFound
from services.models.products import Product, ProductColumn, ProductStatus
from services.product_rules import missing_roles, role_titles
from services.product_types import PRODUCT_TYPES
from services.repositories.products import ProductRepository
from services.schema import utc_now


def publish_product(products: ProductRepository, product_id: int, actor_id: int | None) -> Product:
    """Publish a product within the running transaction; one that is published stays as it is. No rights are asked.

    Raises
    ------
    NotFound
        If there is no such product, or it is deleted.
    MissingColumns
        If it has a main file and needed roles are not known.
    """
    row = products.lock(product_id)
    product = products.find(product_id)
    if row is None or product is None or product.status is ProductStatus.DELETED:
        raise NotFound("There is no such product, so it cannot be published.")
    if product.status is ProductStatus.PUBLISHED:
        return product
    if product.main_file_name is not None:
        require_roles(product, products.columns(product_id))
    row.status, row.status_reason, row.updated_at = int(ProductStatus.PUBLISHED), None, utc_now()
    products.note_event(product_id, actor_id, "published")
    return _again(products, product_id)


def _again(products: ProductRepository, product_id: int) -> Product:
    product = products.find(product_id)
    assert product is not None
    return product


def require_roles(product: Product, columns: tuple[ProductColumn, ...]) -> None:
    """MissingColumns, naming them and the columns to choose from, when needed roles are not known."""
    missing = missing_roles(PRODUCT_TYPES[product.product_type], (column.role for column in columns))
    if not missing:
        return
    titles = role_titles(missing)
    choices = open_roles(columns, product.product_type)
    words = {role: ROLES[role].alias or role for role in missing}
    raise MissingColumns(
        f"A {product.product_type_title} is published once these columns are known: {', '.join(titles)}. "
        "Choose them under Columns.",
        missing=tuple(words.values()),
        candidates={word: choices[role] for role, word in words.items() if role in choices},
    )
