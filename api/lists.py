"""Product types, releases and people: what forms offer to choose from."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.endpoints import Resource
from api.paging import Listing
from api.short_lists import ShortListQuery, SortKeys, by_text, ordered, page_of
from api.wire import UtcTime, Wire
from services.container import Container
from services.context import current_actor
from services.errors import InvalidInput, NotFound
from services.models.identity import Release, UserSummary
from services.product_types import product_type
from services.text_rules import folded
from services.type_list import ListedType, listed_types

_NO_TREES = "Kept for old programs: this portal holds no object trees of releases."

TYPE_ORDERS: SortKeys = {
    "id": lambda row: row.id,
    "name": lambda row: row.name,
    "display_name": lambda row: by_text(row.display_name),
    "order": lambda row: row.order,
    "description": lambda row: by_text(row.description),
    "created_at": lambda row: row.created_at,
}
RELEASE_ORDERS: SortKeys = {
    "id": lambda row: row.id,
    "name": lambda row: by_text(row.name),
    "display_name": lambda row: by_text(row.display_name),
    "created_at": lambda row: row.created_at,
}
USER_ORDERS: SortKeys = {
    "username": lambda row: by_text(row.username),
    "first_name": lambda row: by_text(row.first_name),
    "last_name": lambda row: by_text(row.last_name),
    "display_name": lambda row: by_text(row.display_name),
}


class NamedQuery(ShortListQuery):
    """Parameters of lists whose rows have an id and a name."""

    id: int | None = Field(default=None, description="Only the row of this id.")
    name: str | None = Field(default=None, description="Only the row of this name, in any case.")


class TypesQuery(NamedQuery):
    """Parameters of the list of product types."""

    name: str | None = Field(
        default=None, description="Only the type that answers to this word: name, display name or alias, in any case."
    )


class PeopleQuery(ShortListQuery):
    """Parameters of the list of people."""

    all: bool = Field(default=False, description="Every account; for administrators.")


class ProductTypeWire(Wire):
    """A product type."""

    id: int
    name: str = Field(description="Word programs use.")
    display_name: str = Field(description="Word people see.")
    order: int = Field(description="Place in forms and lists.")
    description: str
    created_at: UtcTime
    aliases: list[str] = Field(description="Other words it answers to.")


class ReleaseWire(Wire):
    """A data release."""

    id: int
    name: str
    display_name: str
    description: str | None
    created_at: UtcTime
    indexing_column: str | None = Field(default=None, description=_NO_TREES)
    has_mag_hats: bool = Field(default=False, description=_NO_TREES)
    has_flux_hats: bool = Field(default=False, description=_NO_TREES)
    dereddening: str | None = Field(default=None, description=_NO_TREES)
    fluxes: list[dict[str, Any]] | None = Field(default=None, description=_NO_TREES)
    is_public: bool = Field(description="Whether everybody sees it, whatever the groups.")
    access_groups: list[int] = Field(description="Ids of the groups it is open to; told to administrators only.")


class UserWire(Wire):
    """A person."""

    username: str
    first_name: str
    last_name: str
    display_name: str


def lists_resource(container: Container) -> Resource:
    """Routes of the three lists."""
    routes = Resource("lists", tag="Lists")
    _type_routes(routes, container)
    _release_routes(routes, container)

    @routes.get("/users/", query=PeopleQuery, answers={200: Listing[UserWire]}, errors=(403,), summary="People")
    def users(query: PeopleQuery) -> Listing[UserWire]:
        """People who have published something, and yourself, by user name."""
        people = container.users.uploaders(current_actor(), include_all=query.all)
        rows = ordered([_user(person) for person in people], query.ordering, USER_ORDERS)
        return page_of(rows, query, lambda row: (row.username, row.first_name, row.last_name))

    routes.options(
        "/users/",
        {"name": "Users", "search": ["username", "first_name", "last_name"], "ordering": list(USER_ORDERS)},
    )
    return routes


def _type_routes(routes: Resource, container: Container) -> None:
    @routes.get("/product-types/", query=TypesQuery, answers={200: Listing[ProductTypeWire]}, summary="Product types")
    def product_types(query: TypesQuery) -> Listing[ProductTypeWire]:
        """The kinds of products, in the order forms offer them. Names of earlier versions of the portal answer too."""
        wanted = _type_id(query.name)
        rows = [_type(row) for row in listed_types(container.sessions)]
        named = [row for row in rows if wanted in (None, row.id) and query.id in (None, row.id)]
        found = ordered(named, query.ordering, TYPE_ORDERS)
        return page_of(found, query, lambda row: (row.name, row.display_name, row.description, *row.aliases))

    @routes.get("/product-types/<identifier:type_id>/", answers={200: ProductTypeWire}, summary="One product type")
    def one_type(type_id: int) -> ProductTypeWire:
        """A product type by its id."""
        rows = (_type(row) for row in listed_types(container.sessions))
        return _only(rows, type_id, "There is no such product type. GET /api/product-types/ lists them.")

    routes.options("/product-types/", _announced("Product types", TYPE_ORDERS))


def _release_routes(routes: Resource, container: Container) -> None:
    def visible() -> list[ReleaseWire]:
        actor = current_actor()
        return [_release(row, shows_groups=actor.is_admin) for row in container.releases.visible(actor)]

    @routes.get("/releases/", query=NamedQuery, answers={200: Listing[ReleaseWire]}, summary="Releases")
    def releases(query: NamedQuery) -> Listing[ReleaseWire]:
        """Data releases you may see, newest first."""
        wanted = None if query.name is None else folded(query.name)
        named = [row for row in visible() if wanted in (None, folded(row.name)) and query.id in (None, row.id)]
        found = ordered(named, query.ordering, RELEASE_ORDERS)
        return page_of(found, query, lambda row: (row.name, row.display_name, row.description))

    @routes.get("/releases/<identifier:release_id>/", answers={200: ReleaseWire}, summary="One release")
    def one_release(release_id: int) -> ReleaseWire:
        """A data release by its id."""
        return _only(visible(), release_id, "There is no such release, or it is not open to you.")

    routes.options("/releases/", _announced("Releases", RELEASE_ORDERS))


def _announced(name: str, orders: SortKeys) -> dict[str, Any]:
    return {
        "name": name,
        "filterset": ["id", "name"],
        "search": ["display_name", "description"],
        "ordering": list(orders),
    }


def _only(rows: Any, id_: int, otherwise: str) -> Any:
    for row in rows:
        if row.id == id_:
            return row
    raise NotFound(otherwise)


def _type_id(word: str | None) -> int | None:
    """Id of the type a word stands for, None without a word, 0 (no type's id) when no type answers to it."""
    if word is None:
        return None
    try:
        return product_type(word).id
    except InvalidInput:
        return 0


def _type(row: ListedType) -> ProductTypeWire:
    kind = row.kind
    return ProductTypeWire(
        id=kind.id,
        name=kind.name,
        display_name=kind.title,
        order=kind.order,
        description=kind.blurb,
        created_at=row.created_at,
        aliases=list(kind.aliases),
    )


def _release(row: Release, *, shows_groups: bool) -> ReleaseWire:
    return ReleaseWire(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        description=row.description,
        created_at=row.created_at,
        is_public=row.is_public,
        access_groups=sorted(row.group_ids) if shows_groups else [],
    )


def _user(person: UserSummary) -> UserWire:
    return UserWire(
        username=person.username,
        first_name=person.first_name,
        last_name=person.last_name,
        display_name=person.display_name,
    )
