"""Head, state strip, tabs and history of the product page."""

from __future__ import annotations

import pytest

from components.product_summary.history import history_list
from components.product_summary.layout import chosen_tab, head, product_page, python_snippet, revision
from components.product_summary.status import status_strip
from services.models.products import ProductColumn, ProductEvent, ProductStatus
from services.models.quality import Verdict
from tests.components.tree import find, words
from tests.components.values import MINE, NOT_MINE, THEN, product


def column(name: str, role: str | None, **more: object) -> ProductColumn:
    return ProductColumn(1, 7, name, 0, "float64", role=role, **more)  # type: ignore[arg-type]


def test_head_says_what_it_is_and_offers_both_downloads() -> None:
    shown = product(main_file_sha256="ab" * 32, official=True, release_name="DP1")
    text = words(head(shown, MINE))
    for part in (
        "Deep field",
        "Official",
        "Spec-z Catalog",
        "DP1",
        "1,234,567",
        "3.2 MiB",
        "abababababab",
        "2026-03-04",
    ):
        assert part in text
    assert find(head(shown, MINE), "A", href="/api/products/7/download_main_file")
    assert find(head(shown, MINE), "A", href="/api/products/7/download")


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "Visible to all users"),
        ({"release_group_ids": frozenset({3})}, "Visible to groups of its release"),
        ({"status": ProductStatus.REGISTERING}, "Visible to you"),
    ],
)
def test_head_says_who_sees_it(facts: dict[str, object], sentence: str) -> None:
    assert sentence in words(head(product(**facts), MINE))


def test_a_long_name_is_cut_until_it_has_the_focus() -> None:
    (short,) = find(head(product(name="Deep field"), MINE), "H1")
    (long,) = find(head(product(name="x" * 255), MINE), "H1")
    assert "long-name" not in short.className
    assert "long-name" in long.className
    assert (long.children, long.title, long.tabIndex) == ("x" * 255, "x" * 255, "0")


def test_what_is_not_allowed_is_disabled_with_the_reason() -> None:
    shown = head(product(), NOT_MINE)
    assert len(find(shown, "Button", disabled=True)) == 2
    assert {"Only its owner may.", "Not yours."} <= {getattr(span, "title", "") for span in find(shown, "Span")}


@pytest.mark.parametrize(
    ("kind", "main", "wanted", "tab"),
    [
        ("redshift_catalog", "a.csv", None, "explore"),
        ("redshift_catalog", "a.csv", "files", "files"),
        ("redshift_catalog", "a.csv", "no_such", "explore"),
        ("redshift_catalog", None, None, "about"),
        ("training_results", "a.tar", None, "about"),
    ],
)
def test_tab_of_an_address(kind: str, main: str | None, wanted: str | None, tab: str) -> None:
    assert chosen_tab(product(product_type=kind, main_file_name=main), wanted).name == tab


def test_every_tab_has_its_own_address_and_the_present_one_is_marked() -> None:
    shown = product(n_columns=4)
    page = product_page(shown, MINE, chosen_tab(shown, "table"), "panel", None, "http://pz.example")
    assert find(page, "Link", href="/product/7_deep_field?tab=columns")
    marked = [item for item in find(page, "Li") if item.to_plotly_json()["props"].get("aria-current") == "page"]
    assert "Table" in words(marked)
    assert "http://pz.example/product/7_deep_field" in words(find(page, "Dialog", id="share-dialog"))


@pytest.mark.parametrize(
    ("facts", "is_offered"),
    [
        ({"n_columns": 4}, True),
        ({"n_columns": None}, False),
        ({"n_columns": None, "status": ProductStatus.PROCESSING}, True),
        ({"n_columns": 4, "main_file_name": None}, False),
    ],
)
def test_a_file_that_is_no_table_has_no_tabs_of_rows_and_columns(facts: dict[str, object], is_offered: bool) -> None:
    shown = product(**facts)
    page = product_page(shown, MINE, chosen_tab(shown, "about"), None, None, "")
    (tabs,) = find(page, "Nav", **{"aria-label": "Tabs"})
    assert ("Table" in words(tabs)) is is_offered
    assert ("Columns" in words(tabs)) is is_offered
    assert "Files" in words(tabs)


def test_the_head_tells_what_the_checks_came_to() -> None:
    shown = product(n_columns=4)
    assert "Checks" not in words(head(shown, MINE))
    (link,) = find(head(shown, MINE, verdict=Verdict.SERIOUS), "Link", href="/product/7_deep_field?tab=quality")
    assert words(link) == "Checks: Serious"
    assert "spoil" in link.title


def test_the_page_asks_again_only_while_the_file_is_read() -> None:
    for status, stands_still in ((ProductStatus.PROCESSING, False), (ProductStatus.PUBLISHED, True)):
        shown = product(status=status)
        page = product_page(shown, MINE, chosen_tab(shown, None), None, None, "")
        assert find(page, "Interval")[0].disabled is stands_still
    assert revision(product()) != revision(product(status=ProductStatus.FAILED))


def test_a_failure_shows_its_reason_and_the_ways_out() -> None:
    failed = product(status=ProductStatus.FAILED, status_reason="deep.csv, line 3: seven values for six columns.")
    strip = status_strip(failed, MINE, None, ())
    assert "line 3: seven values" in words(strip)
    assert words(find(strip, "Button")) == "Retry"
    assert find(strip, "Link", href="/product/edit/7_deep_field")
    assert not find(status_strip(failed, NOT_MINE, None, ()), "Button")


def test_a_draft_names_what_is_missing_and_is_published_when_nothing_is() -> None:
    draft = product(status=ProductStatus.REGISTERING)
    strip = status_strip(draft, MINE, None, (column("a", "ra"),))
    assert "Dec, redshift" in words(strip)
    assert find(strip, "Link", href="/product/7_deep_field?tab=columns")
    assert not find(strip, "Button")
    known = (column("a", "ra"), column("d", "dec"), column("z", "redshift"))
    assert words(find(status_strip(draft, MINE, None, known), "Button")) == "Publish"


def test_guessed_columns_are_to_be_confirmed_before_publishing() -> None:
    draft = product(status=ProductStatus.REGISTERING)
    guessed = tuple(column(role, role, needs_confirmation=True) for role in ("ra", "dec", "redshift"))
    assert "confirm or change them" in words(status_strip(draft, MINE, None, guessed))


def test_a_product_without_data_says_so() -> None:
    assert "kept elsewhere" in words(status_strip(product(main_file_name=None), MINE, None, ()))
    assert status_strip(product(), MINE, None, ()) is None


def test_python_lines_fit_the_product() -> None:
    assert "get_product(7)" in python_snippet(product(), "http://pz.example")
    assert 'host="http://pz.example/api/"' in python_snippet(product(), "http://pz.example")
    assert "download_product(7" in python_snippet(product(product_type="training_results"), "")


def test_history_is_written_in_words() -> None:
    events = (
        ProductEvent("role_set", THEN, "Demo", {"column": "Z", "role": "mag", "band": "z"}),
        ProductEvent("edited", THEN, "Demo", {"changed": {"display_name": ["a", "b"]}}),
        ProductEvent("read", THEN, None, {"n_rows": 30000}),
    )
    text = words(history_list(events))
    for part in ("Z is Magnitude z", "display name", "30,000 rows", "by Demo"):
        assert part in text
