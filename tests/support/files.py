"""Files the tests read."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_data() -> Path | None:
    """Folder of real public catalogues beside the repository, None where a machine has none."""
    folder = REPOSITORY.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def odd_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small files with one trap each, by name; see ``tests/data/make_odd_files.py``."""
    from tests.data.make_odd_files import make_odd_files

    return make_odd_files(tmp_path_factory.mktemp("odd_files"))
