"""Files tab."""

from __future__ import annotations

from components.file_list.layout import file_list
from services.models.products import FileRole, ProductFile
from tests.components.tree import find, words
from tests.components.values import THEN


def file(file_id: int, role: FileRole, name: str, n_rows: int | None = None) -> ProductFile:
    return ProductFile(file_id, 7, role, name, "text/csv", 2048, "cd" * 32, "key", n_rows, THEN, THEN)


def test_the_main_file_comes_first_and_each_has_its_link() -> None:
    listing = file_list([file(1, FileRole.AUXILIARY, "plot.png"), file(2, FileRole.MAIN, "deep.csv", 1500)])
    first, second = find(listing, "Li")
    assert "deep.csv" in words(first)
    assert "Main · 2 KiB · 1,500 rows" in words(first)
    assert find(second, "A", href="/api/product-files/1/download")


def test_no_file_is_said_in_words() -> None:
    assert "No file is stored here" in words(file_list([]))
