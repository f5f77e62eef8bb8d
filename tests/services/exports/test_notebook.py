from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import nbformat
import pytest

from services.exports.notebook import MOST_ROWS, NotebookPlot, NotebookView, notebook_bytes

VIEW = NotebookView(
    api_url="http://127.0.0.1:8050/api/",
    page_url="http://127.0.0.1:8050/product/7_deep_field?cut=mag_i+%3C+24",
    product_id=7,
    display_name="Deep field",
    type_title="Spec-z Catalog",
    owner="First Owner",
    file_name="deep.csv",
    sha256="ab" * 32,
    n_rows=1234,
    cut="mag_i < 24",
    software="PZ Server 0.1.0",
    made_at="2026-01-31 08:15 UTC",
    plots=(
        NotebookPlot("n_z", "Redshift distribution", ("z_spec",), (("width", 0.1), ("split", "z_flag"))),
        NotebookPlot("sky", "Sky density", ("ra", "dec")),
    ),
)
EVIL = '<script>alert(1)</script> [x](javascript:1) `a` $b$ | c\n# d """ \' \\'


def cells(view: NotebookView, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(notebook_bytes(view))["cells"] if cell["cell_type"] == kind]


def test_it_is_a_notebook_without_outputs() -> None:
    notebook = nbformat.reads(notebook_bytes(VIEW).decode(), as_version=4)
    nbformat.validate(notebook)
    assert not [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    assert notebook_bytes(VIEW) == notebook_bytes(VIEW)


def test_code_draws_every_plot_of_the_view_under_its_cut() -> None:
    code = "\n".join(cells(VIEW, "code"))
    compile(code, "notebook", "exec")
    assert "PRODUCT = 7" in code
    assert "CUT = 'mag_i < 24'" in code
    assert "product.plot('n_z', cut=CUT, width=0.1, split='z_flag')" in code
    assert "product.plot('sky', cut=CUT)" in code
    assert "columns=['z_spec', 'ra', 'dec'], cut=CUT" in code
    assert "metrics(" not in code
    assert "product.metrics(cut=CUT)" in "\n".join(cells(replace(VIEW, has_metrics=True), "code"))


def test_words_say_where_everything_comes_from() -> None:
    words = "\n".join(cells(VIEW, "markdown"))
    for fact in (VIEW.page_url, VIEW.sha256, "deep.csv", "1,234", "mag\\_i \\< 24", "PZ Server 0.1.0", "First Owner"):
        assert fact in words


def test_rows_of_large_files_are_not_fetched() -> None:
    large = cells(replace(VIEW, n_rows=MOST_ROWS + 1), "code")
    assert all(line.startswith("#") for line in large[1].splitlines())
    assert "rows = pz.get_product" in large[1]


@pytest.mark.parametrize("field", ["display_name", "owner", "file_name", "cut", "type_title"])
def test_words_of_people_are_neither_markup_nor_code(field: str) -> None:
    changes: dict[str, Any] = {field: EVIL}
    view = replace(VIEW, **changes)
    compile("\n".join(cells(view, "code")), "notebook", "exec")
    words = "\n".join(cells(view, "markdown"))
    assert "<script" not in words.replace("\\<script", "")
    assert "\n# d" not in words
    assert "](javascript" not in words.replace("\\]\\(javascript", "")


def test_columns_with_odd_names_stay_words() -> None:
    plot = NotebookPlot("n_z", "N(z)", ("a`b", "c\"d'e\nf"))
    view = replace(VIEW, plots=(plot,))
    compile("\n".join(cells(view, "code")), "notebook", "exec")
    assert "a`b" not in "\n".join(cells(view, "markdown"))
