"""The view of a product page lives in its address: another browser sees the same, and nobody else's changes."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import PHONE, OpenPage, serious_findings
from tests.support.pages import numbers_of, open_training_set, page_width, wait_for_plot
from tests.support.portal import Portal

pytestmark = pytest.mark.browser


def _log_button(page: Page) -> Locator:
    return page.locator("[data-plot=magnitudes]").get_by_role("button", name="Log counts in Magnitudes per band")


def test_a_copied_address_opens_the_same_view(demo_portal: Portal, open_page: OpenPage) -> None:
    mine, theirs = open_page(demo_portal, "demo"), open_page(demo_portal, "owner2")
    open_training_set(mine)
    wait_for_plot(mine, "n_z")
    field = mine.get_by_label("width of Redshift distribution N(z)")
    field.fill("0.25")
    field.press("Enter")
    mine.wait_for_url("**bins=n_z%3A0.25**")
    _log_button(mine).click()
    mine.get_by_text("Choose plots").click()
    for name in ("Redshift distribution N(z)", "Magnitudes per band"):
        mine.get_by_role("checkbox", name=name).check()
    expect(mine.locator("[data-plot]")).to_have_count(2)
    mine.wait_for_url("**log=magnitudes**")

    open_training_set(theirs)
    wait_for_plot(theirs, "sky")
    expect(theirs.get_by_label("width of Redshift distribution N(z)")).to_have_value("")
    theirs.goto(mine.url)
    wait_for_plot(theirs, "n_z")
    expect(theirs.locator("[data-plot]")).to_have_count(2)
    expect(_log_button(theirs)).to_have_attribute("aria-pressed", "true")
    same = numbers_of(theirs, "n_z")
    assert np.allclose(np.diff(same.edges), 0.25)
    assert np.array_equal(same.counts, numbers_of(mine, "n_z").counts)

    theirs.get_by_role("button", name="Reset view").click()
    wait_for_plot(theirs, "sky")
    assert "bins=" not in theirs.url
    assert "log=" not in theirs.url
    expect(mine.locator("[data-plot]")).to_have_count(2)


def test_split_and_normalised_counts_are_drawn_and_carried_by_the_tabs(
    demo_portal: Portal, open_page: OpenPage
) -> None:
    page = open_page(demo_portal, "demo")
    open_training_set(page)
    wait_for_plot(page, "n_z")
    page.get_by_label("Split by", exact=True).select_option("tomographic-lens")
    card = page.locator("[data-plot=n_z]")
    expect(card.get_by_role("heading")).to_have_text("Redshift distribution N(z), split by bins of z_spec")
    page.get_by_label("Normalise").check()
    expect(card.locator(".ytitle")).to_have_text("normalised to area 1")
    page.get_by_role("navigation", name="Tabs").get_by_role("link", name="Table").click()
    page.get_by_role("navigation", name="Tabs").get_by_role("link", name="Explore").click()
    wait_for_plot(page, "n_z")
    expect(card.get_by_role("heading")).to_contain_text("split by bins of z_spec")
    expect(page.get_by_label("Split by", exact=True)).to_have_value("tomographic-lens")
    expect(page.get_by_label("Normalise")).to_be_checked()


def test_what_an_address_asks_in_vain_is_said(demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo", viewport=PHONE)
    open_training_set(page, "?split=nothing&plots=n_z,unheard&colour=red&v=7")
    wait_for_plot(page, "n_z")
    bar = page.get_by_label("View", exact=True)
    for words in ('There is no plot "unheard"', '"colour" in the address', "newer portal", 'no column "nothing"'):
        expect(bar).to_contain_text(words)
    assert page_width(page) <= PHONE["width"]
    assert serious_findings(page) == []


def test_cards_seen_while_the_page_is_left_ask_for_nothing(demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo")
    open_training_set(page)
    wait_for_plot(page, "n_z")
    told = page.evaluate("['gone', {type: 'explore-looked', index: 'gone'}].map((id) => pzserver.tell(id, {data: 1}))")
    assert told == [False, False]
    assert page.evaluate("pzserver.tell({type: 'explore-looked', index: 'number_counts'}, {data: Date.now()})")
    wait_for_plot(page, "number_counts")
