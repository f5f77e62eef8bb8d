"""Every group of routes beside the pages, once."""

from __future__ import annotations

from flask import Blueprint

from api.health import health_blueprint
from api.login import login_blueprint
from services.container import Container


def blueprints(container: Container) -> tuple[Blueprint, ...]:
    """Blueprints in the order they are registered."""
    return (health_blueprint(container), login_blueprint(container))
