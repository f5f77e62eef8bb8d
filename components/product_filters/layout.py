"""Rail beside a product list: search, and the choices of every filter with the number of products behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import dcc, html

from components.product_filters.url import (
    has_filters,
    is_chosen,
    query_to_pairs,
    query_to_url,
    toggled,
    without_filters,
)
from components.quantities import count_text
from components.verdicts import state_word
from services.models.products import Facets, FacetValue, ProductQuery

LONG_FACET = 8
"""Choices shown at once; the rest is one click away."""


class Ids:
    """Ids of the rail."""

    rail = "list-rail"
    search = "list-search"


def filter_rail(path: str, query: ProductQuery, facets: Facets) -> html.Aside:
    """Filters of one list. Every choice is a link, so Back and copied addresses work without more ado."""
    groups = [
        facet_group("Product Type", "type", path, query, facets.product_types),
        facet_group("Release", "release", path, query, facets.releases),
        facet_group("Owner", "owner", path, query, facets.owners),
    ]
    if not query.official:
        groups.append(facet_group("Status", "status", path, query, facets.statuses))
    checks = [replace(choice, label=state_word(choice.value)) for choice in facets.checks]
    groups.append(facet_group("Checks", "checks", path, query, checks))
    return html.Aside(
        [search_form(path, query), _fold_button(), html.Div(groups, id=Ids.rail)],
        className="list-rail",
        **{"aria-label": "Filters"},
    )


def search_form(path: str, query: ProductQuery) -> html.Form:
    """Search that keeps the filters in force."""
    kept = [(name, value) for name, value in query_to_pairs(query) if name not in ("search", "page")]
    box = dcc.Input(id=Ids.search, name="search", type="search", value=query.search, autoComplete="off")
    return html.Form(
        [
            html.Label("Search this list", htmlFor=Ids.search, className="form-label"),
            html.Div(
                [box, html.Button("Search", type="submit", className="btn btn-outline-primary")], className="row-of"
            ),
            html.Div("Name, description, owner, code, column names", className="form-text"),
            *(_hidden(place, name, value) for place, (name, value) in enumerate(kept)),
        ],
        action=path,
        method="get",
        role="search",
        className="list-search",
        **{"data-list-form": ""},
    )


def _hidden(place: int, name: str, value: str) -> dcc.Input:
    return dcc.Input(id=f"list-kept-{place}", type="hidden", name=name, value=value)


def _fold_button() -> html.Button:
    return html.Button(
        "Filters",
        type="button",
        className="btn btn-outline-secondary list-fold",
        **{"aria-expanded": "false", "aria-controls": Ids.rail, "data-fold": ""},
    )


def facet_group(
    title: str, parameter: str, path: str, query: ProductQuery, values: Sequence[FacetValue]
) -> html.Section | None:
    """Choices of one filter; nothing when there is nothing to choose."""
    if not values:
        return None
    choices = [_choice(parameter, path, query, value) for value in values]
    shown: list[Any] = [html.Ul(choices[:LONG_FACET], className="facet-list")]
    if len(choices) > LONG_FACET:
        rest = html.Ul(choices[LONG_FACET:], className="facet-list")
        shown.append(html.Details([html.Summary(f"{len(choices) - LONG_FACET} more"), rest], className="facet-more"))
    return html.Section([html.H2(title, className="facet-title"), *shown], className="facet")


def _choice(parameter: str, path: str, query: ProductQuery, value: FacetValue) -> html.Li:
    chosen = is_chosen(query, parameter, value.value)
    state = html.Span(", chosen, click to remove" if chosen else ", click to add", className="visually-hidden")
    link = dcc.Link(
        [
            html.Span(className="facet-box", **{"aria-hidden": "true"}),
            html.Span([value.label, state], className="facet-word"),
            html.Span(count_text(value.count), className="facet-count"),
        ],
        href=query_to_url(path, toggled(query, parameter, value.value)),
        className="facet-choice is-chosen" if chosen else "facet-choice",
    )
    return html.Li(link)


def reset_link(path: str, query: ProductQuery) -> dcc.Link | None:
    """Way out of all filters; nothing when there are none."""
    if not has_filters(query):
        return None
    return dcc.Link("Clear all filters", href=query_to_url(path, without_filters(query)), className="facet-reset")
