"""Files on their way out: whole or the part asked for, never compressed, by the fastest way the server knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import BinaryIO

from flask import Response, request

from api.endpoints import Content
from api.ranges import BLOCK_BYTES, Blocks, ByteRange, parse_range
from services.downloads import Download

OCTETS = "application/octet-stream"
_ACTIVE_TYPE = re.compile(r"html|xml|json|script|svg", re.IGNORECASE)
"""Types a browser might run, or the released clients might parse: they travel as plain bytes."""

_ANY = Content(("*/*",))
_ZIP = Content(("application/zip",))
FILE_ANSWERS = {200: _ANY, 206: _ANY, 304: None}
"""What a route that sends a file may answer, for its declaration."""
ZIP_ANSWERS = {200: _ZIP, 206: _ZIP, 304: None}


def send(download: Download) -> Response:
    """Answer with a file, a part of it, or the word that the caller's copy is still right."""
    etag = download.etag.strip('"')
    if etag in request.if_none_match:
        return _with_headers(Response(status=304), download, etag)
    wanted = _wanted(download, etag) if request.method == "GET" else None
    part = wanted or ByteRange(0, download.size_bytes - 1)
    body = None if request.method == "HEAD" else _body(download, part)
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


def _body(download: Download, part: ByteRange) -> Iterable[bytes]:
    """Bytes of a part. A file of this machine is handed to the server, whose kernel sends it without our reading it.

    Not every server stops at the Content-Length, so only a part that reaches the end of the file is handed over.
    """
    stream = download.open(part.first)
    hand_over: Callable[[BinaryIO, int], Iterable[bytes]] | None = request.environ.get("wsgi.file_wrapper")
    if hand_over is not None and part.last == download.size_bytes - 1:
        return hand_over(stream, BLOCK_BYTES)
    return Blocks(stream, part.length)


def _with_headers(response: Response, download: Download, etag: str) -> Response:
    response.headers["Content-Type"] = OCTETS if _ACTIVE_TYPE.search(download.media_type) else download.media_type
    response.headers["Content-Disposition"] = f"attachment; filename={download.name}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(etag)
    return response
