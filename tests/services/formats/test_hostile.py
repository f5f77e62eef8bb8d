"""Whatever bytes come: a table or one UnreadableTable, never another error."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.errors import UnreadableTable
from services.formats.registry import open_table
from tests.support.table_samples import PACKERS, WRITERS

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

MARKS = (
    b"", b"SIMPLE  =", b"\x89HDF\r\n\x1a\n", b"PAR1", b"<VOTABLE>", b"\x93NUMPY\x01\x00", b"# %ECSV 1.0\n# ---\n",
    b"\x1f\x8b\x08\x00", b"BZh9", b"\xfd7zXZ\0", b"PK\x03\x04", b"a,b\n", b"#  1 id\n# 2 z\n", b"\xff\xfe", b"\x80\x04",
)  # fmt: skip


def survives(folder: Path, data: bytes) -> None:
    path = folder / "hostile"
    path.write_bytes(data)
    message = "hostile"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with open_table(path, "hostile", scratch=folder) as reader:
                for _ in reader.batches():
                    pass
        except UnreadableTable as error:
            message = error.message
    assert message.startswith("hostile")
    assert str(folder) not in message
    assert len(message) < 2000


@pytest.fixture(params=WRITERS)
def valid(request: pytest.FixtureRequest, tmp_path: Path) -> bytes:
    path: Path = tmp_path / request.param
    WRITERS[request.param](path)
    return path.read_bytes()


@quick
@given(st.sampled_from(MARKS), st.binary(max_size=600))
def test_random_bytes_behind_every_mark(tmp_path: Path, mark: bytes, data: bytes) -> None:
    survives(tmp_path, mark + data)


@quick
@given(st.text(st.sampled_from('0123456789.eED+-,;|\t "#\n\r abcnull'), max_size=200))
def test_random_tables_of_text(tmp_path: Path, text: str) -> None:
    survives(tmp_path, text.encode())


@quick
@given(data=st.data())
def test_valid_files_cut_anywhere(tmp_path: Path, valid: bytes, data: st.DataObject) -> None:
    survives(tmp_path, valid[: data.draw(st.integers(0, len(valid)))])


@quick
@given(data=st.data())
def test_valid_files_with_bytes_turned(tmp_path: Path, valid: bytes, data: st.DataObject) -> None:
    turned = bytearray(valid)
    places = st.integers(0, len(valid) - 1) | st.integers(0, min(len(valid) - 1, 300))
    for place, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8)):
        turned[place] = byte
    survives(tmp_path, bytes(turned))


@quick
@given(packing=st.sampled_from(sorted(PACKERS)), data=st.data())
def test_packed_files_with_bytes_turned(tmp_path: Path, packing: str, data: st.DataObject) -> None:
    path = tmp_path / "packed"
    PACKERS[packing](path, "t.csv", b"id,z\n1,0.5\n" * 50)
    turned = bytearray(path.read_bytes())
    for place, byte in data.draw(st.lists(st.tuples(st.integers(0, len(turned) - 1), st.integers(0, 255)), max_size=4)):
        turned[place] = byte
    survives(tmp_path, bytes(turned[: data.draw(st.integers(1, len(turned)))]))
