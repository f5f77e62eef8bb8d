"""What people do with the portal, in a real Chromium on a real server."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, OpenPage, serious_findings
from tests.support.pages import (
    READING_LIMIT_MS,
    numbers_of,
    open_training_set,
    page_width,
    upload_product,
    wait_for_plot,
)
from tests.support.portal import Portal

pytestmark = pytest.mark.browser

READABLE = (
    "plain",
    "semicolon",
    "tab",
    "hash_header",
    "numbered_header",
    "byte_order_mark",
    "gzip",
    "zip_of_one",
    "big_endian_fits",
    "many_hdus",
    "hdf5_flat",
    "hdf5_group",
    "hdf5_qp",
    "votable",
    "ecsv",
    "npy",
    "parquet",
)
UNREADABLE = ("header_only", "garbage", "truncated_gzip", "truncated_fits", "truncated_parquet", "npy_object")
SIGNED_IN_PAGES = ("/", "/official_products", "/user_products", "/product/new", "/tokens", "/about", "/documentation")


def test_an_address_asked_for_signed_out_is_opened_after_the_log_in(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal)
    page.goto("/user_products?search=deep&sort=display_name")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Username").fill("demo")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).to_have_url(f"{portal.url}/user_products?search=deep&sort=display_name")


def test_the_demo_user_logs_in_with_one_click_and_out_again(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal)
    page.goto("/")
    page.get_by_role("button", name="Log in as the demo user").click()
    page.get_by_text("Demo", exact=False).first.wait_for()
    page.locator("summary.shell-user").click()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login"))


def test_a_catalogue_is_uploaded_seen_shared_edited_and_deleted(
    portal: Portal, open_page: OpenPage, odd_files: dict[str, Path], console_errors: list[str]
) -> None:
    mine, theirs = open_page(portal, "owner1"), open_page(portal, "owner2")
    upload_product(mine, "Journey through the portal", "training_set", odd_files["plain"])
    wait_for_plot(mine, "n_z")
    wait_for_plot(mine, "magnitudes")
    wait_for_plot(mine, "sky")
    _counts_equal_numpy(mine, odd_files["plain"])

    address = _shared_address(mine)
    theirs.goto(address)
    expect(theirs.get_by_role("heading", name="Journey through the portal")).to_be_visible()
    wait_for_plot(theirs, "n_z")
    expect(theirs.get_by_role("button", name="Edit", exact=True)).to_be_disabled()

    mine.get_by_role("link", name="Edit", exact=True).click()
    mine.get_by_label("Name", exact=True).fill("Journey, edited")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_role("heading", name="Journey, edited")).to_be_visible()
    theirs.reload()
    expect(theirs.get_by_role("heading", name="Journey, edited")).to_be_visible()

    _delete(mine)
    theirs.reload()
    expect(theirs.get_by_role("heading", name="Journey, edited")).to_have_count(0)
    console_errors.clear()  # the browser reports the 404 of the deleted product, as it should


def _counts_equal_numpy(page: Page, path: Path) -> None:
    shown = numbers_of(page, "n_z")
    truth = pd.read_csv(path)["z_spec"].to_numpy()
    assert np.array_equal(shown.counts, np.histogram(truth, shown.edges)[0])
    assert shown.counts.sum() == truth.size
    assert "z_spec" in shown.caption


def _shared_address(page: Page) -> str:
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share this product")
    text = dialog.inner_text()
    page.keyboard.press("Escape")
    found = re.search(r"http://127\.0\.0\.1:\d+/product/\S+", text)
    assert found, text
    return found.group()


def test_deleting_in_a_second_window_says_that_it_is_gone(
    portal: Portal, open_page: OpenPage, odd_files: dict[str, Path], console_errors: list[str]
) -> None:
    first, second = open_page(portal, "owner1"), open_page(portal, "owner1")
    upload_product(first, "Deleted twice", "training_set", odd_files["plain"])
    second.goto(first.url)
    _delete(first)
    second.get_by_role("button", name="Delete", exact=True).click()
    second.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(second.get_by_text("There is no such product")).to_be_visible()
    expect(second.get_by_role("dialog")).to_have_count(0)
    second.close()
    # The second window may still have asked for what belongs to the plots, and been told that it is gone.
    console_errors[:] = [error for error in console_errors if "404" not in error]


def _delete(page: Page) -> None:
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("was deleted")).to_be_visible()


@pytest.mark.parametrize("trap", READABLE)
def test_every_format_shows_its_redshifts(
    trap: str, portal: Portal, open_page: OpenPage, odd_files: dict[str, Path]
) -> None:
    page = open_page(portal, "owner1")
    upload_product(page, f"Format {trap}", "training_set", odd_files[trap])
    wait_for_plot(page, "n_z")
    assert numbers_of(page, "n_z").counts.sum() == 120


@pytest.mark.parametrize("trap", UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(
    trap: str, portal: Portal, open_page: OpenPage, odd_files: dict[str, Path]
) -> None:
    page = open_page(portal, "owner2")
    upload_product(page, f"Unreadable {trap}", "training_set", odd_files[trap])
    strip = page.get_by_text("The main file could not be read.").first
    expect(strip).to_be_visible(timeout=READING_LIMIT_MS)
    expect(page.get_by_text(odd_files[trap].name).first).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    expect(page.get_by_role("link", name="Download main file")).to_be_visible()


def test_an_empty_file_is_refused_beside_its_field(
    portal: Portal, open_page: OpenPage, odd_files: dict[str, Path]
) -> None:
    page = open_page(portal, "owner2")
    page.goto("/product/new")
    zone = page.get_by_role("group", name="Main file")
    zone.locator("input[type=file]").set_input_files(odd_files["empty"])
    expect(zone.get_by_role("alert").filter(has_text="empty")).to_be_visible()


@pytest.mark.parametrize("path", SIGNED_IN_PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_have_no_serious_accessibility_finding(
    path: str, theme: str, demo_portal: Portal, open_page: OpenPage
) -> None:
    page = open_page(demo_portal, "demo", color_scheme=theme)
    page.goto(path)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert serious_findings(page) == []


def test_the_log_in_page_has_no_serious_accessibility_finding(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal)
    page.goto("/login")
    assert serious_findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tab", ["explore", "table", "columns", "quality", "about", "files", "history"])
def test_a_product_page_has_no_serious_accessibility_finding(
    tab: str, theme: str, demo_portal: Portal, open_page: OpenPage
) -> None:
    page = open_page(demo_portal, "demo", color_scheme=theme)
    open_training_set(page, f"?tab={tab}")
    if tab == "explore":
        wait_for_plot(page, "n_z")
    if tab == "quality":
        expect(page.get_by_text("Verdict:")).to_be_visible(timeout=30_000)
        page.get_by_text("Fine:").click()
    page.wait_for_load_state("networkidle")
    assert serious_findings(page) == []


def test_the_dark_theme_stays_over_a_reload(demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo", color_scheme="light")
    open_training_set(page)
    wait_for_plot(page, "n_z")
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    wait_for_plot(page, "n_z")


@pytest.mark.parametrize("path", SIGNED_IN_PAGES)
def test_pages_fit_a_narrow_phone(path: str, demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo", viewport=PHONE)
    page.goto(path)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page_width(page) <= PHONE["width"]


def test_a_product_page_fits_a_narrow_phone(demo_portal: Portal, open_page: OpenPage) -> None:
    desk = open_page(demo_portal, "demo")
    open_training_set(desk)
    page = open_page(demo_portal, "demo", viewport=PHONE)
    page.goto(desk.url)
    wait_for_plot(page, "n_z")
    assert page_width(page) <= PHONE["width"]


def test_an_unknown_product_says_so(portal: Portal, open_page: OpenPage, console_errors: list[str]) -> None:
    page = open_page(portal, "demo")
    answer = page.goto("/product/999999_nothing_here")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    console_errors.clear()  # the browser reports the 404 itself
