"""Markdown written by people."""

from __future__ import annotations

import pytest

from components.markdown import markdown_html, markdown_view
from tests.components.tree import elements, find, words

EVIL = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '<a href="javascript:alert(1)">x</a>',
    "![x](http://tracker.example/pixel.png)",
    "<iframe src=//evil.example></iframe>",
)


@pytest.mark.parametrize("text", EVIL)
def test_nothing_that_acts_or_calls_home_survives(text: str) -> None:
    html = markdown_html(text)
    for part in ("<script", "<img", "<iframe", '<a href="javascript', '<a href="data'):
        assert part not in html
    kinds = {type(element).__name__ for element in elements(markdown_view(text))}
    assert kinds <= {"Div", "P", "A"}
    assert not [link for link in find(markdown_view(text), "A") if "javascript" in str(getattr(link, "href", ""))]


def test_structure_survives() -> None:
    view = markdown_view("# Title\n\n- one\n- *two*\n\n|a|b|\n|-|-|\n|1|2|\n\n[w](https://x.example)")
    assert words(find(view, "H3")[0]) == "Title"
    assert [words(item) for item in find(view, "Li")] == ["one", "two"]
    assert [words(cell) for cell in find(view, "Td")] == ["1", "2"]
    assert find(view, "A", href="https://x.example")


def test_code_keeps_its_characters() -> None:
    assert words(find(markdown_view("`a < b & c`"), "Code")[0]) == "a < b & c"


def test_no_text_is_no_trouble() -> None:
    assert words(markdown_view(None)) == ""
