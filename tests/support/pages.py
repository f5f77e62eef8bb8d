"""What journeys do over and over: fill in the upload form, wait for plots, read their numbers."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from services.demo.recipes import LARGE_TRAINING_SET

READING_LIMIT_MS = 60_000
PRODUCT_ADDRESS = re.compile(r"/product/\d+_[a-z0-9_]+")


@dataclass(frozen=True)
class BinnedNumbers:
    """CSV of a histogram as the page offers it."""

    edges: np.ndarray
    counts: np.ndarray
    caption: str


def upload_product(page: Page, name: str, product_type: str, main: Path) -> None:
    """Make a product by the form, and wait until its page is open."""
    page.goto("/product/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Product type", exact=True).select_option(product_type)
    page.get_by_role("group", name="Main file").locator("input[type=file]").set_input_files(main)
    expect(page.get_by_role("group", name="Main file").get_by_text("arrived")).to_be_visible(timeout=READING_LIMIT_MS)
    page.get_by_role("button", name="Submit", exact=True).click()
    page.wait_for_url(PRODUCT_ADDRESS)


def open_training_set(page: Page, query: str = "") -> None:
    """Page of the official training set of the demo data, found by its list."""
    page.goto("/official_products")
    page.get_by_role("link", name=LARGE_TRAINING_SET).first.click()
    expect(page.get_by_role("heading", name=LARGE_TRAINING_SET)).to_be_visible()
    if query:
        page.goto(page.url.split("?")[0] + query)


def wait_for_plot(page: Page, name: str) -> None:
    """Until the plot of one statistic is drawn."""
    expect(page.locator(f"[data-plot={name}] .main-svg").first).to_be_visible(timeout=READING_LIMIT_MS)


def numbers_of(page: Page, name: str) -> BinnedNumbers:
    """Bins and counts of a histogram, from the CSV behind its button."""
    with page.expect_download() as download:
        page.locator(f"[data-plot={name}]").get_by_role("button", name="CSV of").click()
    lines = Path(download.value.path()).read_text().splitlines()
    rows = list(csv.DictReader(lines[1:]))
    edges = np.array([float(row["bin_low"]) for row in rows] + [float(rows[-1]["bin_high"])])
    return BinnedNumbers(edges, np.array([int(row["count"]) for row in rows]), lines[0])


def page_width(page: Page) -> int:
    """Width the page needs, in CSS pixels: more than the window means sideways scrolling."""
    return int(page.evaluate("document.documentElement.scrollWidth"))
