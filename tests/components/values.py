"""Values that components draw."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from services.models.products import Product, ProductRights, ProductStatus
from services.models.statistics import Histogram, Overview, Tally

THEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
MINE = ProductRights(True, True, True, True, True)
NOT_MINE = ProductRights(False, False, False, True, False, {"edit": "Only its owner may.", "delete": "Not yours."})


def product(product_id: int = 7, name: str = "Deep field", **more: object) -> Product:
    facts: dict[str, object] = {
        "id": product_id,
        "internal_name": f"{product_id}_deep_field",
        "display_name": name,
        "product_type": "redshift_catalog",
        "product_type_title": "Spec-z Catalog",
        "release_id": None,
        "release_name": None,
        "owner_id": 1,
        "owner_username": "demo",
        "owner_display_name": "Demo User",
        "official": False,
        "pz_code": None,
        "description": "Spectra\nof a *deep* field",
        "status": ProductStatus.PUBLISHED,
        "status_reason": None,
        "created_at": THEN,
        "updated_at": THEN,
        "n_rows": 1234567,
        "size_bytes": 3_355_443,
        "main_file_name": "deep.csv",
    }
    return Product(**{**facts, **more})  # type: ignore[arg-type]


def histogram(counts: list[int], step: float = 0.1) -> Histogram:
    values = np.array(counts)
    none = np.zeros(len(counts))
    edges = np.arange(len(counts) + 1) * step
    return Histogram("z_spec", "Z", edges, values, none, none, Tally(int(values.sum()), int(values.sum())))


def overview(**statistics: Histogram) -> Overview:
    return Overview(n_rows=10, columns=(), statistics=dict(statistics))
