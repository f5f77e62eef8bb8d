"""The tutorials run from top to bottom on a portal with demo data, and are kept without outputs."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.support.files import REPOSITORY
from tests.support.portal import Portal

TUTORIALS = sorted((REPOSITORY / "docs" / "tutorials").glob("*.ipynb"))
HOST = "http://127.0.0.1:8050"
LONGEST_CELL_S = 120


def test_there_are_three_tutorials() -> None:
    assert [path.stem for path in TUTORIALS] == ["0_introduction", "1_specz_catalogs", "2_training_sets"]


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_is_kept_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["source"] for cell in code if cell["outputs"] or cell["execution_count"]] == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_runs(path: Path, demo_portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PZSERVER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "token.txt").write_text(demo_portal.manage("create-token", "demo"))
    notebook = nbformat.reads(path.read_text().replace(HOST, demo_portal.url), as_version=4)
    NotebookClient(notebook, timeout=LONGEST_CELL_S, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("text/html" in output.get("data", {}) for output in shown)
    assert not [output for output in shown if output.get("name") == "stderr"]
