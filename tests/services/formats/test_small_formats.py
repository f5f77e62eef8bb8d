"""ECSV and numpy arrays."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from astropy import units
from astropy.table import MaskedColumn, QTable

from services.errors import UnreadableTable
from tests.support.table_samples import opened, read_whole, text_file


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableTable) as caught:
        read_whole(path)
    assert str(path.parent) not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("delimiter", [" ", ","])
def test_ecsv_declares_types_units_and_descriptions(tmp_path: Path, delimiter: str) -> None:
    sample = QTable(
        {
            "code": ["12", "7"],
            "ra": [10, 20] * units.deg,
            "z": MaskedColumn([0.5, 0.6], mask=[False, True], description="spec-z"),
            "note": ["a b", ""],
            "ok": [True, False],
        }
    )
    path = tmp_path / "t.ecsv"
    sample.write(path, format="ascii.ecsv", delimiter=delimiter)
    assert read_whole(path).to_pylist() == [
        {"code": "12", "ra": 10.0, "z": 0.5, "note": "a b", "ok": True},
        {"code": "7", "ra": 20.0, "z": None, "note": None, "ok": False},
    ]
    with opened(path) as reader:
        described = {column.name: column for column in reader.info.columns}
    assert described["ra"].unit == "deg"
    assert described["z"].description == "spec-z"
    assert described["code"].dtype == "string"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("# ---\n# datatype: [", "cannot be read"),
        ("# ---\n# delimiter: ','", "does not declare"),
        ("# ---\n# a: &a [1]\n# datatype: [*a]", "aliases"),
        ("# ---\n# delimiter: x\n# datatype:\n# - {name: a, datatype: int64}", "neither"),
        ("# ---\n# datatype:\n# - {name: b, datatype: int64}", "other columns"),
        ("# ---\n# datatype: !!python/object/apply:os.getpid []", "other columns"),
    ],
)
def test_ecsv_headers_that_do_not_hold(tmp_path: Path, header: str, reason: str) -> None:
    assert reason in refusal(text_file(tmp_path, f"# %ECSV 1.0\n{header}\na\n1\n", "t.ecsv"))


def test_npy_matrix_and_list_get_numbered_names(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.array([[0.5, 1.5], [2.5, 3.5]], ">f4"))
    np.save(tmp_path / "l.npy", np.arange(3))
    assert read_whole(tmp_path / "m.npy").to_pylist() == [{"col1": 0.5, "col2": 1.5}, {"col1": 2.5, "col2": 3.5}]
    assert read_whole(tmp_path / "l.npy")["col1"].to_pylist() == [0, 1, 2]
    with opened(tmp_path / "m.npy") as reader:
        assert reader.info.needs_confirmation
        assert reader.info.columns[0].dtype == "float32"


def test_npy_structured_array_with_vectors_and_text(tmp_path: Path) -> None:
    array = np.zeros(2, [("id", ">i8"), ("name", "U4"), ("pdf", "f4", (3,))])
    array["id"], array["name"] = [2**53 + 1, 2], ["é", "ab"]
    np.save(tmp_path / "s.npy", array)
    rows = read_whole(tmp_path / "s.npy").to_pylist()
    assert rows[0] == {"id": 2**53 + 1, "name": "é", "pdf": [0.0, 0.0, 0.0]}


def test_npy_refusals(tmp_path: Path) -> None:
    np.save(tmp_path / "o.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "c.npy", np.zeros((2, 2, 2)))
    np.save(tmp_path / "e.npy", np.zeros(0))
    data = (tmp_path / "c.npy").read_bytes()
    assert "pickled Python objects" in refusal(tmp_path / "o.npy")
    assert "3 dimensions" in refusal(tmp_path / "c.npy")
    assert "rows" in refusal(tmp_path / "e.npy")
    assert "cut off" in refusal(text_file(tmp_path, data[:-8], "cut.npy"))


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_are_refused_unread(tmp_path: Path, protocol: int) -> None:
    sprung = tmp_path / "sprung"
    path = text_file(tmp_path, pickle.dumps(Trap(sprung), protocol), "catalogue.pkl")
    assert "pickle" in refusal(path)
    assert not sprung.exists()


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "an image"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b'{"a": [1, 2]}', "JSON"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
    ],
)
def test_files_of_other_trades_are_called_by_name(tmp_path: Path, data: bytes, title: str) -> None:
    assert title in refusal(text_file(tmp_path, data, "catalogue.csv"))


def test_names_of_any_length_stay_short_in_messages(tmp_path: Path) -> None:
    path = text_file(tmp_path, b"", "x")
    with pytest.raises(UnreadableTable) as caught:
        opened(path, "../../etc/" + "🌌" * 255 + ".csv")
    assert len(caught.value.message) < 200
    assert "etc" not in caught.value.message
