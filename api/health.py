"""Health checks for process supervisors and load balancers; open to everybody, they tell no secrets."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from services.container import Container
from services.database import check_database
from services.errors import Unavailable

PARTS: tuple[tuple[str, Callable[[Container], object]], ...] = (
    ("database", lambda container: check_database(container.engine)),
    ("storage", lambda container: container.storage.check()),
    ("queue", lambda container: container.queue.check()),
)


def failing_parts(container: Container) -> dict[str, str]:
    """Name of each part that does not answer, with the reason."""
    failing = {}
    for name, check in PARTS:
        try:
            check(container)
        except Unavailable as failure:
            failing[name] = failure.message
    return failing


def health_blueprint(container: Container) -> Blueprint:
    """Routes ``/healthz`` (the process lives) and ``/readyz`` (database, storage and queue answer)."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def alive() -> Response:
        return jsonify(status="ok")

    @routes.get("/readyz")
    def ready() -> tuple[Response, int]:
        failing = failing_parts(container)
        if failing:
            return jsonify(status="unavailable", reasons=failing), 503
        return jsonify(status="ok"), 200

    return routes
