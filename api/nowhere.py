"""What programs hear at addresses that do not exist, or do not take their method: JSON, never a page."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from api.errors import SENTENCES, answer
from api.wire import respond

ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CATCH_ALL = "nowhere.unknown"


def nowhere_blueprint() -> Blueprint:
    """Routes that take what no other takes."""
    routes = Blueprint("nowhere", __name__)

    @routes.route("/api", methods=ALL_METHODS)
    def without_slash() -> Response:
        return answer(
            404, "The address of the API ends in a slash: /api/. Set the host of the client to it.", "not_found"
        )

    @routes.route("/api/", defaults={"rest": ""}, methods=ALL_METHODS, provide_automatic_options=False)
    @routes.route("/api/<path:rest>", methods=ALL_METHODS, provide_automatic_options=False)
    @routes.route("/files/<path:rest>", methods=ALL_METHODS)
    def unknown(rest: str) -> Response:
        allowed = _allowed_methods()
        if not allowed:
            return answer(404, f"There is nothing at this address of the portal: {rest[:80]!r}.", "not_found")
        if request.method == "OPTIONS":
            response = respond({"name": request.path, "methods": allowed})
        else:
            response = answer(405, SENTENCES[405], "http_405")
        response.headers["Allow"] = ", ".join(allowed)
        return response

    @routes.get("/robots.txt")
    def robots() -> Response:
        return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")

    return routes


def _allowed_methods() -> list[str]:
    """Methods that some other route takes at this address."""
    adapter = current_app.url_map.bind_to_environ(request.environ)
    return [method for method in ALL_METHODS if _is_taken(adapter, method)]


def _is_taken(adapter, method: str) -> bool:  # type: ignore[no-untyped-def]
    try:
        endpoint, _ = adapter.match(method=method)
    except HTTPException:
        return False
    return endpoint != CATCH_ALL
