"""Boxes of a list and the button that compares what is ticked."""

from __future__ import annotations

from components.product_summary.layout import head
from components.product_table.layout import USER, product_list, product_row
from components.product_table.ticks import NO_TABLE, compare_bar, tick_box
from services.models.products import Facets, ProductPage, ProductQuery
from tests.components.tree import find, words
from tests.components.values import MINE, product

NO_FACETS = Facets((), (), (), ())


def test_a_box_names_its_product_and_is_a_checkbox() -> None:
    (box,) = find(product_row(product(n_columns=6), MINE), "Button", role="checkbox")
    facts = box.to_plotly_json()["props"]
    assert facts["data-compare-tick"] == "7_deep_field"
    assert facts["data-compare-name"] == "Deep field"
    assert (facts["aria-checked"], facts["disabled"]) == ("false", False)
    assert "Deep field" in facts["aria-label"]


def test_a_product_without_a_table_says_why_it_cannot_be_ticked() -> None:
    place = tick_box(product(n_columns=None))
    (box,) = find(place, "Button")
    assert box.disabled
    assert "data-compare-tick" not in box.to_plotly_json()["props"]
    assert place.title == NO_TABLE


def test_the_button_begins_disabled_with_the_reason_beside_it() -> None:
    bar = compare_bar()
    (go,) = find(bar, "Button", disabled=True)
    assert "Tick 2 to 4 products" in words(bar)
    assert go.to_plotly_json()["props"]["aria-describedby"] == "compare-hint"


def test_a_list_without_products_offers_nothing_to_compare() -> None:
    query = ProductQuery(official=False)
    empty = product_list(USER, query, ProductPage((), 0, 1, 25), NO_FACETS, {})
    assert find(empty, "Span", id="compare-hint") == []
    filled = product_list(USER, query, ProductPage((product(),), 1, 1, 25), NO_FACETS, {7: MINE})
    assert len(find(filled, "Span", id="compare-hint")) == 1


def test_a_product_page_leads_to_its_comparison() -> None:
    (link,) = find(head(product(n_columns=6), MINE), "Link", children="Compare")
    assert link.href == "/compare?v=1&products=7_deep_field&norm=1"
    for cut, carried in (("mag_i<24", "&cut=mag_i+%3C+24"), ("mag_i <", ""), (" ", "")):
        (link,) = find(head(product(n_columns=6), MINE, cut), "Link", children="Compare")
        assert link.href == f"/compare?v=1&products=7_deep_field&norm=1{carried}"
    assert find(head(product(n_columns=None), MINE), "Link", children="Compare") == []
