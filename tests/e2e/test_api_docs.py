"""The page that explains the API, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.support.browser import DESKTOP, PHONE, OpenPage, serious_findings
from tests.support.portal import Portal

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible_and_asks_nobody_else(
    portal: Portal, open_page: OpenPage, viewport: ViewportSize, theme: str
) -> None:
    page = open_page(portal, "demo", viewport, color_scheme=theme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    expect(page.get_by_role("heading", level=1)).to_have_text("API")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert asked
    assert [url for url in asked if not url.startswith(portal.url)] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious_findings(page) == []


def test_the_footer_leads_to_it_and_addresses_open(portal: Portal, open_page: OpenPage) -> None:
    page = open_page(portal, "demo")
    page.goto("/about")
    page.get_by_role("contentinfo").get_by_role("link", name="API").click()
    page.wait_for_url("**/api/docs/")
    part = page.locator("#get_product_types")
    expect(part.locator("pre")).to_be_hidden()
    part.locator("summary").click()
    expect(part.locator("pre")).to_have_text('curl -H "Authorization: Token KEY" HOST/api/product-types/')
