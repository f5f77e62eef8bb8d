from __future__ import annotations

import json

from components.view_exports.layout import view_tools
from services.version import VERSION
from tests.components.tree import find, words
from tests.components.values import product


def test_the_buttons_know_what_the_head_of_a_report_says() -> None:
    shown = view_tools(product(name="A <b>name</b>", main_file_name="a.csv", main_file_sha256="ab" * 32, n_rows=1234))
    assert [words(button) for button in find(shown, "Button")] == ["Report (HTML)", "Print / PDF", "Notebook"]
    facts = json.loads(shown.to_plotly_json()["props"]["data-report"])
    assert (facts["name"], facts["product"], facts["software"]) == ("A <b>name</b>", 7, f"PZ Server {VERSION}")
    rows = dict(facts["rows"])
    assert (rows["Main file"], rows["SHA-256"], rows["Rows of the file"]) == ("a.csv", "ab" * 32, "1,234")
