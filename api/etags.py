"""Every JSON answer of the API has an ETag, and a caller whose copy is still right hears 304."""

from __future__ import annotations

from flask import Flask, Response, request

from api.paths import API_PREFIX


def register(server: Flask) -> None:
    """Mark the answers of a server."""
    server.after_request(_marked)


def _marked(response: Response) -> Response:
    if not _is_markable(response):
        return response
    if "ETag" not in response.headers:
        response.add_etag()
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers.add("Vary", "Authorization, Cookie")
    response.make_conditional(request)
    return response


def _is_markable(response: Response) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and request.path.startswith(API_PREFIX)
        and response.status_code == 200
        and response.mimetype == "application/json"
        and not response.is_streamed
    )
