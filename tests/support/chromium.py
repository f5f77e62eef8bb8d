"""The browser of the tests: one that is installed, else the platform's package, else Playwright's own download.

``python -m tests.support.chromium`` makes sure there is one and prints its path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "No Chromium was found, so the browser tests cannot run: install the package chromium, "
    "or run `.venv/bin/python -m playwright install --with-deps chromium`."
)


def _runs(path: str) -> bool:
    """Whether the program starts at all: some distributions ship a stub that only asks for another package."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _playwright_chromium() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def installed_chromium() -> str | None:
    """Path of a browser found on this machine, without Playwright's own; None when there is none."""
    found = [path for name in NAMES if (path := shutil.which(name))]
    return next((path for path in [*found, *MAC_APPLICATIONS] if Path(path).exists() and _runs(path)), None)


def find_chromium() -> str | None:
    """Path of a browser that starts, None when there is none."""
    if found := installed_chromium():
        return found
    own = _playwright_chromium()
    return own if Path(own).exists() and _runs(own) else None


def _install_package() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], env=quiet, check=False)
        subprocess.run(["apt-get", "install", "-y", "-q", "chromium"], env=quiet, check=False)


def _download() -> None:
    dependencies = ["--with-deps"] if os.geteuid() == 0 and shutil.which("apt-get") else []
    subprocess.run([sys.executable, "-m", "playwright", "install", *dependencies, "chromium"], check=False)


def ensure_chromium() -> str | None:
    """Path of a browser, installed now when there was none; None when that failed too."""
    for install in (_install_package, _download):
        if found := find_chromium():
            return found
        install()
    return find_chromium()


def main() -> int:
    """Exit status 0 when there is a browser."""
    found = ensure_chromium()
    print(found or MISSING, file=sys.stdout if found else sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
