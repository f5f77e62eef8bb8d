"""Comparing products in a real Chromium: ticked by keyboard, changed, shared by the address."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from services.demo.recipes import LARGE_TRAINING_SET
from tests.support.browser import PHONE, OpenPage, serious_findings
from tests.support.cuts import type_cut
from tests.support.pages import READING_LIMIT_MS, open_training_set, page_width, wait_for_plot
from tests.support.portal import Portal

pytestmark = pytest.mark.browser

SOUTH = "Training set, deep south"


def expect_drawn(page: Page, title: str) -> None:
    expect(page.locator("[data-plot=comparison] .main-svg").first).to_be_visible(timeout=READING_LIMIT_MS)
    expect(page.locator("#compare-title")).to_have_text(title, timeout=READING_LIMIT_MS)


def tick(page: Page, name: str) -> None:
    place = page.get_by_role("checkbox", name=f"Tick {name} to compare it")
    place.press("Space")
    expect(place).to_be_checked()


def ticked_in_two_lists(page: Page) -> None:
    page.goto("/official_products")
    expect(page.get_by_role("button", name="Compare", exact=True)).to_be_disabled()
    tick(page, LARGE_TRAINING_SET)
    expect(page.get_by_text(f"{LARGE_TRAINING_SET} – tick one more.")).to_be_visible()
    page.goto("/user_products")
    tick(page, SOUTH)
    page.get_by_role("button", name="Compare (2)").press("Enter")
    expect_drawn(page, "z_spec")


def test_ticked_products_are_compared_and_the_address_shows_the_same(demo_portal: Portal, open_page: OpenPage) -> None:
    mine, theirs = open_page(demo_portal, "demo"), open_page(demo_portal, "owner1")
    ticked_in_two_lists(mine)
    mine.get_by_label("Quantity").select_option("mag_i")
    expect_drawn(mine, "i magnitude")
    mine.get_by_label("Bin width").fill("0.25")
    mine.get_by_label("Bin width").press("Enter")
    mine.get_by_label("Counts").check()
    mine.get_by_label("Count only rows where").fill("mag_i<24")
    mine.get_by_label("Count only rows where").press("Enter")
    mine.wait_for_url(re.compile(r"x=mag_i&norm=0&width=0.25&cut=mag_i"))
    expect(mine.locator(".compare-captions")).to_contain_text("cut away", timeout=READING_LIMIT_MS)

    theirs.goto(mine.url)
    expect_drawn(theirs, "i magnitude")
    for label, value in (("Bin width", "0.25"), ("Count only rows where", "mag_i < 24")):
        expect(theirs.get_by_label(label)).to_have_value(value)
    expect(theirs.get_by_label("Counts")).to_be_checked()
    assert theirs.url == mine.url
    assert _numbers(theirs) == _numbers(mine)


def _numbers(page: Page) -> list[list[str]]:
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of the comparison").click()
    rows = list(csv.reader(Path(download.value.path()).read_text().splitlines()[1:]))
    widths = np.diff([float(row[0]) for row in rows[1:]])
    assert widths == pytest.approx(0.25)
    return rows


def test_products_are_added_removed_and_put_first_without_a_mouse(demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo")
    page.goto("/official_products")
    page.get_by_role("link", name=LARGE_TRAINING_SET).first.click()
    page.get_by_role("link", name="Compare", exact=True).press("Enter")
    expect(page.get_by_text("Add a product to compare with.")).to_be_visible()
    page.get_by_role("button", name=f"Add {SOUTH}").press("Enter")
    expect_drawn(page, "z_spec")
    page.get_by_label("Add a product").fill("photo-z table, deep south")
    page.get_by_role("button", name="Add Photo-z table, deep south").press("Enter")
    expect_drawn(page, "redshift (z_spec, else z_phot)")
    chosen = page.get_by_role("list", name="Compared products").get_by_role("listitem")
    expect(chosen).to_have_count(3)
    page.get_by_role("button", name=f"Make first: {SOUTH}").press("Enter")
    expect(chosen.first).to_contain_text(SOUTH)
    page.get_by_role("button", name="Remove Photo-z table, deep south").press("Enter")
    expect(chosen).to_have_count(2)
    page.get_by_text("What these numbers are").click()
    expect(page.get_by_text("the largest difference of the two cumulative")).to_be_visible()
    page.get_by_text(f"Coverage of {LARGE_TRAINING_SET}").press("Enter")
    expect(page.get_by_text("Covered by nearest neighbour")).to_be_visible(timeout=READING_LIMIT_MS)
    expect(page.locator("[data-plot=coverage-som] .main-svg").first).to_be_visible()
    assert serious_findings(page) == []


def test_a_cut_goes_along_and_open_coverage_is_part_of_the_address(demo_portal: Portal, open_page: OpenPage) -> None:
    mine, theirs = open_page(demo_portal, "demo"), open_page(demo_portal, "owner1")
    open_training_set(mine)
    wait_for_plot(mine, "n_z")
    type_cut(mine, "mag_i < 24")
    expect(mine.get_by_role("list", name="Cuts").get_by_role("button")).to_have_count(1)
    mine.get_by_role("link", name="Compare", exact=True).press("Enter")
    mine.get_by_role("button", name=f"Add {SOUTH}").press("Enter")
    expect_drawn(mine, "z_spec")
    expect(mine.get_by_label("Count only rows where")).to_have_value("mag_i < 24")
    fold = mine.get_by_text(f"Coverage of {SOUTH}")
    fold.press("Enter")
    mine.wait_for_url(re.compile(r"&coverage=\d+_"))
    distances = _coverage_csv(mine)
    assert distances.splitlines()[0].endswith("cut mag_i < 24")

    theirs.goto(mine.url)
    assert _coverage_csv(theirs) == distances
    assert theirs.url == mine.url
    captions = theirs.locator(".compare-captions")
    under_24 = captions.text_content()
    theirs.get_by_label("Count only rows where").fill("mag_i < 23")
    theirs.get_by_label("Count only rows where").press("Enter")
    expect(captions).not_to_have_text(under_24 or "", timeout=READING_LIMIT_MS)
    assert _coverage_csv(theirs).splitlines()[0].endswith("cut mag_i < 23")
    assert re.search("mag_i.*23.*&coverage=", theirs.url)
    theirs.get_by_text(f"Coverage of {SOUTH}").press("Enter")
    theirs.wait_for_url(lambda address: "coverage=" not in address)


def _coverage_csv(page: Page) -> str:
    button = page.get_by_role("button", name="CSV of Distances")
    expect(button).to_be_visible(timeout=READING_LIMIT_MS)
    with page.expect_download() as download:
        button.click()
    return Path(download.value.path()).read_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_a_phone(demo_portal: Portal, open_page: OpenPage, theme: str) -> None:
    page = open_page(demo_portal, "demo", viewport=PHONE, color_scheme=theme)
    ticked_in_two_lists(page)
    assert serious_findings(page) == []
    assert page_width(page) <= PHONE["width"]
    page.goto("/user_products")
    expect(page.get_by_role("button", name="Compare (2)")).to_be_visible()
    assert serious_findings(page) == []
