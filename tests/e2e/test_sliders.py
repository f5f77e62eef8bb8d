"""Cuts by sliders and drags, in a real Chromium: plots follow while the mouse is held, and stay when it lets go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import OpenPage
from tests.support.cuts import (
    begin_drag,
    expect_counts,
    expect_plots_of,
    limits_of,
    open_catalogue,
    remove_buttons,
    type_cut,
)
from tests.support.pages import wait_for_plot
from tests.support.portal import Portal

pytestmark = pytest.mark.browser

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
    open_catalogue(page, path, "Cut by sliders")
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
    open_catalogue(page, path, "Cut while dragging")
    page.evaluate(FOLLOWED)
    begin_drag(page, "n_z")
    expect(page.locator("[data-plot=magnitudes] .is-live canvas")).to_be_visible()
    expect(page.locator("#cut-counts")).to_contain_text("about")
    edges = _edges(page, "redshift")
    filled = np.flatnonzero(_followed(page)["redshift"][2:-1])
    page.mouse.up()
    expect(page.locator("canvas.live-plot")).to_have_count(0)
    low, high = limits_of(page, "redshift")
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
    open_catalogue(page, path, "Cut by keys")
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
