"""The root of the API: what there is. Clients ask for it to check their token."""

from __future__ import annotations

from pydantic import ConfigDict

from api.endpoints import Resource
from api.wire import Wire
from services.container import Container
from services.context import current_context

LISTS = (
    "users",
    "releases",
    "product-types",
    "products",
    "products-specz",
    "product-contents",
    "product-files",
    "pipelines",
    "processes",
)


class RootWire(Wire):
    """Name of each list -> its absolute address."""

    model_config = ConfigDict(extra="allow", frozen=True)


def root_resource(_: Container) -> Resource:
    """The route of the root."""
    routes = Resource("root", tag="Portal")

    @routes.get("/", answers={200: RootWire}, summary="Addresses of all lists")
    def root() -> dict[str, str]:
        """Answers 200 for every valid token: a cheap way to check one. `uploads` takes files in pieces (tus 1.0)."""
        base = current_context().base_url
        return {name: f"{base}/api/{name}/" for name in LISTS} | {"uploads": f"{base}/files"}

    return routes
