"""Top bar: wordmark, navigation, search, theme switch, user menu; ``assets/js/shell.js`` makes it move."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import dcc, html

from services.models.identity import Actor

PRODUCT_LISTS = (
    ("/official_products", "Rubin Observatory PZ Data Products"),
    ("/user_products", "User-generated Data Products"),
)
BOARD = ("/leaderboard", "Leaderboard of validation results")
LINKS = (("/product/new", "Upload"), ("/documentation", "Documentation"), ("/about", "About"))
USER_LINKS = (("/tokens", "API Token"),)


class Ids:
    """Ids of the top bar."""

    search = "shell-search"


def header(actor: Actor) -> html.Header:
    """Top bar for a signed-in person."""
    return html.Header(
        [
            html.A("Skip to content", href="#main", className="shell-skip"),
            html.Div(
                [
                    _wordmark(),
                    _burger(),
                    html.Div([_navigation(), _tools(actor)], className="shell-fold", id="shell-fold"),
                ],
                className="shell-bar",
            ),
        ],
        className="shell-header",
    )


def _wordmark() -> dcc.Link:
    return dcc.Link([html.Span("Photo-z", className="shell-accent"), " Server"], href="/", className="shell-wordmark")


def _burger() -> html.Button:
    return html.Button(
        "Menu",
        type="button",
        className="shell-burger",
        **{"aria-expanded": "false", "aria-controls": "shell-fold", "data-shell-burger": ""},
    )


def _navigation() -> html.Nav:
    lists = html.Details(
        [
            html.Summary("Data Products", className="shell-link"),
            html.Div([_link(href, words) for href, words in (*PRODUCT_LISTS, BOARD)], className="shell-menu"),
        ],
        className="shell-drop",
    )
    return html.Nav(
        [lists, *(_link(href, words) for href, words in LINKS)], className="shell-nav", **{"aria-label": "Main"}
    )


def _link(href: str, words: str) -> dbc.NavLink:
    return dbc.NavLink(words, href=href, active="exact", class_name="shell-link")


def _tools(actor: Actor) -> html.Div:
    return html.Div([_search(), _theme_switch(), _user_menu(actor)], className="shell-tools")


def _search() -> html.Form:
    return html.Form(
        [
            html.Label("Search products", htmlFor=Ids.search, className="visually-hidden"),
            dcc.Input(
                id=Ids.search, type="search", name="search", placeholder="Search products   /", autoComplete="off"
            ),
        ],
        action="/user_products",
        method="get",
        role="search",
        className="shell-search",
        **{"data-shell-search": ""},
    )


def _theme_switch() -> html.Button:
    return html.Button(
        [
            html.Span(className="shell-theme-sign", **{"aria-hidden": "true"}),
            html.Span("Dark theme", className="shell-theme-word"),
        ],
        type="button",
        className="shell-theme",
        **{"aria-pressed": "false", "data-theme-toggle": ""},
    )


def _user_menu(actor: Actor) -> html.Details:
    mine = _link(f"/user_products?owner={actor.username}", "My products")
    leave = html.Button("Log out", type="button", className="shell-link", **{"data-logout": ""})
    return html.Details(
        [
            html.Summary(actor.display_name or actor.username, className="shell-link shell-user"),
            html.Div(
                [mine, *(_link(href, words) for href, words in USER_LINKS), leave],
                className="shell-menu shell-menu-end",
            ),
        ],
        className="shell-drop",
    )
