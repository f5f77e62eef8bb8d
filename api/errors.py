"""The table from an error of the services to an HTTP answer, and the answers for everything else that fails."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from api.wire import InvalidFields
from services.errors import (
    Conflict,
    InvalidInput,
    MissingColumns,
    NoTable,
    NotAllowed,
    NotATable,
    NotFound,
    NotSignedIn,
    PZServerError,
    StillRunning,
    TooLarge,
    Unavailable,
    UnreadableTable,
)

logger = logging.getLogger(__name__)

STATUS: dict[type[PZServerError], int] = {
    PZServerError: 400,
    NotFound: 404,
    NotAllowed: 403,
    NotSignedIn: 401,
    InvalidInput: 400,
    Conflict: 409,
    MissingColumns: 406,
    TooLarge: 413,
    UnreadableTable: 422,
    NotATable: 422,
    NoTable: 422,
    StillRunning: 202,
    Unavailable: 503,
}

SENTENCES = {
    400: "The request could not be understood. Check what was sent and try again.",
    401: "Log in, or send an API token, to go on.",
    403: "You may not do this.",
    404: "There is nothing at this address. Check it, or go back to the lists of products.",
    405: "This address does not take that kind of request.",
    411: "The request must say how long it is (Content-Length).",
    413: "This is larger than the portal accepts.",
    414: "The address is too long.",
    415: "The portal cannot read this kind of content.",
    429: "Too many tries. Wait a little and try again.",
    500: "Something failed inside the portal. It was logged; give the request id to the operator if it happens again.",
    503: "A part of the portal does not answer right now. Try again in a minute.",
}
STALE_PAGE = "This page was open for too long, or its session has ended. Go back, reload it and try again."
MACHINE_PREFIXES = ("/api", "/files", "/_", "/healthz", "/readyz")
TITLES = {403: "Not allowed", 404: "Not found", 429: "Too many tries", 500: "The portal failed", 503: "Not available"}


def status_of(error: PZServerError) -> int:
    """HTTP status of an error: that of the nearest class in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def wants_json() -> bool:
    """Whether the caller is a program: the API, an upload, or the page's own callbacks."""
    return request.path.startswith(MACHINE_PREFIXES)


def error_body(error: PZServerError) -> dict[str, Any]:
    """JSON object of an error: always ``detail``, ``code`` and ``request_id``, and what the class adds."""
    body: dict[str, Any] = {"detail": error.message, "code": error.code, "request_id": request_id()}
    if isinstance(error, InvalidFields):
        body |= error.reasons
    elif isinstance(error, InvalidInput) and error.field:
        body[error.field] = [error.message]
    if isinstance(error, MissingColumns):
        body |= {"missing": list(error.missing), "candidates": error.candidates}
    if isinstance(error, StillRunning):
        body |= {"status": "running", "progress": error.progress}
    return body


def request_id() -> str:
    """Id of the running request, as logged and as sent in ``X-Request-ID``."""
    return str(g.get("request_id", "-"))


def answer(status: int, detail: str, code: str) -> Response:
    """JSON or a small page, whichever the caller reads."""
    if wants_json():
        response = jsonify(detail=detail, code=code, request_id=request_id())
    else:
        title = TITLES.get(status, "This did not work")
        response = Response(render_template("error.html", title=title, detail=detail, status=status))
    response.status_code = status
    return response


def register(server: Flask) -> None:
    """Hang the handlers on a server."""
    server.register_error_handler(PZServerError, _service_error)
    server.register_error_handler(HTTPException, _http_error)
    server.register_error_handler(ParseException, _broken_body)
    server.register_error_handler(500, _unexpected)


def _service_error(error: PZServerError) -> Response:
    status = status_of(error)
    if not wants_json():
        return answer(status, error.message, error.code)
    response = jsonify(error_body(error))
    response.status_code = status
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    detail = STALE_PAGE if isinstance(error, CSRFError) else SENTENCES.get(status, SENTENCES[400])
    response = answer(status, detail, f"http_{status}")
    response.headers.extend([pair for pair in error.get_headers() if pair[0] in ("Allow", "Retry-After")])
    return response


def _broken_body(_: ParseException) -> Response:
    """The server met wrong chunks in the middle of a body, while a route read it."""
    return answer(400, SENTENCES[400], "http_400")


def _unexpected(error: HTTPException) -> Response:
    cause = getattr(error, "original_exception", None) or error
    logger.error("request failed unexpectedly", extra={"request_id": request_id()}, exc_info=cause)
    return answer(500, f"{SENTENCES[500]} Request id: {request_id()}", "unexpected")
