"""Cards of details that have nothing to show say why."""

from __future__ import annotations

import pytest

from components.explore.details import detail_body
from tests.components.tree import words


@pytest.mark.parametrize(("name", "is_of_pdfs"), [("pit", True), ("stacked_pdf", True), ("cone", False)])
def test_plots_of_pdfs_say_where_their_redshifts_are_stated(name: str, is_of_pdfs: bool) -> None:
    (empty,) = detail_body(name, None)
    assert words(empty).startswith("No row holds what this plot is made from.")
    assert ("stated under Columns" in words(empty)) == is_of_pdfs
