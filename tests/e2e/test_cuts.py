"""Cuts on the plots and the table, in a real Chromium: typed, dragged, shared by their address, taken back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import ACTION_LIMIT_MS, PHONE, OpenPage, serious_findings
from tests.support.pages import numbers_of, open_training_set, page_width, upload_product, wait_for_plot
from tests.support.portal import Portal

pytestmark = pytest.mark.browser

CUT = "mag_i < 23 and redshift between 0.2 and 1.2"


@pytest.fixture
def catalogue(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    """A small catalogue whose numbers are known."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "id": np.arange(500),
            "ra": rng.uniform(10, 12, 500).round(5),
            "dec": rng.uniform(-1, 1, 500).round(5),
            "z_spec": rng.gamma(2, 0.35, 500).round(4),
            "mag_i": rng.normal(22.5, 1, 500).round(3),
            "z_flag": rng.integers(1, 5, 500),
        }
    )
    path = tmp_path / "cuts.csv"
    frame.to_csv(path, index=False)
    return path, frame


def opened(page: Page, path: Path, name: str) -> None:
    upload_product(page, name, "training_set", path)
    wait_for_plot(page, "n_z")


def type_cut(page: Page, text: str) -> None:
    field = page.get_by_label("Show only rows where")
    field.fill(text)
    field.press("Enter")


def expect_counts(page: Page, n_shown: int, n_total: int) -> None:
    line = f"{n_shown:,} shown / {n_total:,} total / {n_total - n_shown:,} cut away"
    expect(page.locator("#cut-counts")).to_have_text(line, timeout=ACTION_LIMIT_MS)


def remove_buttons(page: Page) -> Any:
    return page.get_by_role("list", name="Cuts").get_by_role("button")


def expect_plots_of(page: Page, chosen: pd.DataFrame, n_total: int) -> None:
    """N(z) and its caption are those of the rows that numpy chose."""
    expect_counts(page, len(chosen), n_total)
    shown = numbers_of(page, "n_z")
    assert np.array_equal(shown.counts, np.histogram(chosen["z_spec"], shown.edges)[0])
    caption = page.locator("[data-plot=n_z] .plot-caption")
    expect(caption).to_contain_text(f"{len(chosen)} shown / {n_total} total / 0 missing")
    if len(chosen) < n_total:
        expect(caption).to_contain_text(f"{n_total - len(chosen)} cut away")


def test_a_typed_cut_holds_over_reload_and_for_a_colleague_and_is_taken_back(
    portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    mine, theirs = open_page(portal, "owner1"), open_page(portal, "owner2")
    opened(mine, path, "Cut by hand")
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
    opened(page, path, "Cut in vain")
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
    opened(page, path, "Cut by ranges")
    page.get_by_label("Redshift from").fill("0.25")
    page.get_by_label("Redshift from").press("Enter")
    expect_plots_of(page, frame[frame["z_spec"] >= 0.25], 500)
    page.get_by_label("Redshift to").fill("1")
    page.get_by_label("Redshift to").press("Enter")
    chosen = frame[frame["z_spec"].between(0.25, 1)]
    expect_plots_of(page, chosen, 500)
    expect(page.get_by_label("Show only rows where")).to_have_value("redshift between 0.25 and 1")

    _drag(page, "magnitudes")
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
    _drag(page, "n_z")
    expect(page.locator("#cut-counts")).not_to_contain_text(f"{len(chosen)} shown")
    expect(remove_buttons(page)).to_have_count(2)


def _drag(page: Page, plot: str) -> None:
    """Drag a box across the middle half of a plot."""
    _begin_drag(page, plot)
    page.mouse.up()


def _begin_drag(page: Page, plot: str) -> None:
    """Drag a box across the middle half of a plot, and hold it."""
    area = page.locator(f"[data-plot={plot}] .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=4)
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.75, steps=4)


def _limits(page: Page, word: str) -> tuple[float, float]:
    """Range that the cut in the field gives a column."""
    text = page.get_by_label("Show only rows where").input_value()
    low, high = map(float, re.findall(rf"{word} between (\S+) and (\S+)", text)[0])
    return low, high


@pytest.mark.parametrize(("plot", "x", "y"), [("z_magnitude", "mag_i", "redshift"), ("sky", "ra", "dec")])
def test_a_box_on_a_map_cuts_on_both_columns(
    plot: str, x: str, y: str, portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    page = open_page(portal, "owner1")
    opened(page, path, f"Cut by a box on {plot}")
    _drag(page, plot)
    expect(remove_buttons(page)).to_have_count(2)
    column = frame["z_spec" if y == "redshift" else y]
    chosen = frame[frame[x].between(*_limits(page, x)) & column.between(*_limits(page, y))]
    assert 0 < len(chosen) < 500
    expect_plots_of(page, chosen, 500)
    page.get_by_role("button", name="Undo").click()
    expect_plots_of(page, frame, 500)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()

    page.get_by_role("button", name="zooms").click()
    _drag(page, plot)
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
    opened(page, path, "Cut by values")
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


FOLLOWED = """() => {
    window.followed = [];
    document.addEventListener("plots-followed", event => window.followed.push(event.detail));
}"""


def _edges(page: Page, axis: str) -> np.ndarray:
    """Edges that a slider snaps to."""
    return np.array(
        page.locator("[data-live]").evaluate("(place, axis) => JSON.parse(place.dataset.live)[axis].edges", axis)
    )


def _is_snapped(values: pd.Series, edges: np.ndarray, first: int, last: int) -> pd.Series:
    """Rows between two edges, as bins are: half-open; ends of the axis are no limit."""
    keep = pd.Series(True, index=values.index)
    if first > 0:
        keep &= values >= edges[first]
    return keep & (values < edges[last]) if last < len(edges) - 1 else keep


def _followed(page: Page) -> Any:
    """What was drawn last while a cut was dragged."""
    page.wait_for_function("() => window.followed.length > 0")
    return page.evaluate("window.followed.at(-1)")


def test_plots_follow_a_slider_and_letting_go_gives_the_same_numbers(
    portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    page, other = open_page(portal, "owner1"), open_page(portal, "owner2")
    opened(page, path, "Cut by sliders")
    other.goto(page.url)
    wait_for_plot(other, "n_z")
    page.evaluate(FOLLOWED)
    edges = _edges(page, "redshift")
    thumb = page.get_by_label("Highest redshift")
    box = thumb.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 9, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, middle, steps=12)
    last = int(thumb.input_value())
    chosen = frame[_is_snapped(frame["z_spec"], edges, 0, last)]
    assert 0 < len(chosen) < 500
    expect_counts(page, len(chosen), 500)
    expect(page.locator("[data-plot=n_z] .is-live canvas")).to_be_visible()
    expect(page.locator("[data-plot=sky].is-behind")).to_be_visible()
    drawn = _followed(page)
    assert set(drawn["plots"]) == {"n_z", "magnitudes", "z_flag", "z_magnitude"}
    assert drawn["redshift"][2:-1] == np.histogram(chosen["z_spec"], edges)[0].tolist()
    assert drawn["magnitude"][2:-1] == np.histogram(chosen["mag_i"], _edges(page, "magnitude"))[0].tolist()
    assert "cut=" not in page.url

    page.mouse.up()
    expect(page.get_by_label("Show only rows where")).to_have_value(f"redshift < {edges[last]:g}")
    expect(page.locator("canvas.live-plot")).to_have_count(0)
    expect_plots_of(page, chosen, 500)
    expect(page.locator(".is-behind")).to_have_count(0)
    expect_counts(other, 500, 500)
    assert "cut=" not in other.url


def test_plots_follow_a_drag_across_one_of_them_and_a_drag_that_is_taken_back(
    portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    page = open_page(portal, "owner1")
    opened(page, path, "Cut while dragging")
    page.evaluate(FOLLOWED)
    _begin_drag(page, "n_z")
    expect(page.locator("[data-plot=magnitudes] .is-live canvas")).to_be_visible()
    expect(page.locator("#cut-counts")).to_contain_text("about")
    edges = _edges(page, "redshift")
    filled = np.flatnonzero(_followed(page)["redshift"][2:-1])
    page.mouse.up()
    expect(page.locator("canvas.live-plot")).to_have_count(0)
    low, high = _limits(page, "redshift")
    assert abs(edges[filled[0]] - low) < edges[1] - edges[0]
    expect_plots_of(page, frame[frame["z_spec"].between(low, high)], 500)

    page.get_by_role("button", name="Clear", exact=True).click()
    expect_counts(page, 500, 500)
    thumb = page.get_by_label("Lowest redshift")
    thumb.press("PageUp")
    expect(page.locator("#cut-counts")).not_to_contain_text("500 shown")
    thumb.press("Home")
    thumb.blur()
    expect_counts(page, 500, 500)
    expect(page.locator("canvas.live-plot, .is-behind")).to_have_count(0)
    assert "cut=" not in page.url


def test_sliders_and_flags_obey_the_keyboard_under_any_other_cut(
    portal: Portal, open_page: OpenPage, catalogue: tuple[Path, pd.DataFrame]
) -> None:
    path, frame = catalogue
    page = open_page(portal, "owner1")
    opened(page, path, "Cut by keys")
    type_cut(page, "dec > 0 and redshift between 0.123 and 1.456")
    base = frame[(frame["dec"] > 0) & frame["z_spec"].between(0.123, 1.456)]
    expect_counts(page, len(base), 500)
    page.evaluate(FOLLOWED)
    edges = _edges(page, "magnitude")
    thumb = page.get_by_label("Lowest magnitude i")
    for key in ("Home", "PageUp", "PageUp", "PageUp", "ArrowRight"):
        thumb.press(key)
    first = int(thumb.input_value())
    expect(thumb).to_have_attribute("aria-valuetext", f"{edges[first]:g}")
    chosen = base[_is_snapped(base["mag_i"], edges, first, len(edges) - 1)]
    assert 0 < len(chosen) < len(base)
    expect_counts(page, len(chosen), 500)
    assert _followed(page)["total"] == len(chosen)
    expect(remove_buttons(page)).to_have_count(3)
    expect_plots_of(page, chosen, 500)

    flags = page.get_by_role("group", name="Flag (z_flag)")
    flags.get_by_label("4").press("Space")
    chosen = chosen[chosen["z_flag"] == 4]
    expect_counts(page, len(chosen), 500)
    expect(remove_buttons(page)).to_have_count(4)
    expect_plots_of(page, chosen, 500)
    page.reload()
    wait_for_plot(page, "n_z")
    expect(page.get_by_label("Lowest magnitude i")).to_have_value(str(first))
    expect(flags.get_by_label("4")).to_be_checked()
    thumb.press("Home")
    expect(remove_buttons(page)).to_have_count(3)
    expect_plots_of(page, base[base["z_flag"] == 4], 500)


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
