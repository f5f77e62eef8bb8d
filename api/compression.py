"""Compression on the way: answers as they come, static files once per process and kept."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from types import MappingProxyType

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, request
from flask_compress import Compress

from api.headers import is_static

BROTLI_QUALITY = 5
"""Beyond it the files get a few per cent smaller at several times the work."""
COMPRESSED_TYPES = frozenset(
    {"text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
"""Downloads never carry one of these types: their length must stay exact."""
MIN_BYTES = 500

ENCODERS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "br": lambda data: bytes(brotli.compress(data, quality=BROTLI_QUALITY)),
        "gzip": lambda data: gzip.compress(data, 6),
    }
)


def register(server: Flask) -> None:
    """Compress the answers of a server for browsers that take it."""
    server.config.update(
        COMPRESS_ALGORITHM=list(ENCODERS),
        COMPRESS_BR_LEVEL=BROTLI_QUALITY,
        COMPRESS_MIMETYPES=sorted(COMPRESSED_TYPES),
        COMPRESS_STREAMS=False,
    )
    Compress(server)  # registered first, so it runs last and leaves alone what is compressed already
    kept: dict[tuple[str, str, str], bytes] = {}
    server.after_request(lambda response: _compress_static(response, kept))


def _compress_static(response: Response, kept: dict[tuple[str, str, str], bytes]) -> Response:
    encoding = request.accept_encodings.best_match(list(ENCODERS))
    if not (encoding and is_static(request.path) and _is_worth_it(response)):
        return response
    response.direct_passthrough = False
    data = response.get_data()
    etag = response.get_etag()[0] or ""
    key = (request.path, etag or str(len(data)), encoding)
    if key not in kept:
        kept[key] = ENCODERS[encoding](data)
    response.set_data(kept[key])
    response.headers["Content-Encoding"] = encoding
    if etag:
        response.set_etag(f"{etag}:{encoding}")
    return response


def _is_worth_it(response: Response) -> bool:
    is_whole = response.status_code == 200 and request.method == "GET"
    return is_whole and response.mimetype in COMPRESSED_TYPES and (response.content_length or 0) >= MIN_BYTES
