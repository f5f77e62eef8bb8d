"""Rows leave in every format with the values the table holds, in pieces, and other tools read them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import parse_single_table
from astropy.table import Table
from astropy.utils.exceptions import AstropyUserWarning

from services.exports.base import Export
from services.exports.json_rows import write_json
from services.exports.registry import EXPORT_FORMATS
from services.models.tables import TableColumn
from services.statistics.arrow_types import dtype_word
from services.statistics.canonical import CanonicalTable
from services.statistics.selection import Selection, selected
from tests.services.statistics.tables import canonical_path

BIG = 2**60 + 1
COLUMNS: dict[str, Any] = {
    "id": pa.array([BIG, -(2**63), None, 2**63 - 1]),
    "mag_i": np.array([24.1, np.nan, 0.38, np.inf], np.float32),
    "z": np.array([0.1, -0.0, np.nan, 1e300]),
    "flag": pa.array([1, None, -128, 127], pa.int8()),
    "n": pa.array([0, 2**64 - 1, None, 5], pa.uint64()),
    "full": pa.array([0, 2**64 - 1, 2**63, 5], pa.uint64()),
    "short": pa.array([0, 2**16 - 1, 7, None], pa.uint16()),
    "word": pa.array([2**32 - 1, 0, None, 1], pa.uint32()),
    "good": pa.array([True, None, False, True]),
    'na,me "x"': pa.array(["00123", None, 'a "b", c\nd', "é<&>"]),
    "pdf": pa.FixedSizeListArray.from_arrays(pa.array(np.array([1, 2.5, np.nan, np.nan, 0, 1, 2, 3], np.float32)), 2),
}
NAMES = tuple(COLUMNS)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return _export(canonical_path(tmp_path_factory.mktemp("exports"), COLUMNS), len(COLUMNS["mag_i"]))


def _export(path: Path, n_rows: int) -> Export:
    with CanonicalTable.open(path) as table:
        schema = table.schema

    def walk(names: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
        return selected(path, Selection(names))

    columns = tuple(
        TableColumn(name, dtype_word(schema.field(name).type), unit="mag" if name == "mag_i" else None)
        for name in schema.names
    )
    return Export("A <small> sample", columns, schema, n_rows, walk)


def _bytes(export: Export, name: str) -> bytes:
    return b"".join(EXPORT_FORMATS[name].write(export))


def test_parquet_and_arrow_hold_exactly_the_table(export: Export) -> None:
    parquet = pq.read_table(io.BytesIO(_bytes(export, "parquet")))
    arrow = pa.ipc.open_stream(_bytes(export, "arrow")).read_all()
    for table in (parquet, arrow):
        assert table.schema.field("mag_i").metadata[b"unit"] == b"mag"
        for name, given in COLUMNS.items():
            values = given if isinstance(given, pa.Array) else pa.array(given)
            assert str(table[name].to_pylist()) == str(values.to_pylist())
            assert table[name].type == export.schema.field(name).type


def test_csv_holds_what_the_source_wrote(export: Export) -> None:
    rows = list(csv.reader(io.StringIO(_bytes(export, "csv").decode())))
    assert rows[0] == list(NAMES)
    found = {name: [row[place] for row in rows[1:]] for place, name in enumerate(NAMES)}
    assert found["id"] == [str(BIG), str(-(2**63)), "", str(2**63 - 1)]
    assert found["mag_i"] == ["24.1", "", "0.38", "inf"]
    assert [text and float(text) for text in found["z"]] == [0.1, -0.0, "", 1e300]
    assert found["flag"] == ["1", "", "-128", "127"]
    assert found["good"] == ["true", "", "false", "true"]
    assert found['na,me "x"'] == ["00123", "", 'a "b", c\nd', "é<&>"]
    assert found["pdf"] == ["1 2.5", "", "0 1", "2 3"]


def test_json_is_exact_and_has_no_number_that_json_lacks(export: Export) -> None:
    answer = json.loads(b"".join(write_json(export, 99)))
    assert (answer["count"], answer["columns"]) == (99, list(NAMES))
    first, second, third, fourth = answer["results"]
    assert first["id"] == BIG
    assert first["mag_i"] == 24.1
    assert (second["mag_i"], second["n"], second["good"]) == (None, 2**64 - 1, None)
    assert third["mag_i"] == 0.38
    assert (fourth["mag_i"], fourth["z"]) == ("inf", 1e300)
    assert [row["pdf"] for row in answer["results"]] == [[1, 2.5], [None, None], [0, 1], [2, 3]]


def test_votable_is_read_back(export: Export) -> None:
    table = parse_single_table(io.BytesIO(_bytes(export, "votable")))
    fields = {field.name: field for field in table.fields}
    assert fields["mag_i"].unit == "mag"
    found = table.array
    assert found["id"].tolist() == [BIG, -(2**63), None, 2**63 - 1]
    assert found["mag_i"].dtype == np.float32
    assert np.array_equal(np.ma.filled(found["mag_i"], np.nan), COLUMNS["mag_i"], equal_nan=True)
    assert [str(text) for text in found["n"]][:2] == ["0", str(2**64 - 1)]
    assert found["good"].tolist() == [True, None, False, True]
    assert str(found['na,me "x"'][3]) == "é<&>"
    assert np.array_equal(np.ma.filled(found["pdf"], np.nan)[0], [1, 2.5])


def test_fits_is_read_back_and_keeps_the_standard(export: Export) -> None:
    content = _bytes(export, "fits")
    assert len(content) % 2880 == 0
    with fits.open(io.BytesIO(content), logical_as_bytes=True) as units:
        units.verify("exception")
        assert units[1].data["good"].tolist() == [b"T", b"", b"F", b"T"]
    with pytest.warns(AstropyUserWarning, match="'good' contains NULL"):  # astropy has no missing truth value
        found = Table.read(io.BytesIO(content), format="fits", hdu=1)
    assert found["id"].tolist() == [BIG, -(2**63), None, 2**63 - 1]
    assert np.array_equal(np.ma.filled(found["mag_i"], np.nan), COLUMNS["mag_i"], equal_nan=True)
    assert str(found["mag_i"].unit) == "mag"
    assert found["flag"].tolist() == [1, None, -128, 127]
    assert found["short"].tolist() == [0, 2**16 - 1, 7, None]
    assert found["word"].tolist() == [2**32 - 1, 0, None, 1]
    assert [str(text) for text in found["n"]] == ["0", str(2**64 - 1), "--", "5"]
    assert found["full"].tolist() == [0, 2**64 - 1, 2**63, 5]
    assert [str(text) for text in found['na,me "x"']][::3] == ["00123", "?<&>"]
    assert np.array_equal(np.asarray(found["pdf"][2]), [0, 1])


@pytest.mark.parametrize("name", [*EXPORT_FORMATS, "json"])
def test_a_large_table_leaves_in_many_pieces(tmp_path: Path, name: str) -> None:
    n_rows = 150_000
    path = canonical_path(tmp_path, {"id": np.arange(n_rows), "z": np.arange(n_rows) / 7}, batch_rows=50_000)
    export = _export(path, n_rows)
    pieces = list(write_json(export, n_rows) if name == "json" else EXPORT_FORMATS[name].write(export))
    assert len(pieces) > 4
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 3


@pytest.mark.parametrize("name", [*EXPORT_FORMATS, "json"])
def test_no_rows_make_a_file_all_the_same(tmp_path: Path, name: str) -> None:
    path = canonical_path(tmp_path, {"id": np.arange(3), "name": pa.array(["a", "b", None])})
    full = _export(path, 3)
    export = Export(full.title, full.columns, full.schema, 0, lambda names: iter(()))
    content = b"".join(write_json(export, 0) if name == "json" else EXPORT_FORMATS[name].write(export))
    readers: dict[str, Any] = {
        "csv": lambda: list(csv.reader(io.StringIO(content.decode())))[1:],
        "parquet": lambda: pq.read_table(io.BytesIO(content)),
        "arrow": lambda: pa.ipc.open_stream(content).read_all(),
        "votable": lambda: parse_single_table(io.BytesIO(content)).array,
        "fits": lambda: fits.getdata(io.BytesIO(content), 1),
        "json": lambda: json.loads(content)["results"],
    }
    assert len(readers[name]()) == 0


def test_float32_never_shows_the_noise_of_a_double(export: Export) -> None:
    assert math.isclose(float(COLUMNS["mag_i"][2]), 0.38, rel_tol=1e-7)
    assert float(COLUMNS["mag_i"][2]) != 0.38
    assert b"0.3799" not in _bytes(export, "csv") + _bytes(export, "votable") + b"".join(write_json(export, 4))
