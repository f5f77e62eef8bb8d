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
