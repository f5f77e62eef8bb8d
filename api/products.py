"""Products over HTTP: lists, one product, making, changing and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from flask import Response, request
from pydantic import BeforeValidator, Field

from api.endpoints import Resource
from api.paging import DEFAULT_PAGE_ROWS, MAX_PAGE_ROWS, Listing, Window, listing, page_window
from api.product_filters import ProductsQuery, announcement, filters_of, sort_of
from api.product_wire import ProductWire, product_fields, product_wire
from api.site import site_prefix
from api.wire import Body, Wire
from services.container import Container
from services.context import current_actor
from services.errors import MissingColumns, NotFound
from services.models.product_lists import ProductFilter
from services.models.products import NewProduct, Product, ProductChanges, ProductPage, ProductQuery, ProductStatus
from services.product_types import PRODUCT_TYPES

LISTED = (ProductStatus.REGISTERING, ProductStatus.PUBLISHED, ProductStatus.PROCESSING, ProductStatus.FAILED)
"""What lists show to those who may see it; deleted products are nowhere."""
SPECZ = PRODUCT_TYPES["redshift_catalog"]
_WIRE_TO_FIELD = {
    "display_name": "display_name",
    "release": "release",
    "pz_code": "pz_code",
    "description": "description",
    "official_product": "official",
    "release_year": "release_year",
    "status": "status",
}


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("This is a number or text, not true or false.")
    return value


Number = Annotated[int, BeforeValidator(_no_flag)]
IdOrName = Annotated[int | str, BeforeValidator(_no_flag)]


class ProductListing(Listing[ProductWire]):
    """A list of products."""

    next_cursor: str | None = Field(description="Where the list goes on; null at its end.")


class NewProductBody(Body):
    """A product to make."""

    display_name: str = Field(description="1 to 255 characters.")
    product_type: IdOrName = Field(description="Id, name or alias of the product type.")
    release: IdOrName | None = Field(None, description="Id, name or display name of the release.")
    official_product: bool | None = Field(None, description="Only administrators may say true.")
    pz_code: str | None = None
    description: str | None = None
    status: Number | None = Field(None, description="0: products begin as drafts.")
    release_year: IdOrName | None = None


class ProductChangesBody(Body):
    """Fields to change; what is left out stays. Empty text clears release, pz_code, description and release_year."""

    display_name: str = Field(default_factory=str, description="1 to 255 characters.")
    release: IdOrName | None = None
    official_product: bool = Field(default_factory=bool)
    pz_code: str | None = None
    description: str | None = None
    status: Number = Field(default_factory=int, description="1 publishes.")
    release_year: IdOrName | None = None


class PendingWire(Wire):
    """The draft that waits."""

    product: ProductWire | None


def products_resource(container: Container) -> Resource:
    """Routes of products."""
    routes = Resource("products", tag="Products")
    routes.options("/products/", announcement("Products"))

    @routes.get("/products/", query=ProductsQuery, answers={200: ProductListing}, summary="Products")
    def products(query: ProductsQuery) -> Response:
        """Products open to the caller, the newest first. Without page, page_size and cursor: all of them."""
        return product_list(container, query)

    @routes.post("/products/", body=NewProductBody, answers={201: ProductWire}, summary="Make a product")
    def new_product(body: NewProductBody) -> tuple[ProductWire, int]:
        """Makes a draft: add files, have them read, and publish it by status 1."""
        actor = current_actor()
        return product_wire(container.catalog.register(actor, _new(body)), actor), 201

    @routes.get("/products/pending_publication/", answers={200: PendingWire}, summary="Oldest own draft")
    def pending_publication() -> PendingWire:
        """The caller's own draft that waits longest to be published, null when there is none."""
        actor = current_actor()
        draft = container.catalog.oldest_draft(actor)
        return PendingWire(product=product_wire(draft, actor) if draft else None)

    @routes.get("/products/<identifier:product_id>/", answers={200: ProductWire}, summary="One product")
    def product(product_id: int) -> ProductWire:
        """A product that is open to the caller."""
        actor = current_actor()
        return product_wire(container.catalog.get(actor, product_id), actor)

    @routes.patch(
        "/products/<identifier:product_id>/",
        body=ProductChangesBody,
        answers={200: ProductWire},
        errors=(406, 409),
        summary="Change or publish a product",
    )
    def change_product(product_id: int, body: ProductChangesBody) -> ProductWire:
        """Changes fields; status 1 publishes. 406 names the columns whose meaning must be told before."""
        actor = current_actor()
        return product_wire(_changed(container, product_id, body), actor)

    @routes.delete("/products/<identifier:product_id>/", answers={204: None}, summary="Delete a product")
    def delete_product(product_id: int) -> None:
        """Takes a product with its files away from everybody."""
        container.catalog.delete(current_actor(), product_id)

    return routes


def specz_resource(container: Container) -> Resource:
    """Routes of published spec-z catalogues, which change nothing."""
    routes = Resource("products_specz", tag="Products")
    routes.options("/products-specz/", announcement("Products specz"))

    @routes.get("/products-specz/", query=ProductsQuery, answers={200: ProductListing}, summary="Spec-z catalogues")
    def specz_products(query: ProductsQuery) -> Response:
        """Published spec-z catalogues that are open to the caller, with the parameters of products/."""
        return product_list(container, query, _specz_only())

    @routes.get("/products-specz/<identifier:product_id>/", answers={200: ProductWire}, summary="One spec-z catalogue")
    def specz_product(product_id: int) -> ProductWire:
        """A published spec-z catalogue that is open to the caller."""
        actor = current_actor()
        found = container.catalog.get(actor, product_id)
        if found.product_type != SPECZ.name or found.status is not ProductStatus.PUBLISHED:
            raise NotFound("There is no such spec-z catalogue, or it is not open to you. Look among products/.")
        return product_wire(found, actor)

    return routes


def product_list(container: Container, query: ProductsQuery, filters: tuple[ProductFilter, ...] = ()) -> Response:
    """A list of products, or the page of it that an address asks for.

    Parameters
    ----------
    filters : tuple of ProductFilter
        Filters beyond those of the address.
    """
    window = _window(query)
    actor = current_actor()
    wanted = ProductQuery(
        search=query.search,
        statuses=LISTED,
        checks=query.checks,
        sort=sort_of(query),
        page=window.page or 1,
        page_size=window.limit,
        filters=(*filters_of(query), *filters),
        cursor=query.cursor,
    )
    found = container.catalog.search(actor, wanted)
    rows = [product_fields(product, actor) for product in found.items]
    # Long lists: dicts of plain values leave several times faster than models.
    return Response(orjson.dumps(_page(query, found, rows, window)), mimetype="application/json")


def _window(query: ProductsQuery) -> Window:
    if query.cursor:
        return Window(0, min(query.page_size or DEFAULT_PAGE_ROWS, MAX_PAGE_ROWS))
    return page_window(query)


def _page(query: ProductsQuery, found: ProductPage, rows: list[dict[str, Any]], window: Window) -> Mapping[str, Any]:
    if query.cursor:
        following = found.next_cursor and _following(found.next_cursor)
        page = {"count": found.total, "next": following, "previous": None, "results": rows}
    else:
        page = dict(listing(rows, found.total, window))
    return page | {"next_cursor": found.next_cursor}


def _following(cursor: str) -> str:
    kept = {name: values[-1] for name, values in request.args.lists() if name != "page"}
    return f"{site_prefix()}{request.path}?{urlencode(kept | {'cursor': cursor})}"


def _specz_only() -> tuple[ProductFilter, ...]:
    return ProductFilter("product_type", (SPECZ.id,)), ProductFilter("status", (int(ProductStatus.PUBLISHED),))


def _new(body: NewProductBody) -> NewProduct:
    return NewProduct(
        display_name=body.display_name,
        product_type=str(body.product_type),
        release=body.release,
        pz_code=body.pz_code,
        description=body.description,
        official=bool(body.official_product),
        release_year=body.release_year,
        status=body.status or 0,
    )


def _changed(container: Container, product_id: int, body: ProductChangesBody) -> Product:
    fields = {_WIRE_TO_FIELD[name]: getattr(body, name) for name in body.model_fields_set}
    actor = current_actor()
    try:
        return container.catalog.update(actor, product_id, ProductChanges(fields))
    except MissingColumns as error:
        name = container.catalog.get(actor, product_id).internal_name
        place = f"{site_prefix()}/product/edit/{name}"
        raise MissingColumns(f"{error.message} The page for it: {place}", error.missing, error.candidates) from error
