"""Markdown written by people."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

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


def test_raw_html_is_shown_and_not_used() -> None:
    assert markdown_html("a <em>b</em>") == "<p>a &lt;em&gt;b&lt;/em&gt;</p>\n"


@pytest.mark.parametrize("text", EVIL)
def test_the_second_fence_holds_alone(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser may let everything through: what it makes is cleaned once more."""
    lenient = MarkdownIt("commonmark", {"html": True})
    monkeypatch.setattr(lenient, "validateLink", lambda _: True)
    monkeypatch.setattr("components.markdown._PARSER", lenient)
    html = markdown_html(text)
    for part in ("<script", "<img", "<iframe", "javascript:", "data:", "onerror", "tracker.example"):
        assert part not in html


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
