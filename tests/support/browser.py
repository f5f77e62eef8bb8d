"""A real Chromium: pages that fail on console errors, sign-in, and axe for accessibility."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize, expect

from tests.support.chromium import MISSING, find_chromium
from tests.support.portal import Portal

AXE_SOURCE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
WCAG_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
ACTION_LIMIT_MS = 30_000
expect.set_options(timeout=ACTION_LIMIT_MS)  # what is expected may take as long as an action: machines are shared

OpenPage = Callable[..., Page]
"""open_page(portal, user=None, viewport=DESKTOP, **context options): a new browser session, like another person's."""


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of the browser; without one the browser tests fail and say what to install."""
    found = find_chromium()
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium_path: str) -> dict[str, Any]:
    """Launch options of pytest-playwright: our browser, able to run as root in a container."""
    return {**browser_type_launch_args, "executable_path": chromium_path, "args": ["--no-sandbox"]}


@pytest.fixture
def console_errors() -> list[str]:
    """Errors the pages of this test reported. A test that provokes one on purpose empties the list and says why."""
    return []


def _watch(page: Page, errors: list[str]) -> None:
    page.on("pageerror", lambda error: errors.append(f"page error: {error}"))
    page.on("console", lambda message: errors.append(f"console: {message.text}") if message.type == "error" else None)


def sign_in(page: Page, portal: Portal, user: str) -> None:
    """Log in by the form, as a person does; passwords of test portals equal the names."""
    page.goto(f"{portal.url}/login")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(user)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture(scope="session")
def sessions() -> dict[tuple[str, str], StorageState]:
    """Cookies of people who logged in once, by portal and name."""
    return {}


@pytest.fixture
def open_page(
    browser: Browser, console_errors: list[str], sessions: dict[tuple[str, str], StorageState]
) -> Iterator[OpenPage]:
    """Maker of pages, each in a browser session of its own; any console error fails the test at its end."""
    contexts: list[BrowserContext] = []

    def make(portal: Portal, user: str | None = None, viewport: ViewportSize | None = None, **options: Any) -> Page:
        state = sessions.get((portal.url, user or ""))
        context = browser.new_context(base_url=portal.url, viewport=viewport or DESKTOP, storage_state=state, **options)
        contexts.append(context)
        context.set_default_timeout(ACTION_LIMIT_MS)
        page = context.new_page()
        _watch(page, console_errors)
        if user is not None and state is None:
            sign_in(page, portal, user)
            sessions[portal.url, user] = context.storage_state()
        return page

    yield make
    for context in contexts:
        context.close()
    assert not console_errors, "the browser reported errors:\n" + "\n".join(console_errors)


def serious_findings(page: Page, part: str = "html") -> list[str]:
    """What axe finds serious or critical on the page, or a part of it, as it is now, one line each."""
    page.evaluate(AXE_SOURCE.read_text())
    run = "async ([part, tags]) => (await axe.run(part, {runOnly: tags})).violations"
    violations = page.evaluate(run, [part, WCAG_TAGS])
    return [
        f"{violation['id']}: {violation['help']} at {[node['target'] for node in violation['nodes']][:5]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]
