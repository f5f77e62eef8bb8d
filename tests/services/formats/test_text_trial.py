"""Reading a text table once on the word of samples gives what the thorough way gives, whatever the rows hold."""

from __future__ import annotations

import math
import struct
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import UnreadableTable
from services.formats import text, text_hurried, text_trial
from services.formats.base import Surprise
from services.formats.registry import OpenTable, open_table
from services.formats.text_numbers import MOST_DIGITS, UNDECIDED, double_bits, exact_double
from services.statistics.canonical_writer import write_canonical

N_ROWS = 3000
HEADER = "id,ra,z,mag_i,flag,name"
MIDDLE = round(0.64 * N_ROWS)
"""A row that no sample sees."""


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_hurried, "SMALLEST_FILE_BYTES", 0)
    monkeypatch.setattr(text, "HEAD_BYTES", 4000)
    monkeypatch.setattr(text_trial, "SAMPLE_BYTES", 1000)
    monkeypatch.setattr(text_trial, "PIECE_BYTES", 20_000)
    monkeypatch.setattr(text_trial, "LONGEST_RECORD_BYTES", 2000)


def rows() -> list[str]:
    rng = np.random.default_rng(7)
    ra, z, mag = rng.uniform(0, 360, N_ROWS), rng.gamma(2, 0.4, N_ROWS).round(4), rng.normal(24, 1, N_ROWS).round(3)
    names = rng.choice(["VVDS", "COSMOS-2", "", "Éa"], N_ROWS)
    return [f"{2**60 + i},{float(ra[i])},{z[i]},{mag[i]},{i % 5},{names[i]}" for i in range(N_ROWS)]


def written(folder: Path, lines: list[str], end: str = "\n", last: str = "\n") -> Path:
    path = folder / "catalogue.csv"
    path.write_bytes((end.join([HEADER, *lines]) + last).encode("utf-8", "surrogateescape"))
    return path


def converted(path: Path, *, hurried: bool) -> tuple[OpenTable, Any, pa.Table]:
    target = path.with_name(f"{hurried}.parquet")
    with open_table(path, path.name, scratch=path.parent, hurried=hurried) as reader:
        summary = write_canonical(reader, target)
        return reader, (asdict(reader.info), [asdict(profile) for profile in summary.profiles]), pq.read_table(target)


def bits(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_floating(column.type):
        numbers = column.to_numpy()
        return list(np.where(np.isnan(numbers), -1, numbers.view(np.int64)))
    return list(column.to_pylist())


def assert_same(path: Path) -> OpenTable:
    """Both ways say the same, to the last bit; gives the hurried reader."""
    reader, facts, table = converted(path, hurried=True)
    _, thorough_facts, thorough = converted(path, hurried=False)
    assert facts == thorough_facts
    assert table.schema == thorough.schema
    for name in table.column_names:
        assert bits(table[name]) == bits(thorough[name]), name
    return reader


def with_row(number: int, row: str) -> list[str]:
    lines = rows()
    lines[number] = row
    return lines


def test_a_plain_file_is_read_once(tmp_path: Path) -> None:
    reader = assert_same(written(tmp_path, rows()))
    assert reader.trial is not None
    assert reader.info.n_rows == N_ROWS


@pytest.mark.parametrize(("end", "last"), [("\n", ""), ("\r\n", "\r\n"), ("\r\n", "")])
def test_line_ends(tmp_path: Path, end: str, last: str) -> None:
    assert assert_same(written(tmp_path, rows(), end, last)).trial is not None


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, rows())
    path.write_text(path.read_text().replace(",", delimiter))
    assert assert_same(path).trial is not None


@pytest.mark.parametrize(
    "row",
    [
        "5,-0,-0.0,1e-3,0,a",
        "-7,12345678901234567890123.5,+5,.5,3,007",
        "9223372036854775807,1e400,1e-400,5.,null,nan",
        "-9223372036854775808,2.2250738585072011e-308,4.9e-324,0.1234567890123456789012,--,null",
        "null,NaN,Infinity,-inf,,",
        "NA,masked,...,N/A,nan,1.5D3",
        ",,,,,",
        "1, 2, 0.5,  20,   3, a",
        "1,00012.5,007,1E+05,2,12:30:15",
        "1,9007199254740993,0.30000000000000004,8.41e21,2, padded text ",
        "1,123456789012345678,1234567890.123456789,9e22,2,\tx",
    ],
)
def test_numbers_and_words_that_fit_the_types(tmp_path: Path, row: str) -> None:
    assert assert_same(written(tmp_path, with_row(MIDDLE, row))).trial is not None


@pytest.mark.parametrize(
    "row",
    [
        "1,2,0.5,20,one,a",
        "1,2,0.5,20,03,a",
        "1,2,0.5,20,3.5,a",
        "1,2,0.5,20,3e0,a",
        "1,2,0.5,20,+3,a",
        "1,2,0.5,20,-0,a",
        "18446744073709551615,2,0.5,20,3,a",
        "99999999999999999999,2,0.5,20,3,a",
        '1,2,0.5,20,3,"a, b"',
        '1,2,"0.5",20,3,a',
        '1,2,0.5,20,3,5" wide',
        '1,2,0.5,20,3,"a',
        "1,2,0.5D0,20,3,a",
        "1,2 ,0.5,20,3,a",
        "1,2,0.5,20:10,3,a",
        "1,2,1.2.3,20,3,a",
        "1,-Infinity,1.2,20,3,a",
        "1,2,0.5,2e,3,a",
        "# a comment",
        "",
        "1,2,0.5,20,3,a,",
        "1,2,0.5,20,3,a\udcff",
    ],
)
def test_what_no_sample_told_is_found_in_time(tmp_path: Path, row: str) -> None:
    path = written(tmp_path, with_row(MIDDLE, row))
    with open_table(path, path.name, scratch=tmp_path, hurried=True) as reader:
        assert reader.trial is not None
        with pytest.raises(Surprise):
            list(reader.trial.batches())
    assert assert_same(path).trial is None


@pytest.mark.parametrize("row", ["1,2,0.5", "1,2,0.5,20,3,a,b", "1,2,\0,20,3,a"])
@pytest.mark.parametrize("number", [MIDDLE, 0, N_ROWS - 1])
def test_what_is_wrong_is_said_in_the_same_words(tmp_path: Path, row: str, number: int) -> None:
    path = written(tmp_path, with_row(number, row))
    messages = []
    for hurried in (True, False):
        with pytest.raises(UnreadableTable) as caught:
            converted(path, hurried=hurried)
        messages.append(caught.value.message)
    assert messages[0] == messages[1]
    assert not list(tmp_path.glob("*.parquet*"))


def test_codes_stay_text_until_a_decimal_says_otherwise(tmp_path: Path) -> None:
    lines = [f"{i:06},{i}.5,0.5,20,3,a" for i in range(N_ROWS)]
    path = written(tmp_path, lines)
    assert assert_same(path).trial is not None
    lines[MIDDLE] = "7.5,1.5,0.5,20,3,a"
    path = written(tmp_path, lines)
    assert assert_same(path).info.columns[0].dtype == "float64"


def test_large_unsigned_numbers(tmp_path: Path) -> None:
    lines = [f"{2**64 - 1 - i},{i}.5,0.5,20,3,a" for i in range(N_ROWS)]
    assert assert_same(written(tmp_path, lines)).info.columns[0].dtype == "uint64"
    lines[MIDDLE] = "-1,1.5,0.5,20,3,a"
    assert assert_same(written(tmp_path, lines)).info.columns[0].dtype == "string"


def test_joined_files_are_found_out(tmp_path: Path) -> None:
    lines = rows()
    path = written(tmp_path, [*lines[:MIDDLE], HEADER, *lines[MIDDLE:]])
    with pytest.raises(UnreadableTable, match=f"line {MIDDLE + 2} repeats the column names"):
        converted(path, hurried=True)


def test_nothing_before_the_rows_forces_a_scan(tmp_path: Path) -> None:
    path = written(tmp_path, rows())
    path.write_text("# made by hand\n" + path.read_text())
    assert assert_same(path).trial is not None


def test_facts_and_rows_can_be_had_without_the_trial(tmp_path: Path) -> None:
    path = written(tmp_path, rows())
    with open_table(path, path.name, scratch=tmp_path, hurried=True) as reader:
        assert reader.info.n_rows == N_ROWS
        assert sum(batch.num_rows for batch in reader.batches()) == N_ROWS


DECIMALS = st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{0,12})?(e[+-]?[0-9]{1,2})?", fullmatch=True)
ODD = st.sampled_from(["", "nan", "inf", "-", "--", "null", "0x1", "1_0", "007", "-0", "+1", "1e", ".", "1.5d3", "Ω"])


@given(cells=st.lists(DECIMALS | ODD | st.floats().map(repr) | st.integers().map(str), min_size=20, max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_mixture_of_cells(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    folder = tmp_path_factory.mktemp("cells")
    assert_same(written(folder, [f"1,2.5,{cell},{cells[-i]},3,a" for i, cell in enumerate(cells)]))


@given(digits=st.integers(0, 10**MOST_DIGITS - 1), power=st.integers(-90, 70))
@settings(max_examples=3000, deadline=None)
def test_doubles_are_rounded_correctly(digits: int, power: int) -> None:
    expected = struct.unpack("<Q", struct.pack("<d", float(f"{digits}e{power}")))[0]
    assert int(double_bits(np.uint64(digits), power)) in {expected, int(UNDECIDED)}
    quick = float(exact_double(np.uint64(digits), power))
    assert math.isnan(quick) or quick == float(f"{digits}e{power}")


@given(mantissa=st.integers(2**52, 2**53 - 1), power=st.integers(0, 4))
@settings(max_examples=1000, deadline=None)
def test_numbers_halfway_between_two_doubles(mantissa: int, power: int) -> None:
    halfway = 2 * mantissa + 1
    digits = halfway * 5**power
    expected = struct.unpack("<Q", struct.pack("<d", float(f"{digits}e-{power}")))[0]
    if digits < 10**MOST_DIGITS:
        assert int(double_bits(np.uint64(digits), -power)) == expected
