"""Looking into component trees: find elements, read their words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component


def elements(root: Any) -> Iterator[Component]:
    """Every component of a tree, parents first."""
    if isinstance(root, Component):
        yield root
        root = getattr(root, "children", None)
    if isinstance(root, (list, tuple)):
        for child in root:
            yield from elements(child)
    elif isinstance(root, Component):
        yield from elements(root)


def find(root: Any, kind: str, **properties: Any) -> list[Component]:
    """Components of a kind ("A", "Button", "Link") with these properties."""
    return [
        element
        for element in elements(root)
        if type(element).__name__ == kind
        and all(element.to_plotly_json()["props"].get(name) == value for name, value in properties.items())
    ]


def words(root: Any) -> str:
    """Text of a tree, as a screen reader would come across it."""
    if isinstance(root, Component):
        return words(getattr(root, "children", None))
    if isinstance(root, (list, tuple)):
        return " ".join(part for child in root if (part := words(child)))
    return "" if root is None else str(root)
