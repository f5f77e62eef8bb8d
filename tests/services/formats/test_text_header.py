"""Names of text columns: in comments, numbered, typed, missing, one too few."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.formats.text_header import missing_error_name
from services.models.tables import TableInfo
from tests.support.table_samples import opened, read_whole, text_file


def info_of(path: Path) -> TableInfo:
    with opened(path) as reader:
        return reader.info


def names(path: Path) -> list[str]:
    return [column.name for column in info_of(path).columns]


def test_typed_header_with_another_delimiter_than_the_rows(tmp_path: Path) -> None:
    path = text_file(tmp_path, "#F:MAG_U;F:MAGERR_U;D:Z\n22.7,0.9,0.659822\n21.8,0.3,0.247556\n")
    assert names(path) == ["MAG_U", "MAGERR_U", "Z"]
    assert read_whole(path)["Z"].to_pylist() == [0.659822, 0.247556]
    assert not info_of(path).needs_confirmation


def test_numbered_header_of_bpz(tmp_path: Path) -> None:
    path = text_file(tmp_path, "## run of BPZ\n#  1 id\n#  2 zb\n# 3 zspec\n 1 0.5 0.4\n 2 0.6 0.7\n", "out.bpz")
    assert names(path) == ["id", "zb", "zspec"]


def test_numbered_header_of_sextractor_with_units_and_a_vector(tmp_path: Path) -> None:
    header = "#   1 NUMBER     Running number\n#   2 FLUX_APER  Fluxes  [count]\n#   5 ALPHA_J2000  RA  [deg]\n"
    path = text_file(tmp_path, header + " 1 10.5 11.5 12.5 150.1\n 2 9.5 8.5 7.5 150.2\n", "sex.cat")
    info = info_of(path)
    assert [column.name for column in info.columns] == [
        "NUMBER", "FLUX_APER", "FLUX_APER_1", "FLUX_APER_2", "ALPHA_J2000",
    ]  # fmt: skip
    assert [column.unit for column in info.columns] == [None, "count", "count", "count", "deg"]


def test_of_two_header_lines_the_first_holds_the_names(tmp_path: Path) -> None:
    path = text_file(
        tmp_path, "# id f_f300w e_f300w z_spec\n# id F10 E10 z_spec\n 1 1.7e-1 7e-2 -1.0\n 2 2e-1 8e-2 0.5\n"
    )
    assert names(path) == ["id", "f_f300w", "e_f300w", "z_spec"]


def test_units_below_the_names_are_no_names(tmp_path: Path) -> None:
    path = text_file(tmp_path, "# id ra dec z\n# - deg deg -\n1 10.5 11.5 0.5\n2 9.5 8.5 0.6\n")
    assert names(path) == ["id", "ra", "dec", "z"]


def test_prose_above_the_names_is_prose(tmp_path: Path) -> None:
    path = text_file(tmp_path, "# made for the paper\n# id ra dec z\n1 10.5 11.5 0.5\n2 9.5 8.5 0.6\n")
    assert names(path) == ["id", "ra", "dec", "z"]


def test_commented_csv_header(tmp_path: Path) -> None:
    path = text_file(tmp_path, "#id,ra,dec\n1,10.5,11.5\n2,9.5,8.5\n")
    assert names(path) == ["id", "ra", "dec"]


def test_header_without_mark_above_blank_separated_rows(tmp_path: Path) -> None:
    path = text_file(tmp_path, "  id  z\n  1  0.5\n  2  0.6\n")
    assert names(path) == ["id", "z"]


def test_one_missing_error_name_is_put_in_and_told(tmp_path: Path) -> None:
    path = text_file(tmp_path, "#zs u g r eg er\n" + "0.1 19 18 17 0.06 0.008 0.006\n" * 3, "mgs.train")
    info = info_of(path)
    assert [column.name for column in info.columns] == ["zs", "u", "g", "r", "eu", "eg", "er"]
    assert info.needs_confirmation
    assert "6 names for 7 columns" in info.warnings[0]
    assert "eu" in info.warnings[0]


def test_a_header_that_misfits_without_a_clue_is_not_used(tmp_path: Path) -> None:
    path = text_file(tmp_path, "id,ra,dec\n1,2.5,3.5,4.5\n2,3.5,4.5,5.5\n")
    info = info_of(path)
    assert [column.name for column in info.columns] == ["col1", "col2", "col3", "col4"]
    assert info.needs_confirmation
    assert "3 names for 4 columns (id, ra, dec)" in info.warnings[0]
    assert read_whole(path).num_rows == 2


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("zs u g r i z eg er ei ez", (6, "eu")),
        ("u g r eu er", (4, "eg")),
        ("u u_err g r r_err", (3, "g_err")),
        ("id ra dec z", None),
        ("a u g r i b eg er", None),
    ],
)
def test_missing_error_name_is_found_only_when_the_order_tells(header: str, expected: tuple[int, str] | None) -> None:
    assert missing_error_name(header.split()) == expected


def test_units_in_the_second_record_are_units(tmp_path: Path) -> None:
    path = text_file(tmp_path, "id,ra,dec,z\n-,deg,[deg],\n1,1.5,2.5,0.1\n2,1.6,2.6,0.2\n")
    info = info_of(path)
    assert [column.unit for column in info.columns] == [None, "deg", "deg", None]
    assert [column.dtype for column in info.columns] == ["int64", "float64", "float64", "float64"]
    assert read_whole(path)["ra"].to_pylist() == [1.5, 1.6]


def test_comment_marks_of_other_programs_are_no_names(tmp_path: Path) -> None:
    marked = text_file(tmp_path, "% id ra z\n7 1.5 0.5\n9 1.6 0.6\n", "marked.dat")
    assert names(marked) == ["id", "ra", "z"]


def test_all_text_table_has_its_first_line_as_header(tmp_path: Path) -> None:
    path = text_file(tmp_path, "name,survey\nNGC 1,VVDS\nNGC 2,DESI\n")
    assert names(path) == ["name", "survey"]


def test_headerless_rows_with_text_are_no_header(tmp_path: Path) -> None:
    path = text_file(tmp_path, "NGC1,10.5,0.01\nNGC2,11.5,0.02\n")
    assert names(path) == ["col1", "col2", "col3"]
    assert read_whole(path).num_rows == 2


def test_titles_above_the_names_are_left_out_and_told(tmp_path: Path) -> None:
    path = text_file(tmp_path, "A catalogue\nMade by us, for you\n\nra,dec,z\n1,2,0.3\n2,3,0.4\n4,5,0.6\n5,6,0.7\n")
    assert read_whole(path).to_pylist()[0] == {"ra": 1, "dec": 2, "z": 0.3}
    assert read_whole(path).num_rows == 4
    assert any("left out: 3" in warning for warning in info_of(path).warnings)


def test_units_and_rules_of_vizier_below_the_names(tmp_path: Path) -> None:
    text = "#note\nRAJ2000\tz\tFlux\ndeg\t \terg/s/cm2\n-------\t-----\t---\n10.0\t0.5\t3\n11.0\t0.6\t4\n"
    info = info_of(text_file(tmp_path, text, "vizier.tsv"))
    assert [(c.name, c.dtype, c.unit) for c in info.columns] == [
        ("RAJ2000", "float64", "deg"), ("z", "float64", None), ("Flux", "int64", "erg/s/cm2"),
    ]  # fmt: skip
    assert info.n_rows == 2


def test_row_numbers_without_a_name_are_called_row(tmp_path: Path) -> None:
    path = text_file(tmp_path, '"ra" "dec" "z"\n"1" 1.5 2.5 0.3\n"2" 1.6 2.6 0.4\n"3" 1.7 2.6 0.4\n', "r.txt")
    assert names(path) == ["row", "ra", "dec", "z"]
    assert read_whole(path)["z"].to_pylist() == [0.3, 0.4, 0.4]
    assert any("counts the rows" in warning for warning in info_of(path).warnings)


@pytest.mark.parametrize("header", ["id ra dec", "u g r eg er"])
def test_counting_first_columns_that_may_have_a_name_stay_unnamed(tmp_path: Path, header: str) -> None:
    width = len(header.split()) + 1
    rows = "".join(f"{row} " + " ".join(["0.5"] * (width - 1)) + "\n" for row in range(1, 6))
    assert "row" not in names(text_file(tmp_path, f"{header}\n{rows}"))
    assert info_of(text_file(tmp_path, f"{header}\n{rows}")).needs_confirmation


def test_units_in_brackets(tmp_path: Path) -> None:
    path = text_file(tmp_path, "RA;z;Flux\n[deg];[-];[10-19 W/m2]\n1,5;0,3;4\n")
    assert [(c.dtype, c.unit) for c in info_of(path).columns] == [
        ("float64", "deg"), ("float64", None), ("int64", "10-19 W/m2"),
    ]  # fmt: skip
