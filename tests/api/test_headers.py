"""Headers: safety for browsers, honesty for caches, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from plotly.offline import get_plotlyjs_version

from tests.support.files import REPOSITORY
from tests.support.live import Live

ASSETS = REPOSITORY / "assets"


def test_pages_carry_a_policy_whose_nonce_is_on_every_script(live: Live, owner: requests.Session) -> None:
    for answer in (owner.get(f"{live.url}/about"), requests.get(f"{live.url}/login")):
        policy = answer.headers["Content-Security-Policy"]
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert scripts
        assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
        assert "unsafe-eval" not in policy
        assert "frame-ancestors 'self'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_nonces_are_never_used_twice(live: Live) -> None:
    policies = {requests.get(f"{live.url}/login").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


@pytest.mark.parametrize("path", ["/", "/about", "/_dash-layout", "/_dash-dependencies"])
def test_what_depends_on_the_person_is_not_stored(live: Live, owner: requests.Session, path: str) -> None:
    assert owner.get(live.url + path).headers["Cache-Control"] == "no-store"


def test_static_files_are_cached_and_the_same_for_everybody(live: Live, owner: requests.Session) -> None:
    for path in ("/assets/css/tokens.css", "/assets/vendor/plotly/plotly-cartesian-4.1.1.min.js"):
        answer = owner.get(live.url + path)
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_text_is_compressed(live: Live, encoding: str) -> None:
    answer = requests.get(f"{live.url}/assets/css/tokens.css", headers={"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding


def test_pages_ask_for_nothing_from_elsewhere(live: Live, owner: requests.Session) -> None:
    for page in (owner.get(f"{live.url}/about").text, requests.get(f"{live.url}/login").text):
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert loaded
        assert [address for address in loaded if not address.startswith("/")] == []


def test_sheets_ask_for_nothing_from_elsewhere() -> None:
    sheets = list(ASSETS.rglob("*.css"))
    assert len(sheets) >= 4
    for sheet in sheets:
        targets = re.findall(r"url\(\s*[\"']?([^)\"']+)", sheet.read_text())
        assert [target for target in targets if target.startswith(("http", "//"))] == [], sheet
        assert "@import" not in sheet.read_text()


def test_the_plot_library_in_the_browser_is_the_one_python_draws_for() -> None:
    [bundle] = (ASSETS / "vendor" / "plotly").glob("*.js")
    version = get_plotlyjs_version()
    assert bundle.name == f"plotly-cartesian-{version}.min.js"
    assert f"v{version}" in bundle.read_text()[:500]


@pytest.mark.parametrize("folder", ["plotly", "bootstrap", "uppy"])
def test_vendored_files_come_with_their_licence(folder: str) -> None:
    licence = ASSETS / "vendor" / folder / "LICENSE"
    assert "MIT" in licence.read_text()


def test_large_libraries_are_loaded_only_where_they_are_needed(live: Live, owner: requests.Session) -> None:
    page = owner.get(f"{live.url}/about").text
    assert "uppy" not in page
    assert "plotly-cartesian" in page


def test_tokens_come_before_every_other_sheet_of_ours(live: Live, owner: requests.Session) -> None:
    sheets = [Path(address).name for address in re.findall(r'href="(/assets/[^"?]+\.css)', owner.get(live.url).text)]
    assert sheets[:2] == ["bootstrap-5.3.9.min.css", "tokens.css"]
    assert sheets.count("tokens.css") == 1
