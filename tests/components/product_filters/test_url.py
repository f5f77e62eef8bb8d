"""A listing and its address say the same."""

from __future__ import annotations

from dataclasses import fields, replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.product_filters.url import (
    PAGE_SIZES,
    has_filters,
    is_chosen,
    query_from_parameters,
    query_to_pairs,
    query_to_url,
    sorted_by,
    toggled,
    without_filters,
)
from services.errors import InvalidInput
from services.models.products import SORT_FIELDS, ProductQuery, ProductStatus
from services.models.quality import CHECK_STATES
from services.product_types import PRODUCT_TYPES

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=12)
STATUSES = [status for status in ProductStatus if status is not ProductStatus.DELETED]


def several(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(values, max_size=3, unique=True).map(tuple)


QUERIES = st.builds(
    ProductQuery,
    official=st.just(False),
    search=st.lists(WORDS, max_size=3).map(" ".join),
    product_types=several(st.sampled_from(sorted(PRODUCT_TYPES))),
    releases=several(WORDS),
    owners=several(WORDS),
    statuses=several(st.sampled_from(STATUSES)),
    checks=several(st.sampled_from(CHECK_STATES)),
    sort=st.sampled_from([*SORT_FIELDS, *(f"-{field}" for field in SORT_FIELDS)]),
    page=st.integers(1, 10**9),
    page_size=st.sampled_from(PAGE_SIZES),
)


def read_back(url: str) -> ProductQuery:
    """Query of an address, its parameters as Dash hands them on."""
    given_ = parse_qs(urlsplit(url).query, keep_blank_values=True)
    plain = {name: values[0] if len(values) == 1 else values for name, values in given_.items()}
    return query_from_parameters(plain, official=False)


@given(QUERIES)
def test_every_listing_survives_its_address(query: ProductQuery) -> None:
    assert read_back(query_to_url("/user_products", query)) == query


def test_the_default_listing_has_a_bare_address() -> None:
    assert query_to_url("/user_products", ProductQuery(official=False)) == "/user_products"
    assert read_back("/user_products") == ProductQuery(official=False)


def test_every_field_of_a_listing_stands_in_the_address() -> None:
    full = ProductQuery(False, "deep", ("other",), ("dr1",), ("demo",), (ProductStatus.FAILED,), "status", 2, 50)
    full = replace(full, checks=("good",))
    assert {name for name, _ in query_to_pairs(full)} == {
        "search", "type", "release", "owner", "status", "checks", "sort", "page", "page_size"
    }  # fmt: skip
    of_programs = {"filters", "cursor"}
    assert len({field.name for field in fields(ProductQuery)} - of_programs) == 10


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("?type=Spec-z%20Catalog", {"product_types": ("redshift_catalog",)}),
        ("?type=specz_catalog&type=redshift_catalog", {"product_types": ("redshift_catalog",)}),
        ("?owner=demo&owner=owner1", {"owners": ("demo", "owner1")}),
        ("?status=FAILED", {"statuses": (ProductStatus.FAILED,)}),
        ("?checks=Good&checks=not_run", {"checks": ("good", "not_run")}),
        ("?search=%20%20two%20%20words%20", {"search": "two words"}),
        ("?page=0", {}),
        ("?page=-3&page_size=7&sort=password&utm_source=mail", {}),
        ("?page=abc&owner=&release=%20", {}),
        ("?page=" + "9" * 40, {}),
    ],
)
def test_addresses_people_type(address: str, expected: dict[str, object]) -> None:
    assert read_back(address) == replace(ProductQuery(official=False), **expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["?type=nonsense", "?status=deleted", "?checks=fine", "?status=nonsense"])
def test_filters_that_do_not_exist_are_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="There is no"):
        read_back(address)


@given(QUERIES)
def test_toggling_twice_changes_nothing_but_the_page(query: ProductQuery) -> None:
    once = toggled(query, "owner", "somebody else")
    assert is_chosen(once, "owner", "somebody else")
    assert once.page == 1
    assert toggled(once, "owner", "somebody else") == replace(query, page=1)


def test_status_is_toggled_by_its_word() -> None:
    query = toggled(ProductQuery(), "status", "failed")
    assert query.statuses == (ProductStatus.FAILED,)
    assert is_chosen(query, "status", "failed")


def test_headings_turn_the_order_round() -> None:
    by_name = sorted_by(ProductQuery(page=4), "display_name")
    assert (by_name.sort, by_name.page) == ("display_name", 1)
    assert sorted_by(by_name, "display_name").sort == "-display_name"
    assert sorted_by(ProductQuery(sort="display_name"), "n_rows").sort == "-n_rows"
    assert sorted_by(ProductQuery(sort="-n_rows"), "n_rows").sort == "n_rows"


@given(QUERIES)
def test_clearing_filters_keeps_the_order(query: ProductQuery) -> None:
    cleared = without_filters(query)
    assert not has_filters(cleared)
    assert (cleared.sort, cleared.page_size, cleared.official) == (query.sort, query.page_size, query.official)
