"""Dragging a slider of the cut bar in a real Chromium: from the move of the mouse to the redrawn plots."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.dataset import Dataset
from benchmarks.timing import ROUNDS, Line
from services.container import Container, build_container
from services.jobs.workbench import WORKBENCH
from services.repositories.jobs import JobRepository
from services.settings import Settings
from services.unit_of_work import reading
from tests.support.browser import DESKTOP, sign_in
from tests.support.chromium import MISSING, find_chromium
from tests.support.pages import open_training_set, wait_for_plot
from tests.support.portal import Portal, manage, portal_environment, serving

LIMIT_MS = 60_000
DRAG_S = 3.0
"""How long a thumb is moved to and fro."""
SETTLED_MS = 1000
"""After the last answer, until its plots are drawn."""
STEPS = 120
"""Moves of the mouse on the way from one end to the other."""

WATCH = """() => {
    window.painted = [];
    document.addEventListener("plots-followed", ({ detail }) => {
        const { port1, port2 } = new MessageChannel();
        const began = performance.now() - detail.ms;
        port1.onmessage = () => window.painted.push({ began, ms: performance.now() - began, plots: detail.plots });
        requestAnimationFrame(() => port2.postMessage(0));
    });
}"""
"""Times after the frame was painted: the message arrives behind the next frame's callbacks."""


def dragged_cut(data: Dataset) -> Iterator[Line]:
    """Redshift and magnitude sliders of the large demo product, at the rows of the benchmark."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        manage(Path(folder), "migrate")
        _seed(Path(folder), data.n_rows)
        with serving(Path(folder)) as portal:
            _work_off(Path(folder))
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            yield from _lines(_opened(browser, portal), f"{data.n_rows:,} rows")
            browser.close()


def _seed(folder: Path, n_rows: int) -> None:
    """Demo data whose training set has so many rows: a file larger than portals take by default."""
    environment = portal_environment(folder) | {"PZSERVER_UPLOAD_MAX_BYTES": str(2**32)}
    command = [sys.executable, "manage.py", "seed-demo", "--rows", str(n_rows)]
    subprocess.run(command, env=environment, check=True, capture_output=True)


def _work_off(folder: Path) -> None:
    """Wait for the plots that are prepared after seeding: browser and worker would share the processors here."""
    container = build_container(Settings(data_dir=folder))
    try:
        while _is_working(container):
            time.sleep(0.5)
    finally:
        container.engine.dispose()


def _is_working(container: Container) -> bool:
    with reading(container.sessions) as session:
        return JobRepository(session).is_waiting(WORKBENCH)


def _opened(browser: Browser, portal: Portal) -> Page:
    page = browser.new_context(base_url=portal.url, viewport=DESKTOP).new_page()
    page.set_default_timeout(LIMIT_MS)
    sign_in(page, portal, "demo")
    open_training_set(page)
    wait_for_plot(page, "z_magnitude")
    _settle(page)
    return page


def _settle(page: Page) -> None:
    """Wait for answers that are on their way and for their plots, else they are drawn in the middle of a drag."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLED_MS)


def _lines(page: Page, size: str) -> Iterator[Line]:
    answer, first_ms = _cube(page)
    again_ms = statistics.median(_cube(page)[1] for _ in range(ROUNDS))
    yield Line(f"cube, first answer, {size}", first_ms, None, "absolute, ms", None)
    yield Line(f"cube, later answers, {size}", again_ms, None, "absolute, ms", None)
    yield Line(f"cube, on the way, {size}", answer / 1000, None, "compressed", None, "kB")
    page.evaluate(WATCH)
    for name in ("Highest redshift", "Lowest magnitude i"):
        found = _drag(page, name)
        times = sorted(one["ms"] for one in found)
        per_second = len(found) / ((found[-1]["began"] - found[0]["began"]) / 1000)
        yield Line(f"{name}, {size}: median", statistics.median(times), None, "absolute, ms", 50)
        yield Line(f"{name}, {size}: 95 %", times[int(0.95 * len(times))], None, "absolute, ms", 50)
        yield Line(f"{name}, {size}: longest", times[-1], None, "absolute, ms", None)
        yield Line(f"{name}, {size}: time between updates", 1000 / per_second, None, "absolute, ms", 100)


def _cube(page: Page) -> tuple[int, float]:
    """Bytes that travel and milliseconds until they are there."""
    found: dict[str, Any] = page.evaluate(
        """async () => {
            const product = document.querySelector("[data-product]").dataset.product;
            const address = `/api/products/${product}/cube/`;
            const start = performance.now();
            await (await fetch(address, { cache: "no-store" })).json();
            const ms = performance.now() - start;
            const bytes = performance.getEntriesByName(new URL(address, location.href).href).at(-1).encodedBodySize;
            return { ms, bytes };
        }"""
    )
    return int(found["bytes"]), float(found["ms"])


def _drag(page: Page, name: str) -> list[dict[str, Any]]:
    """Move a thumb over half of its track and back for some seconds, then take the cut away again."""
    thumb = page.get_by_label(name)
    thumb.scroll_into_view_if_needed()
    box = thumb.bounding_box()
    assert box is not None
    middle, is_high = box["y"] + box["height"] / 2, name.startswith("Highest")
    page.evaluate("window.painted = []")
    start = box["x"] + (box["width"] - 9 if is_high else 9)
    page.mouse.move(start, middle)
    page.mouse.down()
    until, step = time.monotonic() + DRAG_S, 0
    while time.monotonic() < until:
        share = abs((step % (2 * STEPS)) - STEPS) / STEPS
        page.mouse.move(start + (-1 if is_high else 1) * (1 - share) * box["width"] / 2, middle)
        step += 1
    found: list[dict[str, Any]] = page.evaluate("window.painted")
    page.mouse.up()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.locator("canvas.live-plot")).to_have_count(0, timeout=LIMIT_MS)
    _settle(page)
    return found


CUBES = {"drag": dragged_cut}
