"""Lists as tables for the eye: columns with the names people know, as HTML in a notebook and as text elsewhere."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from pzserver.console import in_notebook, say

Columns = Mapping[str, str]

PRODUCT_TYPES: Columns = {
    "Product Type": "display_name",
    "product_type": "name",
    "Description": "description",
}
USERS: Columns = {"Username": "username", "Name": "last_name"}
RELEASES: Columns = {"Name": "name", "Release": "display_name", "Description": "description"}
PRODUCTS: Columns = {
    "id": "id",
    "internal_name": "internal_name",
    "product_name": "display_name",
    "product_type": "product_type_name",
    "release": "release_name",
    "uploaded_by": "uploaded_by",
    "official_product": "official_product",
    "pz_code": "pz_code",
    "description": "description",
    "created_at": "created_at",
}
WIDEST_CELL = 60
"""Letters after which a cell of a text table goes on in the next line."""


def select(rows: Sequence[Mapping[str, Any]], columns: Columns) -> list[list[str]]:
    """Cells of some columns of rows, as text."""
    return [[cell_text(row.get(field)) for field in columns.values()] for row in rows]


def cell_text(value: Any) -> str:
    """A value as a table shows it: nothing for None, lists separated by commas."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(cell_text(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {cell_text(item)}" for key, item in value.items() if item is not None)
    return str(value)


class Table:
    """A table to look at.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : sequence of sequences of str
        Cells.
    """

    def __init__(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.header = list(header)
        self.rows = [list(row) for row in rows]

    def _repr_html_(self) -> str:
        """HTML with every cell escaped: descriptions are written by other people."""
        return (
            '<table style="text-align: left"><thead>'
            + _html_row(self.header, "th")
            + "</thead><tbody>"
            + "".join(_html_row(row, "td") for row in self.rows)
            + "</tbody></table>"
        )

    def __repr__(self) -> str:
        lines = [_cell_lines(row) for row in [self.header, *self.rows]]
        widths = [max(len(line) for row in lines for line in row[position]) for position in range(len(self.header))]
        return "\n".join(text for row in lines for text in _text_lines(row, widths))

    def show(self) -> None:
        """Draw it in a notebook, print it elsewhere."""
        if in_notebook():
            from IPython.display import display

            display(self)
        else:
            say(str(self))


def _html_row(cells: Sequence[str], tag: str) -> str:
    style = ' style="text-align: left; vertical-align: top"'
    return "<tr>" + "".join(f"<{tag}{style}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _cell_lines(row: Sequence[str]) -> list[list[str]]:
    return [textwrap.wrap(_harmless(cell), WIDEST_CELL) or [""] for cell in row]


def _harmless(text: str) -> str:
    """Text without control characters, which could redraw a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _text_lines(row: list[list[str]], widths: list[int]) -> list[str]:
    height = max(len(cell) for cell in row)
    padded = [cell + [""] * (height - len(cell)) for cell in row]
    return [
        "  ".join(cell[line].ljust(width) for cell, width in zip(padded, widths, strict=True)).rstrip()
        for line in range(height)
    ]


def show_rows(rows: Sequence[Mapping[str, Any]], columns: Columns) -> None:
    """Show some columns of rows."""
    Table(list(columns), select(rows, columns)).show()
