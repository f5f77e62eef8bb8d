"""Markdown written by people, as page elements that cannot do harm."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import nh3
from dash import html
from dash.development.base_component import Component
from markdown_it import MarkdownIt

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_BLOCKS = {"blockquote", "ol", "ul", "table", "tbody", "thead", "tr"}
"""Tags in which white space between the children means nothing."""
_EMPTY_TAGS = {"br", "hr"}
_ATTRIBUTES = {"a": {"href", "title"}}
_SCHEMES = {"http", "https", "mailto"}
_HEADINGS = {f"h{level}": f"h{min(level + 2, 6)}" for level in range(1, 7)}
"""A description sits below the headings of its page."""

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def markdown_html(text: str) -> str:
    """Sanitised HTML of a Markdown text: no raw HTML, no scripts, no images, links only to http, https and mailto."""
    tokens = _PARSER.parse(text)
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    rendered = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return nh3.clean(
        rendered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def markdown_view(text: str | None) -> html.Div:
    """Description ready for a page."""
    builder = _TreeBuilder()
    builder.feed(markdown_html(text or ""))
    builder.close()
    return html.Div(builder.roots, className="description")


class _TreeBuilder(HTMLParser):
    """Turns sanitised HTML into Dash elements, so that no page ever holds markup as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.roots: list[Component | str] = []
        self._open: list[tuple[str, dict[str, Any], list[Component | str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        properties = {name: value for name, value in attrs if value}
        if tag in _EMPTY_TAGS:
            self._add(_element(tag, properties, []))
        else:
            self._open.append((tag, properties, []))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._add(_element(*self._open.pop()))

    def handle_data(self, data: str) -> None:
        if data.strip() or (self._open and self._open[-1][0] not in _BLOCKS):
            self._add(data)

    def _add(self, child: Component | str) -> None:
        (self._open[-1][2] if self._open else self.roots).append(child)


def _element(tag: str, properties: dict[str, Any], children: list[Component | str]) -> Component:
    factory = getattr(html, tag.capitalize())
    allowed = {name: value for name, value in properties.items() if name in {"href", "title", "rel"}}
    element: Component = factory(children or None, **allowed)
    return html.Div(element, className="description-table") if tag == "table" else element
