"""A product as programs read it: the fields of the REST contract in its order, for every route that answers one."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.wire import UtcTime, Wire, utc_text
from services.access import CAN_DELETE, CAN_EDIT
from services.models.identity import Actor
from services.models.products import Product, ProductStatus
from services.product_types import PRODUCT_TYPES

_LABELS = {int(status): status.label for status in ProductStatus}


class ProductWire(Wire):
    """One product. Released clients show these fields in this order, so it is part of the contract."""

    id: int
    internal_name: str = Field(description="Word in addresses: the id and a short form of the first name.")
    display_name: str
    product_type_name: str = Field(description="Display name of the product type.")
    release_name: str | None = Field(description="Display name of the release.")
    uploaded_by: str = Field(description="User name of the owner.")
    official_product: bool
    pz_code: str | None = Field(description="Photo-z code the product was made with.")
    description: str | None
    created_at: UtcTime
    product_type: int = Field(description="Id of the product type.")
    product_type_internal_name: str = Field(description="Name of the product type.")
    release: int | None = Field(description="Id of the release.")
    updated_at: UtcTime
    status: int = Field(description="0 registering, 1 published, 3 processing, 9 failed.")
    product_status: str = Field(description="Word for the status.")
    is_owner: bool = Field(description="Whether the caller made the product.")
    can_delete: bool
    can_update: bool
    origin: str = Field(description="Upload, or the pipeline that made the product.")
    process_id: int | None = Field(description="Process that made the product.")
    process_status: str | None
    release_year: int | None


def product_fields(product: Product, actor: Actor) -> dict[str, Any]:
    """Fields of ``ProductWire`` as JSON has them; looks at its arguments only, so lists cost no statement per row."""
    status = int(product.status)
    return {
        "id": product.id,
        "internal_name": product.internal_name,
        "display_name": product.display_name,
        "product_type_name": product.product_type_title,
        "release_name": product.release_name,
        "uploaded_by": product.owner_username,
        "official_product": product.official,
        "pz_code": product.pz_code,
        "description": product.description,
        "created_at": utc_text(product.created_at),
        "product_type": PRODUCT_TYPES[product.product_type].id,
        "product_type_internal_name": product.product_type,
        "release": product.release_id,
        "updated_at": utc_text(product.updated_at),
        "status": status,
        "product_status": _LABELS[status],
        "is_owner": product.owner_id == actor.user_id,
        "can_delete": CAN_DELETE.allows(actor, product),
        "can_update": CAN_EDIT.allows(actor, product),
        "origin": product.origin,
        "process_id": product.process_id,
        "process_status": product.process_status,
        "release_year": product.release_year,
    }


def product_wire(product: Product, actor: Actor) -> ProductWire:
    """A product as this caller reads it."""
    return ProductWire.model_validate(product_fields(product, actor))
