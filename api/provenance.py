"""Where numbers come from, told with every answer that holds numbers of a plot."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from api.wire import Wire
from services.models.products import Product
from services.version import VERSION


class ProvenanceWire(Wire):
    """Where numbers come from: enough to compute them again."""

    product_id: int
    internal_name: str
    display_name: str
    product_type: str
    owner: str
    main_file: str | None
    main_file_sha256: str | None
    n_rows: int | None = Field(description="Rows of the file.")
    columns: list[str] = Field(description="Columns the numbers come from.")
    cut: str | None = Field(description="The cut, as it was understood.")
    software: str = Field(description="Name and version of what counted.")


def provenance_wire(product: Product, columns: Sequence[str], cut: str | None) -> ProvenanceWire:
    """Provenance of numbers of one product."""
    return ProvenanceWire(
        product_id=product.id,
        internal_name=product.internal_name,
        display_name=product.display_name,
        product_type=product.product_type,
        owner=product.owner_username,
        main_file=product.main_file_name,
        main_file_sha256=product.main_file_sha256,
        n_rows=product.n_rows,
        columns=list(columns),
        cut=cut,
        software=f"PZ Server {VERSION}",
    )
