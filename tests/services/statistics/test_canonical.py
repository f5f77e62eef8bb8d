"""What goes into the canonical table comes out as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.errors import UnreadableTable
from services.models.tables import TableColumn
from services.statistics import canonical_writer
from services.statistics.arrow_types import canonical_schema
from services.statistics.canonical import CanonicalTable
from services.statistics.canonical_writer import group_rows, write_canonical
from services.statistics.row_values import PlainColumns
from tests.services.statistics.tables import ArrayReader, canonical_path, canonical_table


def test_values_stay_what_the_source_wrote(tmp_path: Path) -> None:
    ids = pa.array([2**63 - 1, None, 1_234_567_890_123_456_789], pa.int64())
    names = pa.array(["0020", None, "x"], pa.string())
    path = canonical_path(tmp_path, {"id": ids, "name": names, "z": np.array([0.38, np.nan, 99.0], np.float32)})
    table = pq.read_table(path)
    assert table["id"].to_pylist() == ids.to_pylist()
    assert table["name"].to_pylist() == names.to_pylist()
    assert table["z"].type == pa.float32()
    np.testing.assert_array_equal(table["z"].to_numpy(), np.array([0.38, np.nan, 99.0], np.float32))


def test_floats_are_not_nullable_and_nulls_become_nan(tmp_path: Path) -> None:
    path = canonical_path(tmp_path, {"z": pa.array([0.5, None, 1.5])})
    assert not pq.read_schema(path).field("z").nullable
    np.testing.assert_array_equal(pq.read_table(path)["z"].to_numpy(), [0.5, np.nan, 1.5])


def test_vectors_keep_their_length_and_missing_rows_become_nan(tmp_path: Path) -> None:
    kind = pa.list_(pa.float32(), 2)
    values = pa.array([[1, 2], None, [3, None], [5, 6]], kind)
    path = canonical_path(tmp_path, {"pdf": values}, batch_rows=3)
    with CanonicalTable.open(path) as table:
        assert table.dtype("pdf") == "vector<float32>[2]"
        flat = np.concatenate([chunk.flatten().to_numpy() for (chunk,) in table.arrow_chunks(["pdf"])])
    np.testing.assert_array_equal(flat, np.array([1, 2, np.nan, np.nan, 3, np.nan, 5, 6], np.float32))


def test_batches_of_any_size_become_even_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 2000)
    values = np.arange(7001.0)
    path = canonical_path(tmp_path, {"x": values}, batch_rows=333)
    metadata = pq.ParquetFile(path).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [2000, 2000, 2000, 1001]
    np.testing.assert_array_equal(pq.read_table(path)["x"].to_numpy(), values)


def test_wide_tables_get_shorter_row_groups() -> None:
    wide = canonical_schema(tuple(TableColumn(f"c{i}", "float64") for i in range(1500)))
    assert 1024 <= group_rows(wide) * 12_000 / 12_000 <= canonical_writer.GROUP_BYTES / 12_000
    assert group_rows(canonical_schema((TableColumn("z", "float32"),))) == 262_144


def test_flags_have_a_dictionary_and_measurements_have_none(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    columns = {"flag": rng.integers(1, 5, 4000), "z": rng.random(4000), "id": np.arange(4000)}
    metadata = pq.ParquetFile(canonical_path(tmp_path, columns)).metadata.row_group(0)
    assert [metadata.column(i).has_dictionary_page for i in range(3)] == [True, False, False]
    assert [metadata.column(i).compression for i in range(3)] == ["LZ4", "UNCOMPRESSED", "UNCOMPRESSED"]
    assert metadata.column(1).has_offset_index


def test_a_reader_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(ArrayReader):
        def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
            yield from super().batches(columns)
            raise UnreadableTable("the file ends in the middle of row 7")

    with pytest.raises(UnreadableTable):
        write_canonical(Broken({"z": np.arange(10.0)}), tmp_path / "t.parquet")
    assert list(tmp_path.iterdir()) == []


def test_progress_tells_the_fraction_done(tmp_path: Path) -> None:
    told: list[float] = []
    write_canonical(ArrayReader({"z": np.arange(10.0)}), tmp_path / "t", lambda part, words: told.append(part))
    assert told == [1.0]


def test_a_table_without_rows_is_written_too(tmp_path: Path) -> None:
    summary = write_canonical(ArrayReader({"z": np.empty(0)}), tmp_path / "t")
    assert summary.n_rows == 0
    assert summary.profiles[0].median is None


def test_profiles_leave_sentinels_out(tmp_path: Path) -> None:
    values = np.array([-99.9, 99.0, 0.1, 0.3, 0.2, np.nan, -9999.0], np.float32)
    text = pa.array(["a", "b", "a", None, "c", "d", "e"])
    summary = write_canonical(ArrayReader({"z": values, "s": text, "one": np.full(7, 3)}), tmp_path / "t")
    z, s, one = summary.profiles
    assert (z.n_rows, z.n_valid) == (7, 3)
    assert (z.minimum, z.maximum, z.median) == tuple(float(np.float32(x)) for x in (0.1, 0.3, 0.2))
    assert z.examples == ("-99.9", "99.0", "0.1", "0.3", "0.2")
    assert (s.n_valid, s.examples, s.is_constant) == (6, ("a", "b", "c", "d", "e"), False)
    assert one.is_constant


def test_columns_come_row_by_row_aligned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 1500)
    columns = {"a": np.arange(4000.0), "b": pa.array([None, *range(1, 4000)], pa.int64())}
    with canonical_table(tmp_path, columns) as table:
        for _ in range(2):  # the second walk comes from memory
            pairs = np.concatenate([np.stack(pair) for pair in table.columns_chunks((("a", ""), ("b", "")))], axis=1)
            np.testing.assert_array_equal(pairs[0, 1:], pairs[1, 1:])
            assert np.isnan(pairs[1, 0])


def test_names_with_dots_quotes_and_spaces_are_plain_names(tmp_path: Path) -> None:
    columns = {"ds.Z": np.array([1.0]), "ds": np.array([2.0]), 'a "b" c': np.array([3.0])}
    with canonical_table(tmp_path, columns) as table:
        assert [next(iter(table.chunks(name)))[0] for name in columns] == [1.0, 2.0, 3.0]


def test_columns_read_as_bytes_are_those_that_arrow_decodes(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    n = 5000
    columns = {
        "f4": pa.array(rng.normal(size=n).astype(np.float32)),
        "f8": pa.array(np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n))),
        "i8": pa.array(rng.integers(-(2**62), 2**62, n)),
        "u8": pa.array(rng.integers(0, 2**63, n).astype(np.uint64) * 2),
        "i2": pa.array(rng.integers(-30000, 30000, n).astype(np.int16)),
    }
    path = tmp_path / "plain.parquet"
    fields = [pa.field(name, values.type, nullable=not name.startswith("f")) for name, values in columns.items()]
    table = pa.table(columns, pa.schema(fields))
    pq.write_table(table, path, row_group_size=2000, compression="none", use_dictionary=False, data_page_size=2**22)
    plain = PlainColumns(path)
    for name, values in columns.items():
        for group in range(3):
            read = plain.array(name, group)
            assert read is not None
            assert read.type == values.type
            assert read.to_numpy().tobytes() == values.slice(2000 * group, 2000).to_numpy().tobytes()
    plain.close()


def test_columns_with_nulls_and_text_are_left_to_arrow(tmp_path: Path) -> None:
    path = tmp_path / "coded.parquet"
    pq.write_table(pa.table({"id": [1, None, 3], "name": ["a", "b", "c"]}), path, compression="none")
    plain = PlainColumns(path)
    assert plain.array("id", 0) is None
    assert plain.array("name", 0) is None
    plain.close()
    with CanonicalTable.open(path) as table:
        assert [array.to_pylist() for array in table.group_arrays(0, ["name", "id", "name"])] == [
            ["a", "b", "c"],
            [1, None, 3],
            ["a", "b", "c"],
        ]
