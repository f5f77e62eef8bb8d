"""Sorted pages and single values taken from the file equal what numpy makes of the whole columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.models.queries import TableQuery
from services.statistics import canonical_writer
from services.statistics.canonical import CanonicalTable
from services.statistics.row_order import first_rows
from services.statistics.row_values import file_stamp, page_bytes, values_at
from services.statistics.rows import table_page
from tests.services.statistics.tables import canonical_path, redshifts

N = 2500
RNG = np.random.default_rng(12)
BIG = 2**62 + RNG.integers(0, 500, N)
COLUMNS = {
    "z": redshifts(N),
    "ra": RNG.uniform(0, 360, N).round(1),
    "id": BIG,
    "unsigned": RNG.permutation(N).astype(np.uint64) + np.uint64(2**63),
    "small": RNG.permutation(N).astype(np.int16),
    "byte": (RNG.permutation(N) % 200).astype(np.uint8),
    "holes": pa.array(BIG, mask=RNG.random(N) < 0.1),
    "name": [f"object {i}" for i in RNG.permutation(N)],
    "pdf": pa.FixedSizeListArray.from_arrays(pa.array(RNG.random(3 * N)), 3),
}
NUMBERS = ["z", "ra", "id", "unsigned", "small", "byte", "holes"]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty-five row groups, so that two threads take part."""
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 100)
    return canonical_path(tmp_path, COLUMNS, batch_rows=70)


def expected_order(name: str, *, descending: bool) -> list[int]:
    """Numbers of the rows with a value, by value and then by number."""
    values = COLUMNS[name]
    present = [
        (x, i)
        for i, x in enumerate(values.to_pylist() if isinstance(values, pa.Array) else values.tolist())
        if x is not None and x == x
    ]
    return [i for _, i in sorted(present, key=lambda item: (-item[0] if descending else item[0], item[1]))]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("size", [1, 37, 900])
def test_first_rows_are_those_of_a_sort_with_ties_in_file_order(
    path: Path, name: str, size: int, descending: bool
) -> None:
    with CanonicalTable.open(path) as table:
        found = first_rows(table, name, size, descending=descending)
    assert found.tolist() == expected_order(name, descending=descending)[:size]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("offset", [0, 730, 2200, 2480])
def test_sorted_pages_go_on_to_the_rows_without_a_value(path: Path, offset: int, descending: bool) -> None:
    with_value = expected_order("z", descending=descending)
    everything = with_value + sorted(set(range(N)) - set(with_value))
    query = TableQuery(sort=("-z" if descending else "z",), offset=offset, limit=50)
    page = table_page(path, query)
    assert [n - 1 for n in page.row_numbers] == everything[offset : offset + 50]
    assert [row[2] for row in page.rows] == [str(BIG[i]) for i in everything[offset : offset + 50]]


def test_values_by_place_equal_values_decoded(path: Path) -> None:
    rows = RNG.permutation(N)[:200]
    whole = pq.read_table(path)
    for name in ("z", "ra", "id", "unsigned", "small", "byte"):
        found = values_at(path, file_stamp(path), name, rows)
        assert found is not None, name
        expected = whole.column(name).combine_chunks().take(pa.array(rows))
        assert found.type == expected.type
        assert np.array_equal(found.to_numpy(), expected.to_numpy(), equal_nan=name in {"z", "ra"})


def test_what_is_not_stored_plain_is_left_to_the_engine(path: Path, tmp_path: Path) -> None:
    rows, stamp = np.array([3, 1]), file_stamp(path)
    assert [values_at(path, stamp, name, rows) for name in ("holes", "name", "pdf")] == [None] * 3
    other = tmp_path / "other.parquet"
    table = pq.read_table(path)
    for options in ({"compression": "lz4"}, {"compression": "none", "max_rows_per_page": 100}):
        pq.write_table(table, other, use_dictionary=False, **options)
        assert values_at(other, file_stamp(other), "ra", rows) is None
        shown = table_page(other, TableQuery(sort=("ra",), limit=20)).rows
        assert shown == table_page(path, TableQuery(sort=("ra",), limit=20)).rows


def test_a_file_written_anew_is_read_anew(path: Path, tmp_path: Path) -> None:
    before = table_page(path, TableQuery(limit=1)).rows
    canonical_path(tmp_path, {**COLUMNS, "ra": COLUMNS["ra"] + 1, "z": COLUMNS["z"].astype(float)})
    after = table_page(path, TableQuery(limit=1)).rows
    assert after[0][1] == before[0][1] + 1


def test_the_size_of_a_page_is_read_from_its_header() -> None:
    assert page_bytes(bytes([0x15, 0x00, 0x15, 0x80, 0x80, 0x80, 0x01, 0x15])) == 2**20
    assert page_bytes(bytes([0x25, 0x00, 0x15, 0x02])) == -1
