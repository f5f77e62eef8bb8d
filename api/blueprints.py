"""Every group of routes beside the pages, once."""

from __future__ import annotations

from flask import Blueprint, Response

from api.downloads import downloads_blueprint
from api.errors import answer
from api.files import files_blueprint
from api.health import health_blueprint
from api.login import login_blueprint
from services.container import Container

ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def blueprints(container: Container) -> tuple[Blueprint, ...]:
    """Blueprints in the order they are registered."""
    return (
        health_blueprint(container),
        login_blueprint(container),
        files_blueprint(container),
        downloads_blueprint(container),
        _nothing_else(),
    )


def _nothing_else() -> Blueprint:
    """What programs hear at addresses that do not exist: JSON, never a page."""
    routes = Blueprint("nothing_else", __name__)

    @routes.route("/api", methods=ALL_METHODS)
    def without_slash() -> Response:
        return answer(
            404, "The address of the API ends in a slash: /api/. Set the host of the client to it.", "not_found"
        )

    @routes.route("/api/", defaults={"rest": ""}, methods=ALL_METHODS)
    @routes.route("/api/<path:rest>", methods=ALL_METHODS)
    @routes.route("/files/<path:rest>", methods=ALL_METHODS)
    def unknown(rest: str) -> Response:
        return answer(404, f"There is nothing at this address of the portal: {rest[:80]!r}.", "not_found")

    @routes.get("/robots.txt")
    def robots() -> Response:
        return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")

    return routes
