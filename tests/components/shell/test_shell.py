"""The frame: who is signed in, where one is, and pages that cannot be taken down."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import dash
import pytest
from dash import html
from dash._callback_context import context_value
from dash._utils import AttributeDict

from components.shell.header import header
from components.shell.layout import banner
from components.shell.page import breadcrumbs, guarded_layout, guarded_title, page
from services.errors import NotAllowed, NotFound
from services.models.identity import Actor

ACTOR = Actor(1, "ann", "Ann Example")


@pytest.fixture
def at() -> Iterator[Any]:
    """Say at which path the routing callback runs."""
    tokens = []

    def go(path: str) -> None:
        inputs = [{"id": "_pages_location", "property": "pathname", "value": path}]
        tokens.append(context_value.set(AttributeDict(input_values={"_pages_location.pathname": path}, inputs=inputs)))

    yield go
    for token in tokens:
        context_value.reset(token)


def test_the_bar_shows_the_person_and_the_ways() -> None:
    words = str(header(ACTOR))
    for expected in (
        "Ann Example",
        "Rubin Observatory PZ Data Products",
        "User-generated Data Products",
        "Upload",
        "Documentation",
        "About",
        "API Token",
        "Log out",
        "/user_products?owner=ann",
        "Skip to content",
    ):
        assert expected in words


@pytest.mark.parametrize(("environment", "is_shown"), [("production", False), ("staging", True), ("development", True)])
def test_only_other_portals_carry_a_banner(environment: str, is_shown: bool) -> None:
    assert (banner(environment) is not None) is is_shown


def test_breadcrumbs_lead_home_and_end_here() -> None:
    words = str(breadcrumbs("Field", [("User-generated Data Products", "/user_products")]))
    assert words.index("Home") < words.index("/user_products") < words.index("'Field'")
    assert "aria-current" in words


def test_a_page_has_one_first_level_heading() -> None:
    assert str(page("Title", html.P("text"), actions=[html.Button("Do")])).count("H1(") == 1


def test_the_path_decides_not_the_query(at: Any) -> None:
    at("/product/6_a")
    build = guarded_layout(lambda name, **_: name, "/product/<name>")
    assert build(name="7_evil") == "6_a"


def test_unknown_query_parameters_do_no_harm(at: Any) -> None:
    at("/list")
    build = guarded_layout(lambda search="": f"<{search}>", None)
    assert build(search="a", utm_source="mail") == "<a>"


@pytest.mark.parametrize(
    ("error", "expected"),
    [(NotFound("There is no such product."), "Not found"), (NotAllowed("Only the owner may edit."), "Not allowed")],
)
def test_a_refused_page_says_why(at: Any, error: Exception, expected: str) -> None:
    at("/product/1")

    def layout() -> html.Div:
        raise error

    words = str(guarded_layout(layout, None)())
    assert expected in words
    assert str(error) in words


def test_a_title_without_a_product_is_not_found() -> None:
    def title(name: str) -> str:
        raise NotFound(name)

    assert guarded_title(title)(name="x") == "Not found"


def test_a_variable_of_an_address_stands_for_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    from components.shell import document

    registry = {
        "new": {"path_template": None, "path": "/product/new"},
        "product": {"path_template": "/product/<name>", "path": "/product/none"},
    }
    monkeypatch.setattr(document, "dash", SimpleNamespace(page_registry=registry))
    assert document.page_at("/product/new")[0] is registry["new"]
    assert document.page_at("/product/5_a") == (registry["product"], {"name": "5_a"})
    assert document.page_at("/product/5_a/b") == ({}, {})
    assert dash is not document.dash
