"""One live server for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from services.settings import Settings
from tests.support.live import Live, running

UPLOAD_LIMIT_BYTES = 40 * 2**20


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Server in demo mode."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("live"), demo=True, upload_max_bytes=UPLOAD_LIMIT_BYTES)
    with running(settings) as server:
        yield server


@pytest.fixture(scope="session")
def owner(live: Live) -> requests.Session:
    """Session of owner1."""
    return live.session("owner1")


@pytest.fixture(scope="session")
def stranger(live: Live) -> requests.Session:
    """Session of owner2."""
    return live.session("owner2")


@pytest.fixture(scope="session")
def api(live: Live) -> str:
    """Where its addresses begin."""
    return f"{live.url}/api/"


@pytest.fixture(scope="session")
def owner1(live: Live) -> Iterator[requests.Session]:
    """A program of owner1, by token."""
    with live.token_session("owner1") as session:
        yield session


@pytest.fixture(scope="session")
def owner2(live: Live) -> Iterator[requests.Session]:
    """A program of owner2, by token."""
    with live.token_session("owner2") as session:
        yield session


@pytest.fixture(scope="session")
def curator(live: Live) -> Iterator[requests.Session]:
    """A program of curator, by token."""
    with live.token_session("curator") as session:
        yield session


@pytest.fixture(scope="session")
def releases(live: Live) -> dict[str, int]:
    """Ids of an open release and of one that is closed to everybody but admins."""
    opened = live.container.releases.create("prod-open", "Products Open")
    closed = live.container.releases.create("prod-closed", "Products Closed", groups=["inner"])
    return {"open": opened.id, "closed": closed.id}
