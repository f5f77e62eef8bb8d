"""Downloads: main file, one file, everything as a zip. Streamed, resumable, never compressed on the way."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request

from api.ranges import Blocks, ByteRange, parse_range
from services.container import Container
from services.context import current_actor
from services.downloads import Download
from services.errors import NotFound

OCTETS = "application/octet-stream"
_ACTIVE_TYPE = re.compile(r"html|xml|json|script|svg", re.IGNORECASE)
"""Types a browser might run, or the released clients might parse: they travel as plain bytes."""
_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


def downloads_blueprint(container: Container) -> Blueprint:
    """Download routes, each with and without a final slash."""
    routes = Blueprint("downloads", __name__, url_prefix="/api")

    @routes.get("/products/<product_id>/download_main_file/", strict_slashes=False)
    def main_file(product_id: str) -> Response:
        return send(container.downloads.main_file(current_actor(), identifier(product_id, "product")))

    @routes.get("/products/<product_id>/download/", strict_slashes=False)
    def archive(product_id: str) -> Response:
        return send(container.downloads.archive(current_actor(), identifier(product_id, "product")))

    @routes.get("/product-files/<file_id>/download/", strict_slashes=False)
    def one_file(file_id: str) -> Response:
        return send(container.downloads.file(current_actor(), identifier(file_id, "file")))

    return routes


def identifier(text: str, thing: str) -> int:
    """Id written in the address: plain digits only, so that every thing has one address.

    Raises
    ------
    NotFound
        For anything else, as for an id nobody has.
    """
    if not _ID.fullmatch(text):
        raise NotFound(f"There is no {thing} {text[:40]!r}.")
    return int(text)


def send(download: Download) -> Response:
    """Answer with a file, a part of it, or the word that the caller's copy is still right."""
    etag = download.etag.strip('"')
    if etag in request.if_none_match:
        return _with_headers(Response(status=304), download, etag)
    wanted = _wanted(download, etag)
    part = wanted or ByteRange(0, download.size_bytes - 1)
    body = None if request.method == "HEAD" else Blocks(download.open(part.first), part.length)
    response = Response(body, status=206 if wanted else 200, direct_passthrough=True)
    response.headers["Content-Length"] = str(part.length)
    if wanted:
        response.headers["Content-Range"] = wanted.content_range(download.size_bytes)
    return _with_headers(response, download, etag)


def _wanted(download: Download, etag: str) -> ByteRange | None:
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip().strip('"') != etag:
        return None
    return parse_range(request.headers.get("Range"), download.size_bytes)


def _with_headers(response: Response, download: Download, etag: str) -> Response:
    response.headers["Content-Type"] = OCTETS if _ACTIVE_TYPE.search(download.media_type) else download.media_type
    response.headers["Content-Disposition"] = f"attachment; filename={download.name}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(etag)
    return response
