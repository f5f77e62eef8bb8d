"""What is known of a product: one dict with its main file, and the table that is shown of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pzserver.api import PzServerApi, Row
from pzserver.errors import InvalidInput, NotFound, RequestFailed

if TYPE_CHECKING:
    import pandas as pd

SHOWN_NAMES = {
    "id": "id",
    "internal_name": "internal_name",
    "display_name": "product_name",
    "product_type_name": "product_type",
    "release_name": "release",
    "uploaded_by": "uploaded_by",
    "official_product": "official_product",
    "pz_code": "pz_code",
    "description": "description",
    "created_at": "created_at",
}
MEGABYTE = 1e6


class LookupFailed(InvalidInput, RequestFailed):
    """A product could not be looked up, for another reason than that it is not there."""


def fetch_metadata(api: PzServerApi, product_id: object, *, with_main_file: bool = True) -> Row:
    """All fields of a product, with ``main_file`` (dict) and the columns in it.

    Raises
    ------
    NotFound
        If there is no such product that you may see.
    LookupFailed
        If it cannot be looked up now; a ValueError too, as earlier clients raised.
    """
    try:
        product = api.product(product_id)
        return _with_main_file(api, product) if with_main_file else product
    except NotFound as error:
        raise NotFound(f"Product {product_id!r} was not found: {error}", status_code=404, body=error.body) from error
    except RequestFailed as error:
        raise LookupFailed(
            f"Product {product_id!r} could not be looked up: {error}", status_code=error.status_code, body=error.body
        ) from error


def _with_main_file(api: PzServerApi, product: Row) -> Row:
    info = api.main_file_info(product["id"])
    main_file: Row = dict(info.get("main_file") or {})
    listed = main_file.pop("associated_columns", None)
    if listed is None and main_file.get("name"):
        listed = api.get_all("product-contents", product=product["id"])
    if main_file.get("name"):
        main_file["columns_association"] = associations(listed or [])
        main_file.setdefault("columns", [row["column_name"] for row in listed or []])
    return info | {"main_file": main_file}


def associations(columns: list[Row]) -> list[Row]:
    """Columns with a meaning: name, UCD and alias of each."""
    return [
        {"column_name": row["column_name"], "ucd": row.get("ucd"), "alias": row.get("alias")}
        for row in columns
        if row.get("alias") or row.get("ucd")
    ]


def shown_rows(metadata: Row) -> list[tuple[str, Any]]:
    """Key and value of each line of the table of a product."""
    rows = [(SHOWN_NAMES[key], value) for key, value in metadata.items() if key in SHOWN_NAMES]
    main_file = metadata.get("main_file") or {}
    if main_file.get("name"):
        columns = main_file.get("columns") or []
        size = main_file.get("size")
        rows += [
            ("n_rows", main_file.get("n_rows")),
            ("n_columns", len(columns)),
            ("size", None if size is None else f"{size / MEGABYTE:.2f} MB"),
            ("columns", columns),
            ("columns_association", main_file.get("columns_association") or []),
        ]
    return [*rows, ("main_file", main_file.get("name"))]


def metadata_frame(metadata: Row) -> pd.DataFrame:
    """Table of a product with the columns ``key`` and ``value``."""
    import pandas as pd

    rows = shown_rows(metadata)
    return pd.DataFrame({"key": [key for key, _ in rows], "value": pd.Series([v for _, v in rows], dtype=object)})
