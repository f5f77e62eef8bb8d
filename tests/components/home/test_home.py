"""Home."""

from __future__ import annotations

from components.home.layout import home_page
from tests.components.tree import find, words
from tests.components.values import product


def test_counts_lists_and_newest_products() -> None:
    page = home_page((1, 12345), [product(1, "First"), product(2, "Second", n_rows=None)], "http://pz.example")
    text = words(page)
    for part in ("1  product", "12,345  products", "First", "Second", "1,234,567 rows", "no table"):
        assert part in text
    assert find(page, "Link", href="/official_products")
    assert find(page, "Link", href="/user_products")
    assert find(page, "Link", href="/product/1_deep_field")


def test_python_start_speaks_to_this_portal() -> None:
    (code,) = find(home_page((0, 0), [], "http://pz.example"), "Code")
    assert len(code.children.splitlines()) == 3
    assert 'host="http://pz.example/api/"' in code.children


def test_an_empty_portal_says_what_to_do() -> None:
    assert find(home_page((0, 0), [], ""), "Link", href="/product/new")


def test_headings_go_down_step_by_step() -> None:
    page = home_page((1, 1), [product()], "")
    assert len(find(page, "H1")) == 1
    assert len(find(page, "H2")) == 4
    assert len(find(page, "H3")) == 1
