"""The wiring: applications that can be made, remade, and that start nothing by themselves."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import dash
import pytest

from app import create_app
from components.callbacks import CALLBACKS
from services.context import RequestContext, use_context
from services.database import migrate
from services.settings import Settings
from services.version import VERSION
from tests.support.files import REPOSITORY
from tests.support.live import Live, running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a new portal."""
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    return settings


def test_importing_the_app_starts_nothing(tmp_path: Path) -> None:
    code = (
        "import app, threading, pathlib; "
        "assert threading.active_count() == 1, threading.enumerate(); "
        "assert not list(pathlib.Path('.').iterdir()), list(pathlib.Path('.').iterdir())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_two_applications_live_in_one_process(tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    with running(Settings(data_dir=folders[0])) as first, running(Settings(data_dir=folders[1])) as second:
        for live in (first, second):
            assert "What this is" in opened(live, "/about")
        assert first.session("demo").cookies["pz_session"] != second.session("demo").cookies["pz_session"]


def opened(live: Live, path: str) -> str:
    """What the routing callback draws for a path."""
    session = live.session("demo")
    routing = next(
        entry
        for entry in session.get(f"{live.url}/_dash-dependencies").json()
        if "_pages_content.children" in entry["output"]
    )
    outputs = [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}]
    values = {"pathname": path, "search": "?utm_source=mail&layout=x"}
    inputs = [{"id": "_pages_location", "property": key, "value": value} for key, value in values.items()]
    body = {
        "output": routing["output"],
        "outputs": outputs,
        "inputs": inputs,
        "changedPropIds": ["_pages_location.pathname"],
    }
    answer = session.post(f"{live.url}/_dash-update-component", json=body)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_nothing_is_offered_that_was_not_asked_for(settings: Settings) -> None:
    app = create_app(settings)
    rules = {rule.rule for rule in app.server.url_map.iter_rules()}
    assert not [rule for rule in rules if "mcp" in rule]
    assert app._enable_mcp is False
    assert app._use_async is False
    assert app.callback_api_paths == {}


def test_every_component_is_registered_once() -> None:
    assert len(set(CALLBACKS)) == len(CALLBACKS)
    assert all(register.__name__ == "register" for register in CALLBACKS)


def test_every_callback_belongs_to_an_application(settings: Settings) -> None:
    create_app(settings)
    from dash._callback import GLOBAL_CALLBACK_MAP

    assert GLOBAL_CALLBACK_MAP == {}


def test_pages_have_titles_and_distinct_addresses(settings: Settings) -> None:
    create_app(settings)
    pages = list(dash.page_registry.values())
    addresses = [page["path_template"] or page["path"] for page in pages]
    assert len(set(addresses)) == len(addresses)
    assert all(page["title"] for page in pages)


def test_the_layout_bears_that_nobody_is_signed_in(settings: Settings) -> None:
    app = create_app(settings)
    container = app.server.extensions["portal_container"]
    with use_context(RequestContext(container, None, "test")):
        assert "_pages_content" in str(app.layout())


def test_the_version_is_written_in_one_place_more() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
