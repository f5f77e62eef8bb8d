"""Lists, home and tokens in a real Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import PHONE, OpenPage, serious_findings
from tests.support.pages import page_width, upload_product
from tests.support.portal import Portal

pytestmark = pytest.mark.browser


def rows(page: Page) -> Locator:
    return page.locator(".product-table tbody tr")


def test_filters_order_search_and_back_live_in_the_address(demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo")
    page.goto("/user_products")
    expect(rows(page)).not_to_have_count(0)
    n_all = rows(page).count()
    page.locator(".facet-choice", has_text="Training Set").click()
    expect(page).to_have_url(re.compile(r"\?type=training_set$"))
    expect(rows(page)).not_to_have_count(n_all)
    page.get_by_role("link", name="Rows", exact=True).click()
    expect(page).to_have_url(re.compile(r"type=training_set&sort=-n_rows$"))
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Rows")
    page.go_back()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Created at")
    page.get_by_label("Search this list").fill("fluxes")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?search=fluxes&type=training_set$"))
    expect(rows(page)).to_have_count(1)
    page.get_by_role("link", name="Clear all filters").click()
    expect(rows(page)).to_have_count(n_all)


def test_a_copied_address_shows_the_same_list_to_a_colleague(demo_portal: Portal, open_page: OpenPage) -> None:
    address = "/user_products?type=redshift_catalog&sort=n_rows"
    seen = []
    for person in ("demo", "owner2"):
        page = open_page(demo_portal, person)
        page.goto(address)
        expect(rows(page)).not_to_have_count(0)
        seen.append(page.locator(".product-name").all_inner_texts())
    assert seen[0] == seen[1]


def test_small_pictures_follow_with_words(demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo")
    for address in ("/", "/user_products"):
        page.goto(address)
        expect(page.get_by_role("img", name=re.compile(r"N\(z\) of .*: [\d,]+ objects")).first).to_be_visible()


def test_delete_from_the_list_and_take_it_back(portal: Portal, open_page: OpenPage, odd_files: dict[str, Path]) -> None:
    page = open_page(portal, "owner1")
    upload_product(page, "Entry of a list", "Other", odd_files["plain"])
    page.goto("/user_products?owner=owner1&search=entry")
    row = rows(page).filter(has_text="Entry of a list")
    row.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete this product?")
    expect(dialog.get_by_text("Entry of a list")).to_be_visible()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Entry of a list was deleted.")).to_be_visible()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Entry of a list is back.")).to_be_visible()
    expect(row).to_have_count(1)


def test_a_token_is_shown_once_and_revoked(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal, "owner2")
    page.goto("/tokens")
    page.get_by_label("Label").fill("laptop")
    page.get_by_role("button", name="Generate token").click()
    key = page.get_by_role("region", name="your new token").inner_text().strip()
    assert re.fullmatch(r"[0-9a-f]{40}", key)
    page.reload()
    expect(page.get_by_role("button", name="Revoke laptop")).to_be_visible()
    expect(page.get_by_text(key)).to_have_count(0)
    page.get_by_role("button", name="Revoke laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("The token was revoked.")).to_be_visible()
    expect(page.get_by_role("button", name="Revoke laptop")).to_have_count(0)


def test_lists_are_cards_on_a_phone(demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo", PHONE)
    page.goto("/user_products")
    expect(rows(page).first).to_be_visible()
    assert page_width(page) <= PHONE["width"]
    expect(page.locator(".facet-choice").first).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    expect(page.locator(".facet-choice").first).to_be_visible()
    assert serious_findings(page) == []
