"""The frame in a real browser: search key, menus, theme, and sessions that end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, OpenPage, serious_findings
from tests.support.portal import Portal

pytestmark = pytest.mark.browser


def _expect_theme(page: Page, theme: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)


def test_the_slash_key_leads_to_the_search_and_on_to_the_list(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal, "demo")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_label("Search products")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Search products")).to_be_focused()
    page.keyboard.type("deep field")
    page.keyboard.press("Enter")
    page.wait_for_url("**/user_products?search=deep%20field")
    expect(page.get_by_role("heading", level=1)).to_have_text("User-generated Data Products")


def test_a_menu_opens_by_keyboard_and_closes_with_escape(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal, "demo")
    page.goto("/")
    summary = page.get_by_role("banner").locator("summary", has_text="Data Products")
    summary.press("Enter")
    entry = page.get_by_role("banner").get_by_role("link", name="Rubin Observatory PZ Data Products")
    expect(entry).to_be_visible()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(summary).to_be_focused()


def test_the_first_tab_stop_leads_past_the_bar(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal, "demo")
    page.goto("/about")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_the_theme_follows_the_system_until_it_is_chosen(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal, "demo", color_scheme="dark")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    _expect_theme(page, "dark")
    page.emulate_media(color_scheme="light")
    _expect_theme(page, "light")
    switch = page.get_by_role("button", name="Dark theme")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
    _expect_theme(page, "dark")


def test_a_session_that_ended_leads_to_the_log_in_and_back(
    portal: Portal, open_page: OpenPage, console_errors: list[str]
) -> None:
    page = open_page(portal, "demo")
    page.goto("/about?from=mail")
    expect(page.get_by_role("heading", level=1)).to_have_text("About")
    page.context.clear_cookies(name="pz_session")
    page.get_by_role("banner").get_by_role("link", name="Upload").click()
    page.wait_for_url(re.compile(r"/login\?next=%2Fproduct%2Fnew"))
    page.get_by_role("button", name="Log in as the demo user").click()
    page.wait_for_url("**/product/new*")
    assert all("401" in error for error in console_errors), console_errors
    console_errors.clear()  # the browser itself reports the refused call of the ended session


def test_the_bar_folds_into_one_menu_on_a_phone(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal, "demo", viewport=PHONE)
    page.goto("/")
    menu = page.get_by_role("button", name="Menu")
    about = page.get_by_role("banner").get_by_role("link", name="About")
    expect(about).to_be_hidden()
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    about.click()
    page.wait_for_url("**/about")
    expect(about).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_nothing_is_fetched_from_elsewhere(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal)
    elsewhere: list[str] = []
    page.on("request", lambda call: elsewhere.append(call.url) if not call.url.startswith(portal.url) else None)
    for path in ("/login", "/about"):
        page.goto(path)
    page.get_by_role("link", name="Log in").click()
    page.get_by_role("button", name="Log in as the demo user").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []


def test_a_server_that_does_not_answer_is_said_and_so_is_its_return(
    portal: Portal, open_page: OpenPage, console_errors: list[str]
) -> None:
    page = open_page(portal, "demo")
    page.goto("/user_products")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for path in ("**/_dash-update-component*", "**/healthz"):
        page.route(path, lambda route: route.abort("connectionrefused"))
    page.get_by_label("Search this list").fill("fluxes")
    page.get_by_label("Search this list").press("Enter")
    banner = page.get_by_role("alert").filter(has_text="server")
    expect(banner).to_contain_text("The server does not answer.")
    assert serious_findings(page, ".connection-banner") == []
    banner.get_by_role("button", name="Try now").press("Enter")
    expect(banner).to_contain_text("The server does not answer.")
    page.unroute_all()
    expect(banner).to_contain_text("The server answers again.")
    banner.get_by_role("button", name="Load again").press("Enter")
    expect(banner).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("User-generated Data Products")
    assert console_errors, "the browser reports the requests that failed"
    console_errors.clear()
