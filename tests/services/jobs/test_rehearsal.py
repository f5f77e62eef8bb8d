"""Everything that can be shown is looked at before people do, and compiled loops are kept where they can be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.details import DetailService
from services.errors import PZServerError
from services.jobs import rehearsal
from services.statistics.details import DETAILS
from tests.support.databases import clean_environment
from tests.support.files import REPOSITORY

WITH_PDFS = {name for name, row in DETAILS.items() if ("pdf",) in row.needs}
COMPILE = """
import os
os.access = lambda *_: False
import numpy
from services.formats import text_cells
from services.statistics.kernels import is_sentinel
is_sentinel(1.0, numpy.ones(1))
"""


def test_every_detail_is_looked_at_with_and_without_a_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[tuple[str, bool]] = set()
    detail = DetailService.detail

    def watched(service: DetailService, actor: Any, product_id: int, name: str, cut: str | None = None) -> Any:
        found = detail(service, actor, product_id, name, cut)
        if found is not None:
            seen.add((name, cut is not None))
        return found

    monkeypatch.setattr(DetailService, "detail", watched)
    monkeypatch.setattr(rehearsal, "N_ROWS", 300)
    monkeypatch.setattr(rehearsal, "LOOKS", rehearsal.LOOKS[:2])
    rehearsal.rehearse(tmp_path)
    wanted = set(DETAILS) - WITH_PDFS - {"sky_fields"}  # one field has no panels
    assert {(name, is_cut) for name in wanted for is_cut in (False, True)} <= seen
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("look", rehearsal.LOOKS[2:])
def test_other_looks_find_something(look: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    errors: list[Exception] = []

    def watched(*arguments: Any) -> None:
        try:
            look(*arguments)
        except PZServerError as error:  # the rehearsal passes over these; any other ends it and this test
            errors.append(error)
            raise

    monkeypatch.setattr(rehearsal, "N_ROWS", 300)
    monkeypatch.setattr(rehearsal, "LOOKS", (watched,))
    rehearsal.rehearse(tmp_path)
    assert errors == []


def test_sources_that_were_rehearsed_are_not_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "rehearsed-0").touch()
    monkeypatch.setenv("PZSERVER_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(rehearsal, "rehearse", folders.append)
    monkeypatch.setattr(rehearsal, "kept_in", lambda: kept)
    monkeypatch.setattr(rehearsal, "die_with_parent", lambda: None)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    rehearsal.main()
    rehearsal.main()
    assert folders == [tmp_path / "work"]
    assert [path.name for path in kept.iterdir()] == [f"rehearsed-{rehearsal.signature()}"]


def test_compiled_loops_lie_in_the_data_folder_where_sources_are_read_only(tmp_path: Path) -> None:
    environment = clean_environment(PZSERVER_DATA_DIR=str(tmp_path))
    environment.pop("NUMBA_CACHE_DIR", None)
    subprocess.run([sys.executable, "-c", COMPILE], env=environment, cwd=REPOSITORY, check=True)
    assert [path.name.split(".")[1].split("-")[0] for path in tmp_path.glob("compiled/*/*.nbi")] == ["is_sentinel"]
