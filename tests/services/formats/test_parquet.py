"""Parquet: exact integers, other types as text, footers that lie."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.errors import UnreadableTable
from tests.support.table_samples import opened, read_whole, text_file


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableTable) as caught:
        read_whole(path)
    assert str(path.parent) not in caught.value.message
    return caught.value.message


def test_every_type_becomes_number_text_or_vector(tmp_path: Path) -> None:
    day = dt.date(2024, 7, 1)
    columns = {
        "id": pa.array([2**53 + 1, None]),
        "half": pa.array(np.array([0.5, 1.5], "f2")),
        "f4": pa.array([0.25, None], pa.float32()),
        "flag": pa.array([True, None]),
        "kind": pa.array(["a", "b"]).dictionary_encode(),
        "raw": pa.array([b"x", b"y\xe9"]),
        "day": pa.array([day, None]),
        "time": pa.array([dt.datetime(2024, 7, 1, 12), None], pa.timestamp("us")),  # noqa: DTZ001
        "price": pa.array([Decimal("1.50"), None]),
        "pdf": pa.array([[1.0, 2.0], None], pa.list_(pa.float32())),
        "fixed": pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float64(), 2)),
        "ragged": pa.array([[1.0], [1.0, 2.0]]),
        "record": pa.array([{"a": 1}, {"a": 2}]),
    }
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(columns), path)
    with opened(path) as reader:
        dtypes = {column.name: column.dtype for column in reader.info.columns}
        told = " ".join(reader.info.warnings)
    assert dtypes["pdf"] == "vector<float32>[2]"
    assert dtypes["fixed"] == "vector<float64>[2]"
    assert "ragged" in told
    assert "record" in told
    assert set(columns) - set(dtypes) == {"ragged", "record"}
    first, second = read_whole(path).to_pylist()
    assert first["id"] == 2**53 + 1
    assert (first["half"], first["f4"], first["flag"], first["kind"], first["raw"]) == (0.5, 0.25, True, "a", "x")
    assert (first["day"], first["time"][:19], first["price"]) == ("2024-07-01", "2024-07-01T12:00:00", 1.5)
    assert first["pdf"] == [1.0, 2.0]
    assert second["raw"] == "yé"
    assert [second[name] for name in ("id", "f4", "flag", "day", "price")] == [None] * 5
    assert second["pdf"] == [None, None]


def test_many_row_groups_and_units(tmp_path: Path) -> None:
    field = pa.field("flux", pa.float32(), metadata={"unit": "nJy", "ucd": "phot.flux"})
    table = pa.table([pa.array(np.arange(1000, dtype="f4"))], schema=pa.schema([field]))
    path = tmp_path / "t.pq"
    pq.write_table(table, path, row_group_size=64)
    assert read_whole(path)["flux"].to_pylist() == list(range(1000))
    with opened(path) as reader:
        assert (reader.info.columns[0].unit, reader.info.columns[0].ucd) == ("nJy", "phot.flux")


def test_named_index_stays_and_row_numbers_go(tmp_path: Path) -> None:
    frame = pd.DataFrame({"z": [0.1, 0.2]}, index=pd.Index([7, 8]))
    frame.to_parquet(tmp_path / "unnamed.parquet")
    frame.rename_axis("object_id").to_parquet(tmp_path / "named.parquet")
    assert read_whole(tmp_path / "unnamed.parquet").column_names == ["z"]
    assert sorted(read_whole(tmp_path / "named.parquet").column_names) == ["object_id", "z"]


def test_cut_off_and_lying_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"z": np.arange(100_000.0)}), path)
    data = path.read_bytes()
    assert "no footer" in refusal(text_file(tmp_path, data[: len(data) // 2], "cut.parquet"))
    assert "no footer" in refusal(text_file(tmp_path, b"PAR1" + bytes(100), "zeros.parquet"))
    holed = data[:1000] + bytes(200_000) + data[201_000:]
    assert "page" in refusal(text_file(tmp_path, holed, "holed.parquet"))


def test_no_rows_is_said(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"z": pa.array([], pa.float64())}), path)
    assert "no rows" in refusal(path)


def test_decimal_numbers_are_numbers_while_doubles_tell_them_apart(tmp_path: Path) -> None:
    path = tmp_path / "decimals.parquet"
    short = pa.array([Decimal("0.161715"), None], pa.decimal128(15, 6))
    long = pa.array([Decimal("1.23456789012345678901")] * 2, pa.decimal128(30, 20))
    pq.write_table(pa.table({"z": short, "long": long}), path)
    assert read_whole(path).to_pylist()[0] == {"z": 0.161715, "long": "1.23456789012345678901"}
    assert read_whole(path)["z"].to_pylist()[1] is None


GRID = np.linspace(0, 2, 21)
PDFS = pa.array([[1.0] * 21] * 3, pa.list_(pa.float32()))


def _grid_of(path: Path, table: pa.Table) -> tuple[float, ...]:
    pq.write_table(table, path)
    with opened(path) as reader:
        return reader.info.grid


def test_a_grid_lies_in_the_metadata(tmp_path: Path) -> None:
    plain = pa.table({"id": [1, 2, 3], "pdf": PDFS})
    text = json.dumps(GRID.tolist())
    assert _grid_of(tmp_path / "a.parquet", plain.replace_schema_metadata({"zgrid": text})) == tuple(GRID)
    for metadata in ({"other": text}, {"zgrid": "none"}, {"zgrid": json.dumps(GRID[:-1].tolist())}):
        assert _grid_of(tmp_path / "b.parquet", plain.replace_schema_metadata(metadata)) == ()


def test_a_grid_lies_in_a_column_when_all_rows_are_the_same(tmp_path: Path) -> None:
    rows = [GRID.tolist()] * 3
    assert _grid_of(tmp_path / "a.parquet", pa.table({"pdf": PDFS, "z_grid": rows})) == tuple(GRID)
    other = [*rows[:2], (GRID + 0.1).tolist()]
    assert _grid_of(tmp_path / "b.parquet", pa.table({"pdf": PDFS, "z_grid": other})) == ()
    assert _grid_of(tmp_path / "c.parquet", pa.table({"z_grid": rows})) == ()
