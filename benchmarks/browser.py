"""What a person waits for: the first visit to a product page in a real Chromium."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, StorageState, sync_playwright

from benchmarks.dataset import Dataset
from benchmarks.timing import ROUNDS, Line
from tests.support.browser import DESKTOP, sign_in
from tests.support.chromium import MISSING, find_chromium
from tests.support.pages import open_training_set
from tests.support.portal import Portal, manage, serving

EVERY_PLOT = """() => {
    const plots = [...document.querySelectorAll("[data-plot]")];
    return plots.length > 0 && plots.every(plot => plot.querySelector(".main-svg"));
}"""
LIMIT_MS = 60_000


def first_visit(data: Dataset) -> Iterator[Line]:
    """From the address to all plots of the large demo product, with an empty cache of the browser."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        manage(Path(folder), "migrate")
        manage(Path(folder), "seed-demo", "--rows", str(data.n_rows))
        with serving(Path(folder)) as portal:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            address, cookies = _address(browser, portal)
            times = [_visit(browser, address, cookies) for _ in range(ROUNDS)]
            browser.close()
    yield Line("first visit, all plots", statistics.median(times), None, "absolute, ms", 3000)


def _address(browser: Browser, portal: Portal) -> tuple[str, StorageState]:
    """Where the product is, and the cookies of somebody who is signed in."""
    context = browser.new_context(base_url=portal.url, viewport=DESKTOP)
    page = context.new_page()
    sign_in(page, portal, "demo")
    open_training_set(page)
    address, cookies = page.url, context.storage_state()
    context.close()
    return address, cookies


def _visit(browser: Browser, address: str, cookies: StorageState) -> float:
    context = browser.new_context(viewport=DESKTOP, storage_state=cookies)
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(EVERY_PLOT, timeout=LIMIT_MS)
    elapsed_ms = (time.perf_counter() - start) * 1000
    context.close()
    return elapsed_ms


BROWSER = {"visit": first_visit}
