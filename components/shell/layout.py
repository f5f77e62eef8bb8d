"""The whole frame: built for each page load, because it shows who is signed in."""

from __future__ import annotations

import dash
from dash import html

from components.alerts import TOASTS_ID
from components.shell.header import header
from services.context import current_context
from services.version import LICENCE, VERSION

FOOTER_LINKS = (("/documentation", "Documentation"), ("/api/docs/", "API"), ("/about", "About"))
BANNERS = {
    "development": "Development portal: data here may vanish at any time.",
    "staging": "Staging portal: for trying things out before they reach the public portal.",
}


def shell() -> html.Div:
    """Frame with the page inside; nothing but the page container while nobody is signed in."""
    context = current_context()
    if context.actor is None:
        return html.Div(dash.page_container)
    return html.Div(
        [
            header(context.actor),
            banner(context.container.settings.environment),
            html.Main(dash.page_container, id="main", tabIndex="-1", className="shell-main"),
            footer(),
            html.Div(id=TOASTS_ID, className="shell-toasts", **{"aria-live": "polite"}),
        ],
        className="shell",
    )


def banner(environment: str) -> html.Div | None:
    """Line that says this is not the public portal; nothing in production."""
    words = BANNERS.get(environment)
    return html.Div(words, className="shell-banner", role="note") if words else None


def footer() -> html.Footer:
    """Version, licence, links."""
    links = [html.A(words, href=href) for href, words in FOOTER_LINKS]
    return html.Footer(
        [html.Span(f"PZ Server {VERSION}"), html.Span(f"{LICENCE} licence"), *links],
        className="shell-footer",
    )
