"""Addresses people open: other spellings lead to the canonical one, and what does not exist answers 404.

The application answers every path with the same page of scripts; status and redirects are settled here before it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request

from services.container import Container
from services.context import current_actor, current_context
from services.errors import NotFound
from services.models.products import Product

ALIASES = {"/oficial_products": "/official_products", "/upload": "/product/new"}
NEW_PRODUCT = "new"


def register(server: Flask, container: Container, is_page: Callable[[str], bool]) -> None:
    """Settle addresses on a server.

    Parameters
    ----------
    is_page : callable
        Whether the application has a page for a path.
    """

    @server.before_request
    def settle() -> Response | None:
        if request.endpoint not in ("/", "/<path:path>") or current_context().actor is None:
            return None
        target = _canonical(container, request.path)
        if target is not None:
            return _redirect(target)
        if not is_page(request.path):
            g.page_status = 404
        return None

    @server.after_request
    def tell_status(response: Response) -> Response:
        if response.status_code == 200 and "page_status" in g:
            response.status_code = g.page_status
        return response


def _redirect(path: str) -> Response:
    query = request.query_string.decode("ascii", "replace")
    return redirect(quote(path) + (f"?{query}" if query else ""))  # type: ignore[return-value]


def _canonical(container: Container, path: str) -> str | None:
    """Address to go to instead, None when this one is right; notes the status of product pages."""
    parts = path.strip("/").split("/")
    if path != "/" and path.endswith("/"):
        return "/" + "/".join(parts)
    if path in ALIASES:
        return ALIASES[path]
    if len(parts) == 2 and parts[0] in ("product", "products") and parts[1] != NEW_PRODUCT:
        product = _find(container, parts[1])
        wanted = f"/product/{product.internal_name}" if product else path
        return wanted if wanted != path else None
    if len(parts) == 3 and parts[:2] == ["product", "edit"]:
        return _canonical_edit(container, path, parts[2])
    return None


def _canonical_edit(container: Container, path: str, address: str) -> str | None:
    product = _find(container, address)
    if product is None:
        return None
    if not container.catalog.rights(current_actor(), product).can_edit:
        g.page_status = 403
    wanted = f"/product/edit/{product.internal_name}"
    return wanted if wanted != path else None


def _find(container: Container, address: str) -> Product | None:
    try:
        return container.catalog.find(current_actor(), address)
    except NotFound:
        g.page_status = 404
        return None
