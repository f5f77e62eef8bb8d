"""From a finding of a check to its rows in the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import OpenPage
from tests.support.pages import upload_product, wait_for_plot
from tests.support.portal import Portal

pytestmark = pytest.mark.browser


def test_rows_of_a_finding_open_in_the_table(open_page: OpenPage, portal: Portal, tmp_path: Path) -> None:
    redshifts = ["-99" if i in range(350, 360) else f"{0.2 + i / 1000}" for i in range(500)]
    lines = [f"{10 + i / 1000},{-5 + i / 700},{z}" for i, z in enumerate(redshifts)]
    path = tmp_path / "holes.csv"
    path.write_text("\n".join(["ra,dec,z_spec", *lines, ""]))
    page = open_page(portal, "owner1")
    upload_product(page, "With holes", "redshift_catalog", path)
    wait_for_plot(page, "n_z")
    page.get_by_role("link", name="Quality").click()
    finding = page.locator("[data-check=missing_redshift]")
    finding.get_by_role("link", name="351", exact=True).click()
    expect(page).to_have_url(re.compile(r"tab=table&row=351$"))
    marked = page.locator(".ag-pinned-left-cols-container .is-sought")
    expect(marked).to_have_text("351")
    expect(marked).to_be_in_viewport()
    expect(page.get_by_text("Row 351 is marked.")).to_be_visible()
    page.go_back()
    finding.get_by_role("link", name="Show all in the table").click()
    expect(page.locator("#row-table-count")).to_have_text("10 of 500 rows match")
    page.goto(f"{page.url.split('?')[0]}?tab=table&row=501")
    expect(page.locator("#row-table-count")).to_have_text("500 rows")
    assert page.locator(".is-sought").count() == 0
