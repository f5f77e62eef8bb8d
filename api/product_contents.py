"""Columns of products and the words that say what they are."""

from __future__ import annotations

from pydantic import Field

from api.endpoints import Resource
from api.paging import CAP_ROWS, Listing, PageQuery, listing, page_window
from api.wire import Body, Wire
from services.column_association import MAX_WORDS
from services.container import Container
from services.context import current_actor
from services.models.contents import ContentQuery
from services.models.products import ProductColumn

_NO_CAP = 2**31 - 1
"""A table has as many columns as it has, and released clients never ask for a second page."""


class ColumnQuery(PageQuery):
    """Filters of the list of columns."""

    product: int | None = Field(default=None, description="Id of the product.")
    id: int | None = Field(default=None, description="Id of the column.")
    ordering: str = Field(default="id", description="id or order, with - before it for descending.")


class ColumnWords(Body):
    """Words to set; empty or null clears."""

    alias: str | None = Field(
        default=None,
        description="What the column is. ID, RA, Dec, z, z_err, z_flag and survey are understood by the portal; "
        f"a product has each once. At most {MAX_WORDS['alias']} characters.",
    )
    ucd: str | None = Field(
        default=None, description=f"Unified Content Descriptor, at most {MAX_WORDS['ucd']} characters."
    )


class ColumnWire(Wire):
    """One column of a main file."""

    id: int
    product: int = Field(description="Id of the product.")
    column_name: str
    ucd: str | None
    order: int = Field(description="Place in the file, from 0.")
    alias: str | None


def product_contents_resource(container: Container) -> Resource:
    """Routes of the columns of products."""
    routes = Resource("product_contents", tag="Product contents")

    @routes.get(
        "/product-contents/", query=ColumnQuery, answers={200: Listing[ColumnWire]}, summary="Columns of products"
    )
    def contents(query: ColumnQuery) -> Listing[ColumnWire]:
        """Columns of the products you may see; empty for others. All columns of one product unless a page is asked."""
        window = page_window(query, CAP_ROWS if query.product is None else _NO_CAP)
        found = container.contents.columns(
            current_actor(), ContentQuery(query.product, query.id, query.ordering, window.offset, window.limit)
        )
        return listing([_column_wire(column) for column in found.items], found.total, window)

    @routes.get("/product-contents/<identifier:column_id>/", answers={200: ColumnWire}, summary="One column")
    def content(column_id: int) -> ColumnWire:
        """A column of a main file."""
        return _column_wire(container.contents.column(current_actor(), column_id))

    @routes.patch(
        "/product-contents/<identifier:column_id>/",
        body=ColumnWords,
        answers={200: ColumnWire},
        summary="Say what a column is",
    )
    def describe(column_id: int, body: ColumnWords) -> ColumnWire:
        """Set alias, UCD or both; what is not sent stays. An alias of the vocabulary is taken from the column that
        had it."""
        words = {name: getattr(body, name) for name in body.model_fields_set}
        return _column_wire(container.contents.describe_column(current_actor(), column_id, words))

    routes.options(
        "/product-contents/",
        {"name": "Product contents", "filterset": ["id", "product"], "ordering": ["id", "order"]},
    )
    return routes


def _column_wire(column: ProductColumn) -> ColumnWire:
    return ColumnWire(
        id=column.id,
        product=column.product_id,
        column_name=column.name,
        ucd=column.ucd,
        order=column.order,
        alias=column.alias,
    )
