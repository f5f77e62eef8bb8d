"""Answers a caller's copy of which may still be right: known from the table's mark, before anything is computed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, request

from api.wire import respond


def marked(mark: str, make: Callable[[], Any]) -> Response:
    """The answer of ``make``, or 304 when the caller has it.

    Parameters
    ----------
    mark : str
        Changes with the table; the address and its parameters are taken in here.
    """
    address = f"{request.path}?{request.query_string.decode('ascii', 'replace')}"
    etag = hashlib.sha256(f"{mark} {address}".encode()).hexdigest()[:32]
    known = next((tag for tag in request.if_none_match.as_set(include_weak=True) if tag.split(":")[0] == etag), None)
    response = Response(status=304) if known is not None else respond(make())
    response.set_etag(known or etag)
    response.headers["Cache-Control"] = "private, no-cache"
    if known is not None or response.is_streamed:
        response.headers.add("Vary", "Authorization, Cookie")
    return response
