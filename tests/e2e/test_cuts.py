"""Cuts on the plots and the table, in a real Chromium: typed, boxed, shared by their address, taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, OpenPage, serious_findings
from tests.support.cuts import drag, expect_counts, expect_plots_of, limits_of, open_catalogue, remove_buttons, type_cut
from tests.support.pages import open_training_set, page_width, wait_for_plot
from tests.support.portal import Portal

pytestmark = pytest.mark.browser

CUT = "mag_i < 23 and redshift between 0.2 and 1.2"


def test_a_typed_cut_holds_over_reload_and_for_a_colleague_and_is_taken_back(
    portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    mine, theirs = open_page(portal, "owner1"), open_page(portal, "owner2")
    open_catalogue(mine, path, "Cut by hand")
    expect_counts(mine, 500, 500)
    bright = frame[frame["mag_i"] < 23]
    chosen = bright[bright["z_spec"].between(0.2, 1.2)]

    type_cut(mine, CUT)
    expect_plots_of(mine, chosen, 500)
    mine.reload()
    wait_for_plot(mine, "n_z")
    expect(mine.get_by_label("Show only rows where")).to_have_value(CUT)
    expect_plots_of(mine, chosen, 500)

    theirs.goto(mine.url)
    wait_for_plot(theirs, "n_z")
    expect_plots_of(theirs, chosen, 500)
    theirs.get_by_role("button", name="Remove redshift between 0.2 and 1.2").press("Enter")
    expect_counts(theirs, len(bright), 500)
    expect(theirs.locator("#cut-counts")).to_be_focused()
    expect_plots_of(theirs, bright, 500)
    expect(theirs.get_by_label("Show only rows where")).to_have_value("mag_i < 23")
    expect_counts(mine, len(chosen), 500)

    theirs.get_by_role("button", name="Remove mag_i < 23").click()
    expect_plots_of(theirs, frame, 500)
    expect(remove_buttons(theirs)).to_have_count(0)
    assert "cut=" not in theirs.url


def test_a_wrong_cut_says_where_and_changes_nothing(
    portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    page = open_page(portal, "owner1")
    open_catalogue(page, path, "Cut in vain")
    type_cut(page, "mag_i < 23")
    n_bright = int((frame["mag_i"] < 23).sum())
    expect_counts(page, n_bright, 500)
    address = page.url
    type_cut(page, "mag_i <")
    expect(page.locator("#cut-message")).to_contain_text("The cut cannot be read at character 8")
    type_cut(page, "mag_q < 23")
    expect(page.locator("#cut-message")).to_contain_text('There is no column "mag_q" in this table (character 1)')
    expect_counts(page, n_bright, 500)
    assert page.url == address
    page.get_by_role("button", name="Clear", exact=True).click()
    expect_counts(page, 500, 500)
    expect(page.locator("#cut-message")).to_be_empty()

    page.goto(address.split("?")[0] + "?cut=mag_q+%3C+23")
    wait_for_plot(page, "n_z")
    expect(page.locator("#cut-message")).to_contain_text("all rows are shown")
    expect_counts(page, 500, 500)


def test_ranges_are_typed_or_dragged_and_the_table_follows(
    portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    page = open_page(portal, "owner1")
    open_catalogue(page, path, "Cut by ranges")
    page.get_by_label("Redshift from").fill("0.25")
    page.get_by_label("Redshift from").press("Enter")
    expect_plots_of(page, frame[frame["z_spec"] >= 0.25], 500)
    page.get_by_label("Redshift to").fill("1")
    page.get_by_label("Redshift to").press("Enter")
    chosen = frame[frame["z_spec"].between(0.25, 1)]
    expect_plots_of(page, chosen, 500)
    expect(page.get_by_label("Show only rows where")).to_have_value("redshift between 0.25 and 1")

    drag(page, "magnitudes")
    expect(remove_buttons(page)).to_have_count(2)
    text = page.get_by_label("Show only rows where").input_value()
    low, high = map(float, re.findall(r"mag_i between (\S+) and (\S+)", text)[0])
    chosen = chosen[chosen["mag_i"].between(low, high)]
    assert 0 < len(chosen) < 500
    expect_plots_of(page, chosen, 500)
    expect(page.get_by_label("Magnitude i to")).to_have_value(f"{high:g}")

    page.get_by_role("navigation", name="Tabs").get_by_role("link", name="Table").click()
    expect(page.locator("#row-table-count")).to_have_text(f"{len(chosen):,} of 500 rows match")
    expect(page.get_by_role("list", name="Cut")).to_have_text(text)
    page.get_by_role("link", name="Change the cut in Explore").click()
    wait_for_plot(page, "n_z")
    expect_counts(page, len(chosen), 500)
    drag(page, "n_z")
    expect(page.locator("#cut-counts")).not_to_contain_text(f"{len(chosen)} shown")
    expect(remove_buttons(page)).to_have_count(2)


@pytest.mark.parametrize(("plot", "x", "y"), [("z_magnitude", "mag_i", "redshift"), ("sky", "ra", "dec")])
def test_a_box_on_a_map_cuts_on_both_columns(
    plot: str, x: str, y: str, portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    page = open_page(portal, "owner1")
    open_catalogue(page, path, f"Cut by a box on {plot}")
    drag(page, plot)
    expect(remove_buttons(page)).to_have_count(2)
    column = frame["z_spec" if y == "redshift" else y]
    chosen = frame[frame[x].between(*limits_of(page, x)) & column.between(*limits_of(page, y))]
    assert 0 < len(chosen) < 500
    expect_plots_of(page, chosen, 500)
    page.get_by_role("button", name="Undo").click()
    expect_plots_of(page, frame, 500)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()

    page.get_by_role("button", name="zooms").click()
    drag(page, plot)
    graph = page.locator(f"[data-plot={plot}] .js-plotly-plot")
    assert graph.evaluate("graph => graph._fullLayout.dragmode") == "zoom"
    expect_counts(page, 500, 500)
    page.reload()
    wait_for_plot(page, plot)
    expect(page.get_by_role("button", name="zooms")).to_have_attribute("aria-pressed", "true")


def test_values_of_a_category_are_clicked_or_typed(
    portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    page = open_page(portal, "owner1")
    open_catalogue(page, path, "Cut by values")
    first, second = frame["z_flag"].value_counts().index[:2]
    _click_bar(page, 0)
    expect(page.get_by_label("Show only rows where")).to_have_value(f"z_flag = {first}")
    expect_plots_of(page, frame[frame["z_flag"] == first], 500)
    _click_bar(page, 1)
    expect(page.get_by_label("Show only rows where")).to_have_value(f"z_flag in ({first}, {second})")
    expect_plots_of(page, frame[frame["z_flag"].isin([first, second])], 500)
    _click_bar(page, 0)
    expect(page.get_by_label("Show only rows where")).to_have_value(f"z_flag = {second}")

    page.get_by_text("Cut on any column").press("Enter")
    page.get_by_label("Column", exact=True).fill("dec")
    page.get_by_label("lowest", exact=True).fill("0.5")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    expect_plots_of(page, frame[(frame["z_flag"] == second) & (frame["dec"] >= 0.5)], 500)
    page.get_by_label("Column", exact=True).fill("nothing")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(page.locator("#cut-message")).to_contain_text('There is no column "nothing"')


def _click_bar(page: Page, place: int) -> None:
    """Click into the row of a bar of the flags, counted from the top."""
    area = page.locator("[data-plot=z_flag] .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.02, box["y"] + box["height"] * (place + 0.5) / 4
    page.mouse.move(x + 4, y + 2)
    page.mouse.move(x, y, steps=3)
    expect(page.locator("[data-plot=z_flag] .hovertext").first).to_be_visible()
    page.mouse.click(x, y)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_cut_bar_has_no_serious_accessibility_finding(theme: str, demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo", color_scheme=theme)
    open_training_set(page, "?cut=redshift+between+0.2+and+1.2+and+odds+is+missing")
    wait_for_plot(page, "n_z")
    type_cut(page, "redshift between 0.2 and 1.2 and dec")
    expect(page.locator("#cut-message")).not_to_be_empty()
    assert serious_findings(page) == []
    type_cut(page, "redshift between 0.2 and 1.2")
    expect(remove_buttons(page)).to_have_count(1)
    assert serious_findings(page) == []
    page.get_by_role("navigation", name="Tabs").get_by_role("link", name="Table").click()
    expect(page.get_by_role("link", name="Show all rows")).to_be_visible()
    assert serious_findings(page) == []


def test_the_cut_bar_fits_a_narrow_phone(demo_portal: Portal, open_page: OpenPage) -> None:
    page = open_page(demo_portal, "demo", viewport=PHONE)
    open_training_set(page, "?cut=redshift+between+0.2345678+and+1.2345678+and+not+dec+between+-89.1234567+and+0.5")
    wait_for_plot(page, "n_z")
    expect(remove_buttons(page)).to_have_count(2)
    assert page_width(page) <= PHONE["width"]
