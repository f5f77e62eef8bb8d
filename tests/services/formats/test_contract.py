"""What every reader promises, asked of every format."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from services.errors import UnreadableTable
from services.formats.arrays import arrow_type
from services.formats.registry import FORMATS
from tests.support.table_samples import (
    IDS,
    NAMES,
    PACKERS,
    RA_DEG,
    REDSHIFT,
    SURVEYS,
    WRITERS,
    opened,
    read_whole,
    text_file,
)


@pytest.fixture(params=WRITERS)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path: Path = tmp_path / request.param
    WRITERS[request.param](path)
    return path


def test_rows_arrive_exactly_as_the_source_wrote_them(sample: Path) -> None:
    table = read_whole(sample)
    assert tuple(sorted(table.column_names)) == tuple(sorted(NAMES))
    assert table["object_id"].to_pylist() == IDS
    assert table["ra"].to_pylist() == RA_DEG
    assert table["redshift"].to_pylist() == REDSHIFT
    assert table["survey"].to_pylist() == SURVEYS


def test_info_tells_names_and_types_of_the_batches(sample: Path) -> None:
    with opened(sample) as reader:
        for batch in reader.batches():
            assert batch.schema.names == [column.name for column in reader.info.columns]
            assert [field.type for field in batch.schema] == [arrow_type(c.dtype) for c in reader.info.columns]
        assert reader.info.n_rows in (None, 5)
        assert reader.info.format in FORMATS
        assert not reader.info.needs_confirmation


def test_only_asked_columns_come_in_the_asked_order(sample: Path) -> None:
    table = read_whole(sample, ("survey", "object_id"))
    assert table.column_names == ["survey", "object_id"]
    assert table["object_id"].to_pylist() == IDS


def test_batches_can_be_walked_twice(sample: Path) -> None:
    with opened(sample) as reader:
        first = pa.Table.from_batches(reader.batches())
        assert first.equals(pa.Table.from_batches(reader.batches()))


def test_content_beats_suffix(sample: Path) -> None:
    misnamed = sample.rename(sample.with_name("misnamed.dat"))
    assert read_whole(misnamed)["object_id"].to_pylist() == IDS


@pytest.mark.parametrize("suffix", PACKERS)
def test_packed_files_open_alike_and_leave_nothing_behind(sample: Path, suffix: str) -> None:
    packed = sample.parent / f"packed{suffix}"
    PACKERS[suffix](packed, sample.name, sample.read_bytes())
    before = sorted(sample.parent.iterdir())
    assert read_whole(packed)["object_id"].to_pylist() == IDS
    assert sorted(sample.parent.iterdir()) == before


def test_files_cut_in_the_middle_are_refused_or_read_to_a_whole_row(sample: Path) -> None:
    data = sample.read_bytes()
    cut = text_file(sample.parent, data[: len(data) // 2], f"cut_{sample.name}")
    message, n_rows = "", 0
    try:
        n_rows = read_whole(cut).num_rows
    except UnreadableTable as error:
        message = error.message
    assert n_rows < 5
    assert message.startswith(f"cut_{sample.name}") or n_rows
    assert str(sample.parent) not in message
