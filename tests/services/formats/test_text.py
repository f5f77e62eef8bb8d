"""Text tables: types that hold for the whole file, and every oddity met in practice."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import UnreadableTable
from services.formats.text import open_text
from services.models.tables import TableInfo
from tests.support.table_samples import opened, read_whole, text_file


def info_of(path: Path) -> TableInfo:
    with opened(path) as reader:
        return reader.info


def dtypes(path: Path) -> dict[str, str]:
    return {column.name: column.dtype for column in info_of(path).columns}


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableTable) as caught:
        read_whole(path)
    assert str(path.parent) not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (["1", "-2", "0"], "int64", [1, -2, 0]),
        (["9223372036854775807", "-9223372036854775808"], "int64", [2**63 - 1, -(2**63)]),
        (["9223372036854775808", "1"], "uint64", [2**63, 1]),
        (["18446744073709551615"], "uint64", [2**64 - 1]),
        (["18446744073709551616"], "string", ["18446744073709551616"]),
        (["9223372036854775808", "-1"], "string", ["9223372036854775808", "-1"]),
        (["020086348", "120086348"], "string", ["020086348", "120086348"]),
        (["00", "5"], "string", ["00", "5"]),
        (["007.5", "05"], "float64", [7.5, 5.0]),
        (["+5", "6"], "float64", [5.0, 6.0]),
        (["1", "2.5"], "float64", [1.0, 2.5]),
        (["1e-3", "-4.E+2", ".5", "5."], "float64", [1e-3, -400.0, 0.5, 5.0]),
        (["1.5D-03", "2d2"], "float64", [1.5e-3, 200.0]),
        (["0.1", "0.30000000000000004"], "float64", [0.1, 0.30000000000000004]),
        (["5", "null", "N/A", "--", "masked", "NULL"], "int64", [5, None, None, None, None, None]),
        (["inf", "-Inf", "1"], "float64", [math.inf, -math.inf, 1.0]),
        (["A", "B*", "3.5"], "string", ["A", "B*", "3.5"]),
        (["true", "nan?"], "string", ["true", "nan?"]),
        (["12:30:15.5", "-00:10:00"], "string", ["12:30:15.5", "-00:10:00"]),
        (["1-2", "3"], "string", ["1-2", "3"]),
        (["-", "7"], "int64", [None, 7]),
        (["1.2.3", "1"], "string", ["1.2.3", "1"]),
        (["1e", "1"], "string", ["1e", "1"]),
    ],
)
def test_type_of_a_column_follows_from_all_its_cells(
    tmp_path: Path, cells: list[str], dtype: str, values: list[object]
) -> None:
    path = text_file(tmp_path, "key,x\n" + "".join(f"k,{cell}\n" for cell in cells))
    assert dtypes(path)["x"] == dtype
    assert read_whole(path)["x"].to_pylist() == values


def test_nan_words_are_missing_numbers(tmp_path: Path) -> None:
    path = text_file(tmp_path, "id,x\n9007199254740993,1.5\nNaN,NaN\n,\n3,nan\n")
    table = read_whole(path)
    assert table["id"].to_pylist() == [2**53 + 1, None, None, 3]
    assert table["x"][0].as_py() == 1.5
    assert all(value is None or math.isnan(value) for value in table["x"].to_pylist()[1:])


def test_a_column_of_nothing_is_a_missing_number(tmp_path: Path) -> None:
    path = text_file(tmp_path, "id,redshift\n1,NaN\n2,nan\n")
    assert dtypes(path)["redshift"] == "float64"
    assert read_whole(path).num_rows == 2


def test_leading_zeros_at_the_end_of_a_long_file_keep_the_column_text(tmp_path: Path) -> None:
    path = text_file(tmp_path, "id,z\n" + "12345,0.5\n" * 150_000 + "00012,0.25\n")
    table = read_whole(path)
    assert dtypes(path) == {"id": "string", "z": "float64"}
    assert table["id"][150_000].as_py() == "00012"
    assert table.num_rows == 150_001


def test_words_far_behind_the_first_rows_widen_the_type(tmp_path: Path) -> None:
    path = text_file(tmp_path, "id,flag\n" + "1,4\n" * 400_000 + "2,B*\n")
    table = read_whole(path)
    assert table["flag"][400_000].as_py() == "B*"
    assert table["flag"][0].as_py() == "4"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(tmp_path: Path, line_end: str) -> None:
    path = text_file(tmp_path, line_end.join(["id,name,z", "1,abc,0.5", "2,def,0.75", ""]))
    assert read_whole(path).to_pylist() == [{"id": 1, "name": "abc", "z": 0.5}, {"id": 2, "name": "def", "z": 0.75}]


def test_quotes_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    path = text_file(tmp_path, 'id,note\n1,"a,b"\n2,"say ""z"""\n3,"two\nlines"\n4,\n')
    assert read_whole(path)["note"].to_pylist() == ["a,b", 'say "z"', "two\nlines", None]


def test_quotes_within_words_are_letters(tmp_path: Path) -> None:
    path = text_file(tmp_path, 'id,size\n1,5\'12"\n2,3"\n')
    assert read_whole(path)["size"].to_pylist() == ["5'12\"", '3"']


def test_a_quote_that_is_never_closed_is_a_letter(tmp_path: Path) -> None:
    path = text_file(tmp_path, 'a,b\n1,"open\n2,3\n')
    assert read_whole(path)["b"].to_pylist() == ['"open', "3"]


def test_loose_and_real_quotes_in_one_file(tmp_path: Path) -> None:
    path = text_file(tmp_path, 'id,size,note\n1,5",a\n2,3,"x, y"\n')
    assert read_whole(path).to_pylist()[0] == {"id": 1, "size": '5"', "note": "a"}
    assert read_whole(path).to_pylist()[1] == {"id": 2, "size": "3", "note": "x, y"}


def test_quoted_and_padded_numbers_are_numbers(tmp_path: Path) -> None:
    path = text_file(tmp_path, 'a,b,c\n"1", 2.5 ,"x"\n"3",4 , "y, z"\n')
    assert dtypes(path) == {"a": "int64", "b": "float64", "c": "string"}
    assert read_whole(path).to_pylist()[1] == {"a": 3, "b": 4.0, "c": "y, z"}


def test_decimal_commas_are_read_where_commas_do_not_delimit(tmp_path: Path) -> None:
    path = text_file(tmp_path, "id;z;flux;note\n1;0,5;-1,5e-3; a,b\n2;1,25; 7,5 ;c\n3;;null;d\n")
    rows = read_whole(path).to_pylist()
    assert [row["z"] for row in rows] == [0.5, 1.25, None]
    assert [row["flux"] for row in rows] == [-1.5e-3, 7.5, None]
    assert rows[0]["note"].strip() == "a,b"
    assert any("decimal commas" in warning for warning in info_of(path).warnings)


def test_commas_beside_decimal_points_are_no_decimal_commas(tmp_path: Path) -> None:
    path = text_file(tmp_path, "id;z;flags\n1;0.5;1,2\n2;0.6;3,4\n")
    assert read_whole(path)["flags"].to_pylist() == ["1,2", "3,4"]


def test_headerless_decimal_commas(tmp_path: Path) -> None:
    path = text_file(tmp_path, "1,5;2,5\n3,5;4,5\n")
    assert read_whole(path).to_pylist() == [{"col1": 1.5, "col2": 2.5}, {"col1": 3.5, "col2": 4.5}]


def test_comments_and_blank_lines_among_the_rows_are_left_out_and_told(tmp_path: Path) -> None:
    path = text_file(tmp_path, "# a catalogue\n\nid,z\n1,0.5\n\n# 2,0.6\n   \n3,0.7\n")
    assert read_whole(path)["id"].to_pylist() == [1, 3]
    assert any("comments: 1" in warning for warning in info_of(path).warnings)


def test_byte_order_mark_and_utf16(tmp_path: Path) -> None:
    marked = text_file(tmp_path, b"\xef\xbb\xbfid,z\n1,0.5\n", "bom.csv")
    wide = text_file(tmp_path, "id,z\n1,0.5\n".encode("utf-16"), "wide.csv")
    assert read_whole(marked).column_names == ["id", "z"]
    assert read_whole(wide).to_pylist() == [{"id": 1, "z": 0.5}]


@pytest.mark.parametrize("padding", [0, 3_000_000])
def test_latin1_is_read_and_told(tmp_path: Path, padding: int) -> None:
    path = text_file(tmp_path, b"name,z\n" + b"abcdefgh,0.25\n" * (padding // 14) + "Galaxie é,0.5\n".encode("latin-1"))
    assert read_whole(path)["name"][-1].as_py() == "Galaxie é"
    assert any("Latin-1" in warning for warning in info_of(path).warnings)


def test_names_doubled_or_empty_are_repaired_and_told(tmp_path: Path) -> None:
    path = text_file(tmp_path, "z,,z,z_2\n1,2,3,4\n")
    assert read_whole(path).column_names == ["z", "col2", "z_3", "z_2"]
    assert len(info_of(path).warnings) == 2


def test_1500_columns_and_one_column(tmp_path: Path) -> None:
    wide = text_file(tmp_path, ",".join(f"c{k}" for k in range(1500)) + "\n" + ",".join(map(str, range(1500))) + "\n")
    assert len(read_whole(wide).column_names) == 1500
    single = text_file(tmp_path, "redshift\n0.5\n0.25\n", "single.csv")
    assert read_whole(single)["redshift"].to_pylist() == [0.5, 0.25]
    assert info_of(single).delimiter is None


def test_letters_are_no_delimiters(tmp_path: Path) -> None:
    path = text_file(tmp_path, "garbage\ngarbage\ngarbage\n")
    assert read_whole(path).column_names == ["garbage"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a,b,c\n1,2,3\n4,5\n6,7,8\n", "line 3 has 2 values where 3"),
        ("a,b,c\n1,2,3\n4,5,6,7\n6,7,8\n", "line 3 has 4 values where 3"),
        ('a,b\n"x\ny",1\n\n# note\n2,3,4\n5,6\n7,8\n', "line 6 has 3 values where 2"),
        ("# a b c\n1 2 3\n4 5 6\n7 8 9\n" + "1 2 3\n" * 20 + "1 2\n" + "1 2 3\n", "line 25 has 2 values where 3"),
        ("a,b,c\n1,2,3\n4,5,6\n7,8", "line 4 has 2 values where 3 are expected; it is the last line"),
    ],
)
def test_ragged_lines_are_named(tmp_path: Path, text: str, line: str) -> None:
    assert line in refusal(text_file(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ra,dec,z\n1,2,0.3\n1,2\n1,2,3,4\n", "line 3 has 2 values where 3 are expected"),
        ("ra,dec,z\n1,2\n1,2,3\n1,2,3,4\n", "line 2 has 2 values where 3 are expected"),
        ("ra, dec, z\n1, 2, 0.3\n1, 2\n1, 2, 3, 4\n", "line 3 has 2 values where 3 are expected"),
        ("ra dec z\n1 2 0.3\n1 2\n1 2 3 4\n", "line 3 has 2 values where 3 are expected"),
        ("1,2,0.3\n1,2\n1,2,3,4\n", "line 2 has 2 values where 3 are expected"),
        ("ra;dec;z\n1,5;2,5;0,3\n1,5;2\n1,5;2;3,5;4\n", "line 3 has 2 values where 3 are expected"),
        ("flux, i band\n0.5\n0.6\n", "line 2 has 1 value where 2 are expected"),
    ],
)
def test_rows_that_agree_on_no_width_are_no_table_of_one_column(tmp_path: Path, text: str, line: str) -> None:
    assert line in refusal(text_file(tmp_path, text))


def test_a_comma_within_a_quoted_name_leaves_decimal_commas(tmp_path: Path) -> None:
    path = text_file(tmp_path, '"flux, mJy";z\n0,5;1,2\n')
    assert read_whole(path).to_pylist() == [{"flux, mJy": 0.5, "z": 1.2}]


@pytest.mark.parametrize("n_rows", [3, 900_000])
def test_a_header_among_the_rows_is_named(tmp_path: Path, n_rows: int) -> None:
    path = text_file(tmp_path, "ra,dec,z\n" + "1,2,0.3\n" * n_rows + "ra,dec,z\n" + "4,5,0.6\n" * 3)
    assert f"line {n_rows + 2} repeats the column names" in refusal(path)


def test_ragged_line_far_down_is_named(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a,b\n" + "1.5,2.5\n" * 1_200_000 + "1\n" + "1,2\n" * 10)
    assert "line 1200002 has 1 value where 2" in refusal(path)


def test_trailing_delimiters_are_no_column(tmp_path: Path) -> None:
    everywhere = text_file(tmp_path, "a,b,\n1,2,\n3,4,\n", "everywhere.csv")
    rows_only = text_file(tmp_path, "a,b\n1,2,\n3,4,\n", "rows.csv")
    some = text_file(tmp_path, "a,b\n1,2,\n3,4\n", "some.csv")
    for path in (everywhere, rows_only, some):
        assert read_whole(path).to_pylist() == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_a_named_column_that_is_empty_stays(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a,b,notes\n1,2,\n3,4,\n")
    assert read_whole(path).column_names == ["a", "b", "notes"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\n\n  \n", "is empty"),
        ("id,ra,dec\n", "no rows"),
        ("# id ra dec\n", "no rows"),
        (b"\x00\x01\x02garbage" * 50, "zero"),
        (bytes(range(1, 256)) * 20, "binary"),
        (b"id,z\n" + b"1,0.5\n" * 300_000 + b"\0\0\0", "zero"),
        ('a,b\n1,"open, 2\n', "never closed"),
        ("Dear all,\nthis is a letter of many words\nand it has no columns at all\n" * 3, "plain text"),
        ("A note of some words\nwith lines of words below\nand nothing that looks like data\n", "plain text"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(tmp_path: Path, text: str | bytes, reason: str) -> None:
    assert reason in refusal(text_file(tmp_path, text))


def test_headerless_numbers_get_numbered_names_to_confirm(tmp_path: Path) -> None:
    path = text_file(tmp_path, "3.14423    -0.04690     0.91740\n3.14983    -0.04599     0.32760\n", "2qz.dat")
    info = info_of(path)
    assert [column.name for column in info.columns] == ["col1", "col2", "col3"]
    assert info.needs_confirmation
    assert info.has_header is False
    assert read_whole(path).num_rows == 2


def test_long_blank_separated_file_with_comments_inside(tmp_path: Path) -> None:
    rows = "".join(f"   {k}    {k / 7:.6f}  name{k}\n" for k in range(300_000))
    path = text_file(tmp_path, "# id z name\n" + rows + "# end\n", "long.cat")
    table = read_whole(path)
    assert table.num_rows == 300_000
    assert table["name"][299_999].as_py() == "name299999"
    assert table["z"][7].as_py() == 1.0


@pytest.mark.parametrize("blank", [",", " ", "\t"])
def test_a_quote_within_a_name_swallows_no_rows(tmp_path: Path, blank: str) -> None:
    rows = [
        ("name", "z", 'dec"'),
        *((f"x{k}", f"0.{k}", "5") for k in range(10, 40)),
        ("y", "0.2", '3"'),
        ("z", "0.3", "4"),
    ]
    table = read_whole(text_file(tmp_path, "".join(blank.join(row) + "\n" for row in rows)))
    assert table.column_names == ["name", "z", 'dec"']
    assert table.num_rows == 32
    assert table['dec"'].to_pylist()[-2:] == ['3"', "4"]


def test_quoted_names_may_hold_anything(tmp_path: Path) -> None:
    table = read_whole(text_file(tmp_path, '"na\nme" ,"z, ""spec""", "", b\nx,0.1,1,5\ny,0.2,2,7\n'))
    assert (table.num_rows, table.num_columns) == (2, 4)
    assert table.column_names[1] == 'z, "spec"'


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters='",\n'), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=20))
def test_whatever_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float]]
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([("word", "number"), *rows])
    path = text_file(tmp_path_factory.mktemp("csv"), out.getvalue())
    table = pa.Table.from_batches(open_text(path, path.name).batches())
    assert table["number"].cast(pa.float64()).to_pylist() == [number for _, number in rows]
    if table.schema.field("word").type == pa.string():
        assert [word or "" for word in table["word"].to_pylist()] == [word for word, _ in rows]
