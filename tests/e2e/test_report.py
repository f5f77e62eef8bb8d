"""The whole view to take away: one file with every plot, which asks for nothing outside and is one page of PDF."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import OpenPage
from tests.support.pages import upload_product, wait_for_plot
from tests.support.portal import Portal

pytestmark = pytest.mark.browser

CUT = "mag_i < 23"


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """Rows in two fields, with a name that would be markup."""
    lines = [f"{10 + i % 2 * 50 + i / 1000},{-5 + i / 700},{0.2 + i / 1000},{21 + i / 200}" for i in range(600)]
    path = tmp_path / "report.csv"
    path.write_text("\n".join(["ra,dec,z_spec,mag_i", *lines, ""]))
    return path


def saved_report(page: Page, folder: Path) -> Path:
    with page.expect_download() as found:
        page.get_by_role("button", name="Report (HTML)").click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def test_a_report_is_whole_and_alone(
    open_page: OpenPage, portal: Portal, catalogue: Path, tmp_path: Path, browser: Browser
) -> None:
    page = open_page(portal, "owner1")
    upload_product(page, "Report <b>bold</b>", "redshift_catalog", catalogue)
    page.goto(f"{page.url.split('?')[0]}?cut={CUT.replace(' ', '+').replace('<', '%3C')}")
    wait_for_plot(page, "n_z")
    path = saved_report(page, tmp_path)
    expect(page.locator(".view-tools").get_by_role("status")).to_have_text("The report is in your downloads.")
    assert re.fullmatch(r"\d+_\w+_report\.html", path.name)
    n_cards = page.locator(".plot-grid [data-plot]").count()
    assert page.locator("[data-plot=sky_fields] .js-plotly-plot").count() == 1
    text = path.read_text()
    assert "<script" not in text
    reader = browser.new_page()
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.goto(path.as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    expect(reader.get_by_role("heading", level=1)).to_have_text("Report <b>bold</b>")
    assert reader.locator("figure").count() == n_cards
    assert reader.locator("figure svg.main-svg").count() >= n_cards
    assert reader.locator("figcaption .finding").count() == n_cards
    facts = reader.locator("dl").inner_text()
    assert all(words in facts for words in (CUT, "400 shown / 600 total / 200 cut away", "report.csv", "PZ Server"))
    assert re.search(r"[0-9a-f]{64}", facts)
    assert reader.locator("h2", has_text=re.compile("^Quality: ")).count() == 1
    assert reader.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    reader.close()


def test_printing_shows_the_report_to_the_print_dialog(open_page: OpenPage, portal: Portal, catalogue: Path) -> None:
    page = open_page(portal, "owner1")
    page.add_init_script("window.print = () => { (window.top.printed ??= []).push(document.title); };")
    upload_product(page, "Printed", "redshift_catalog", catalogue)
    wait_for_plot(page, "n_z")
    page.get_by_role("button", name="Print / PDF").click()
    expect(page.locator(".view-tools").get_by_role("status")).to_have_text("The report is in the print dialog.")
    assert page.evaluate("window.printed") == ["Printed"]
