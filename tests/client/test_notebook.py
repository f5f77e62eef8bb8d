"""The notebook of a view runs from top to bottom against the portal that wrote it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
import requests
from nbclient import NotebookClient

from tests.support.portal import Portal

LONGEST_CELL_S = 120
VIEWS = (
    ("Reference redshift compilation", {"cut": "redshift < 1", "bins": "n_z:0.2", "split": "z_flag"}),
    ("Validation with PDFs", {}),
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("name", "view"), VIEWS, ids=[name for name, _ in VIEWS])
def test_a_notebook_draws_the_view(
    name: str, view: dict[str, str], demo_portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = demo_portal.manage("create-token", "demo").strip()
    for variable, folder in (("PZSERVER_CACHE_DIR", "c"), ("IPYTHONDIR", "i"), ("JUPYTER_RUNTIME_DIR", "r")):
        monkeypatch.setenv(variable, str(tmp_path / folder))
    monkeypatch.setenv("PZSERVER_TOKEN", token)
    session = requests.Session()
    session.headers["Authorization"] = f"Token {token}"
    listed = session.get(f"{demo_portal.url}/api/products/", params={"display_name": name}, timeout=60).json()
    product = (listed["results"] if isinstance(listed, dict) else listed)[0]
    base = f"{demo_portal.url}/api/products/{product['id']}"
    answer = session.get(f"{base}/notebook/", params=view, timeout=120)
    assert answer.headers["Content-Disposition"].endswith(".ipynb")
    notebook = nbformat.reads(answer.text, as_version=4)
    NotebookClient(notebook, timeout=LONGEST_CELL_S, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    n_plots = session.get(f"{base}/plots/", timeout=60).json()["count"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == n_plots
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert not [output for output in outputs if "has changed" in output.get("text", "")]
    nbformat.write(notebook, tmp_path / "run.ipynb")
