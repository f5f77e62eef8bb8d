"""What journeys with cuts do over and over: type them, drag them, read what they left."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from playwright.sync_api import Page, expect

from tests.support.browser import ACTION_LIMIT_MS
from tests.support.pages import numbers_of, upload_product, wait_for_plot


def open_catalogue(page: Page, path: Path, name: str) -> None:
    """Upload a training set and wait for all of its plots: a box that is begun on a plot goes when it is drawn anew."""
    upload_product(page, name, "training_set", path)
    wait_for_plot(page, "n_z")
    page.wait_for_load_state("networkidle")


def type_cut(page: Page, text: str) -> None:
    """Type a cut into its field and press Enter."""
    field = page.get_by_label("Show only rows where")
    field.fill(text)
    field.press("Enter")


def expect_counts(page: Page, n_shown: int, n_total: int) -> None:
    """Until the line of counts says how many rows are shown and how many cut away."""
    line = f"{n_shown:,} shown / {n_total:,} total / {n_total - n_shown:,} cut away"
    expect(page.locator("#cut-counts")).to_have_text(line, timeout=ACTION_LIMIT_MS)


def remove_buttons(page: Page) -> Any:
    """One for each condition of the cut."""
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


def begin_drag(page: Page, plot: str) -> None:
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


def drag(page: Page, plot: str) -> None:
    """Drag a box across the middle half of a plot."""
    begin_drag(page, plot)
    page.mouse.up()


def limits_of(page: Page, word: str) -> tuple[float, float]:
    """Range that the cut in the field gives a column."""
    text = page.get_by_label("Show only rows where").input_value()
    low, high = map(float, re.findall(rf"{word} between (\S+) and (\S+)", text)[0])
    return low, high
