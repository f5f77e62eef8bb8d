"""Tables whose columns stand at fixed places: IPAC, and the machine-readable tables of CDS and the AAS journals."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from astropy.io import ascii as astropy_ascii
from astropy.table import Table

from services.errors import UnreadableTable
from tests.support.table_samples import opened, read_whole, text_file

CATALOGUE = Table(
    {
        "name": ["NGC 1", "M 31", "x"],
        "id": [2**53 + 1, 7, 8],
        "ra": [1.25, 2.5, 359.875],
        "z": [0.1, -0.001, 3.25],
    },
    units={"ra": "deg"},
)


def written(tmp_path: Path, way: str) -> Path:
    out = io.StringIO()
    astropy_ascii.write(CATALOGUE, out, format=way)
    return text_file(tmp_path, out.getvalue(), f"{way}.txt")


@pytest.mark.parametrize("way", ["ipac", "mrt"])
def test_columns_are_cut_where_the_header_says(tmp_path: Path, way: str) -> None:
    path = written(tmp_path, way)
    rows = [dict(zip(CATALOGUE.colnames, row, strict=True)) for row in CATALOGUE.as_array().tolist()]
    assert read_whole(path).to_pylist() == rows
    with opened(path) as reader:
        columns = {column.name: (column.dtype, column.unit) for column in reader.info.columns}
    assert columns == {
        "name": ("string", None), "id": ("int64", None), "ra": ("float64", "deg"), "z": ("float64", None),
    }  # fmt: skip


def test_blank_cells_and_the_null_of_ipac_are_missing(tmp_path: Path) -> None:
    text = (
        "\\source = here\n| name |  z   | mag |\n| char |double|float|\n|      |      | mag |\n| null | -99  |     |\n"
        "  a b    0.5         \n  null   -99    22.5\n"
    )
    assert read_whole(text_file(tmp_path, text, "x.tbl")).to_pylist() == [
        {"name": "a b", "z": 0.5, "mag": None},
        {"name": None, "z": None, "mag": 22.5},
    ]


def test_a_value_across_a_border_is_refused_by_its_line(tmp_path: Path) -> None:
    path = text_file(tmp_path, "| ra |  z |\n|real|real|\n 1.25 0.5 \n 2.25 0.5 \n 1.25123 5\n", "x.tbl")
    with pytest.raises(UnreadableTable, match="line 5: a value crosses"):
        read_whole(path)


def test_nothing_is_left_of_the_copy(tmp_path: Path) -> None:
    path = written(tmp_path, "ipac")
    before = sorted(tmp_path.rglob("*"))
    read_whole(path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("text", ["| id | z |\n|----|---|\n| 1 | 0.3 |\n| 2 | 0.4 |\n", "a|b\n1|2\n3|4\n"])
def test_other_tables_with_bars_are_text(tmp_path: Path, text: str) -> None:
    with opened(text_file(tmp_path, text)) as reader:
        assert reader.info.format == "text"
