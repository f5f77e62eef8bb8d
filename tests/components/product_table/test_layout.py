"""Product lists as people read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.product_filters.layout import LONG_FACET, filter_rail
from components.product_table.layout import (
    COLUMNS,
    OFFICIAL,
    USER,
    count_line,
    notice,
    pages,
    product_list,
    product_row,
    row_actions,
)
from services.models.products import SORT_FIELDS, Facets, FacetValue, ProductPage, ProductQuery, ProductStatus
from tests.components.tree import elements, find, words
from tests.components.values import MINE, NOT_MINE, product

QUERY = ProductQuery(official=False)
NO_FACETS = Facets((), (), (), ())


def shown(found: ProductPage, query: ProductQuery = QUERY) -> object:
    return product_list(USER, query, found, NO_FACETS, {item.id: MINE for item in found.items})


def test_a_row_tells_what_the_list_promises() -> None:
    row = product_row(product(release_name="DR1"), MINE)
    text = words(row)
    for part in ("Deep field", "DR1", "Spec-z Catalog", "Demo User", "1,234,567", "3.2 MiB", "Published", "2026-03-04"):
        assert part in text
    (name,) = find(row, "Link", className="product-name")
    assert name.href == "/product/7_deep_field"
    assert name.title == "Spectra of a *deep* field"
    (date,) = find(row, "Time")
    assert "05:06:07 UTC" in date.title


def test_long_descriptions_are_cut_at_a_word() -> None:
    (name,) = find(product_row(product(description="word " * 200), MINE), "Link", className="product-name")
    assert len(name.title) <= 302
    assert name.title.endswith("word …")


def test_every_cell_of_a_card_has_its_label() -> None:
    labels = [cell.to_plotly_json()["props"].get("data-label") for cell in find(product_row(product(), MINE), "Td")]
    assert labels == [heading for heading, _ in COLUMNS[1:]]


def test_every_sort_field_has_its_heading() -> None:
    assert {field for _, field in COLUMNS if field} == set(SORT_FIELDS)


def test_actions_of_ones_own_product() -> None:
    download, share, edit, delete = row_actions(product(), MINE)
    assert download.href == "/api/products/7/download_main_file/"
    assert share.to_plotly_json()["props"]["data-share"] == "/product/7_deep_field"
    assert edit.href == "/product/edit/7_deep_field"
    assert delete.id == {"type": "product-list-delete", "product": 7}
    assert [words(action) for action in (download, share, edit, delete)] == [
        f"{verb}  Deep field" for verb in ("Download", "Share", "Edit", "Delete")
    ]


def test_what_is_not_allowed_is_disabled_with_its_reason() -> None:
    *_, edit, delete = row_actions(product(), NOT_MINE)
    assert (edit.title, delete.title) == ("Only its owner may.", "Not yours.")
    assert all(button.disabled for button in find([edit, delete], "Button"))


def test_without_a_main_file_the_zip_is_offered() -> None:
    assert row_actions(product(main_file_name=None), MINE)[0].href == "/api/products/7/download/"


def test_unpublished_products_say_so() -> None:
    assert "Draft" in words(product_row(product(status=ProductStatus.REGISTERING), MINE))
    assert "Failed" in words(product_row(product(status=ProductStatus.FAILED), MINE))


def test_the_sorted_column_is_marked() -> None:
    page = shown(ProductPage((product(),), 1, 1, 25), replace(QUERY, sort="-n_rows"))
    marked = {words(th): th.to_plotly_json()["props"].get("aria-sort") for th in find(page, "Th", scope="col")}
    assert marked["Rows ↓"] == "descending"
    assert [heading for heading, sort in marked.items() if sort] == ["Rows ↓"]


@pytest.mark.parametrize(
    ("query", "total", "sentence", "way_on"),
    [
        (QUERY, 0, "Yours can be the first", "/product/new"),
        (replace(QUERY, search="zzz"), 0, "No product passes these filters", "/user_products"),
        (replace(QUERY, page=9), 30, "fewer pages", "/user_products"),
    ],
)
def test_empty_lists_say_what_to_do_next(query: ProductQuery, total: int, sentence: str, way_on: str) -> None:
    page = shown(ProductPage((), total, query.page, 25), query)
    assert sentence in words(page)
    assert find(page, "Link", href=way_on)


def test_an_empty_official_list_offers_no_upload() -> None:
    page = product_list(OFFICIAL, ProductQuery(official=True), ProductPage((), 0, 1, 25), NO_FACETS, {})
    assert not find(page, "Link", href="/product/new")


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (ProductPage((product(),), 1, 1, 25), "1 product"),
        (ProductPage((product(),) * 25, 1200, 2, 25), "1,200 products, showing 26–50"),
        (ProductPage((), 0, 1, 25), "No products"),
    ],
)
def test_counts_in_words(found: ProductPage, sentence: str) -> None:
    assert words(count_line(found)) == sentence


def test_pages_lead_near_and_far() -> None:
    query = replace(QUERY, page=10, owners=("demo",))
    nav = pages("/user_products", query, ProductPage((product(),), 500, 10, 25))
    steps = [words(step).replace("Page  ", "") for step in find(nav, "Li")]
    assert steps == ["1", "…", "8", "9", "10", "11", "12", "…", "20"]
    assert find(nav, "Link", href="/user_products?owner=demo&page=11")
    assert find(nav, "Link", href="/user_products?owner=demo&page_size=100")


def test_one_page_needs_no_page_links() -> None:
    assert pages("/user_products", QUERY, ProductPage((product(),), 25, 1, 25)) is None


def test_choices_are_links_with_counts() -> None:
    facets = replace(NO_FACETS, product_types=(FacetValue("other", "Other", 1234), FacetValue("training_set", "TS", 2)))
    rail = filter_rail("/user_products", replace(QUERY, product_types=("other",)), facets)
    assert "1,234" in words(rail)
    assert find(rail, "Link", href="/user_products", className="facet-choice is-chosen")
    assert find(rail, "Link", href="/user_products?type=other&type=training_set", className="facet-choice")


def test_filters_in_force_can_be_cleared_at_once() -> None:
    page = shown(ProductPage((product(),), 1, 1, 25), replace(QUERY, search="deep", sort="owner"))
    (clear,) = find(page, "Link", className="facet-reset")
    assert clear.href == "/user_products?sort=owner"
    assert not find(shown(ProductPage((product(),), 1, 1, 25)), "Link", className="facet-reset")


def test_long_filters_fold_their_tail() -> None:
    many = tuple(FacetValue(f"o{n}", f"Owner {n}", 1) for n in range(LONG_FACET + 3))
    rail = filter_rail("/user_products", QUERY, replace(NO_FACETS, owners=many))
    (more,) = find(rail, "Details")
    assert words(more).startswith("3 more")


def test_official_lists_have_no_status_filter() -> None:
    facets = replace(NO_FACETS, statuses=(FacetValue("published", "Published", 3),))
    assert "Status" not in words(filter_rail("/official_products", ProductQuery(official=True), facets))
    assert "Status" in words(filter_rail("/user_products", QUERY, facets))


def test_search_keeps_the_filters_but_not_the_page() -> None:
    query = replace(QUERY, owners=("demo",), page=3, search="deep")
    kept = {
        (box.name, box.value) for box in find(filter_rail("/user_products", query, NO_FACETS), "Input", type="hidden")
    }
    assert kept == {("owner", "demo")}


def test_inputs_have_labels() -> None:
    rail = filter_rail("/user_products", QUERY, NO_FACETS)
    labelled = {label.htmlFor for label in find(rail, "Label")}
    assert {box.id for box in find(rail, "Input") if box.type != "hidden"} <= labelled


def test_notice_offers_the_way_back() -> None:
    assert "Undo" in words(notice("Gone.", product()))
    assert "Undo" not in words(notice("Back."))


def test_ids_are_unique() -> None:
    page = shown(ProductPage((product(1), product(2)), 2, 1, 25))
    ids = [str(element.id) for element in elements(page) if getattr(element, "id", None)]
    assert len(ids) == len(set(ids))
