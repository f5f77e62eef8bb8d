"""The Python client, connected to a real portal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pzserver import PzServer

from tests.support.portal import Portal


@pytest.fixture(scope="session")
def token_of(portal: Portal) -> Callable[[str], str]:
    """Maker of a token for somebody."""
    made: dict[str, str] = {}

    def token(name: str) -> str:
        if name not in made:
            made[name] = portal.manage("create-token", name).strip()
        return made[name]

    return token


@pytest.fixture
def connect(
    portal: Portal, token_of: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], PzServer]:
    """Maker of a connection of somebody; main files are kept in a folder of the test."""
    monkeypatch.setenv("PZSERVER_CACHE_DIR", str(tmp_path / "cache"))
    return lambda name: PzServer(token_of(name), portal.url)


@pytest.fixture
def server(connect: Callable[[str], PzServer]) -> PzServer:
    """Connection of an ordinary person."""
    return connect("owner1")
