"""About, for people who are not signed in."""

from __future__ import annotations

from flask import Response, render_template

from services.about import ABOUT
from services.version import VERSION


def about_page() -> Response:
    """The same words as the About page inside the portal."""
    return Response(render_template("about.html", sections=ABOUT, version=VERSION))
