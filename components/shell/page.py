"""Pieces every page is framed with: breadcrumbs, heading, the four states, and the guard around a page's layout."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from dash import ctx, dcc, html

from components.alerts import error_panel
from services.errors import NotFound, PZServerError

Crumb = tuple[str, str]
"""Words and address of one step of the breadcrumbs."""

PATHNAME = "_pages_location.pathname"


def page(title: str, *content: Any, crumbs: Sequence[Crumb] = (), actions: Sequence[Any] = ()) -> html.Div:
    """Page with breadcrumbs, one first-level heading, actions beside it, and content.

    Parameters
    ----------
    title : str
        Heading of the page, also the last step of the breadcrumbs.
    crumbs : sequence of (words, address)
        Steps between home and this page; Home is added.
    actions : sequence of components
        Buttons shown at the right of the heading.
    """
    head = [html.H1(title, className="page-title")]
    if actions:
        head.append(html.Div(list(actions), className="page-actions"))
    return html.Div([breadcrumbs(title, crumbs), html.Div(head, className="page-head"), *content], className="page")


def breadcrumbs(here: str, crumbs: Sequence[Crumb] = ()) -> html.Nav:
    """Way from home to this page."""
    steps = [html.Li(dcc.Link(words, href=href)) for words, href in (("Home", "/"), *crumbs)]
    steps.append(html.Li(here, title=here, **{"aria-current": "page"}))
    return html.Nav(html.Ol(steps, className="crumbs-list"), className="crumbs", **{"aria-label": "Breadcrumb"})


def skeleton(height_px: int, label: str = "Loading") -> html.Div:
    """Grey field of the final size while content is on its way."""
    return html.Div(
        html.Span(label, className="visually-hidden"), className="skeleton", style={"height": f"{height_px}px"}
    )


def empty_state(sentence: str, *next_steps: Any) -> html.Div:
    """What is shown when there is nothing yet, and what to do next."""
    return html.Div([html.P(sentence), *next_steps], className="state state-empty")


def refusal(error: PZServerError) -> html.Div:
    """Whole page that says why there is nothing to see."""
    if isinstance(error, NotFound):
        return not_found(error.message)
    return page("This page cannot be shown", error_panel(error))


def not_found(sentence: str) -> html.Div:
    """Whole page for an address without content."""
    lists = html.P(
        [
            dcc.Link("Rubin Observatory PZ Data Products", href="/official_products"),
            " · ",
            dcc.Link("User-generated Data Products", href="/user_products"),
        ]
    )
    return page("Not found", empty_state(sentence, lists))


def guarded_layout(layout: Callable[..., Any], template: str | None) -> Callable[..., Any]:
    """Layout that cannot take a page down.

    Path variables are read from the path, not from the query string that could override them; query parameters the
    layout does not know are dropped; an expected error becomes a page that says what happened.
    """
    names, takes_all = _parameters(layout)

    def build(**given: Any) -> Any:
        wanted = {key: value for key, value in given.items() if takes_all or key in names}
        try:
            return layout(**(wanted | _path_variables(template)))
        except PZServerError as error:
            return refusal(error)

    return build


def guarded_title(title: Callable[..., str]) -> Callable[..., str]:
    """Title that says "Not found" when there is nothing to name."""

    def build(**given: Any) -> str:
        try:
            return title(**given)
        except PZServerError:
            return "Not found"

    return build


def _parameters(layout: Callable[..., Any]) -> tuple[set[str], bool]:
    parameters = inspect.signature(layout).parameters.values()
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    return {parameter.name for parameter in parameters}, takes_all


def _path_variables(template: str | None) -> dict[str, str]:
    """Values of the ``<name>`` parts of a template in the path of the page being opened."""
    if not template:
        return {}
    path = str(ctx.inputs.get(PATHNAME, ""))
    parts = zip(template.strip("/").split("/"), path.strip("/").split("/"), strict=False)
    return {want[1:-1]: part for want, part in parts if want.startswith("<")}
