"""A portal in memory, and a connection to it, for every test that wants one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pzserver import PzServer
from pzserver import transport as transport_module
from pzserver.testing import MockPortal

CSV = b"RA,DEC,z,note\n10.5,-1.25,0.5,a\n11.5,-2.25,1.25,b\n12.5,-3.5,2.0,\n"


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside, a cache that goes away, short pauses between tries."""
    for name in ("PZSERVER_TOKEN", "PZSERVER_HOST", "PZSERVER_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PZSERVER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setattr(transport_module, "FIRST_PAUSE_S", 0.01)


@pytest.fixture
def portal() -> Iterator[MockPortal]:
    """Portal in memory."""
    with MockPortal() as running:
        yield running


@pytest.fixture
def server(portal: MockPortal) -> PzServer:
    """Connection to it."""
    return PzServer(portal.token, portal.url)


@pytest.fixture
def specz_id(portal: MockPortal) -> int:
    """A spec-z catalogue of three rows with one auxiliary file."""
    number = portal.add_product("Deep field", "redshift_catalog")
    portal.add_file(number, "deep.csv", CSV)
    portal.add_file(number, "notes.txt", b"notes", role=2)
    return number
