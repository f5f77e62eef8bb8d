"""HDF5: layouts of catalogues, and links, pickles and sizes that are not followed, run or believed."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

from services.errors import UnreadableTable
from tests.support.table_samples import opened, read_whole


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.h5"


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableTable) as caught:
        read_whole(path)
    assert str(path.parent) not in caught.value.message
    return caught.value.message


def test_flat_datasets_at_the_root_with_types_and_units(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["id"] = np.array([2**53 + 1, 2], ">i8")
        file["z"] = np.array([0.5, 0.25], ">f4")
        file["name"] = ["NGC 1", "é"]
        file["flag"] = np.array([True, False])
        file["pdf"] = np.ones((2, 3), "f4")
        file["zgrid"] = np.array([0.0, 1.0, 2.0])
        file["z"].attrs["unit"] = "redshift"
    with opened(path) as reader:
        columns = {column.name: (column.dtype, column.unit) for column in reader.info.columns}
        assert reader.info.grid == (0.0, 1.0, 2.0)
    assert columns["z"] == ("float32", "redshift")
    assert columns["pdf"] == ("vector<float32>[3]", None)
    assert columns["flag"] == ("bool", None)
    assert read_whole(path, ("id", "z", "name", "flag")).to_pylist() == [
        {"id": 2**53 + 1, "z": 0.5, "name": "NGC 1", "flag": True},
        {"id": 2, "z": 0.25, "name": "é", "flag": False},
    ]


def test_qp_ensemble(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["meta/pdf_name"] = np.array([b"interp"])
        file["meta/xvals"] = np.linspace(0, 3, 4)[None, :]
        file["data/yvals"] = np.ones((5, 4))
        file["ancil/zmode"] = np.arange(5.0)[:, None]
        file["ancil/object_id"] = np.arange(5)
    with opened(path) as reader:
        assert reader.info.grid == (0.0, 1.0, 2.0, 3.0)
        assert {column.name: column.dtype for column in reader.info.columns} == {
            "zmode": "float64", "object_id": "int64", "yvals": "vector<float64>[4]",
        }  # fmt: skip
    assert read_whole(path)["zmode"].to_pylist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_records_of_pytables_and_astropy(path: Path) -> None:
    records = np.zeros(3, [("TARGETID", "<i8"), ("Z", "<f8"), ("COEFF", "<f8", (2,)), ("TYPE", "S6")])
    records["Z"], records["TYPE"] = [0.1, 0.2, 0.3], b"GALAXY"
    with h5py.File(path, "w") as file:
        file["zbest"] = records
        file["zbest.__table_column_meta__"] = np.array([b"x"])
    table = read_whole(path)
    assert table.column_names == ["TARGETID", "Z", "COEFF", "TYPE"]
    assert table["TYPE"].to_pylist() == ["GALAXY"] * 3


def test_pandas_fixed_format_without_pickles(path: Path) -> None:
    with h5py.File(path, "w") as file:
        group = file.create_group("frame")
        group["axis0"] = np.array([b"id", b"ra", b"z"])
        group["axis1"] = np.arange(2)
        group["block0_items"], group["block0_values"] = np.array([b"ra", b"z"]), np.array([[10.0, 0.1], [20.0, 0.2]])
        group["block1_items"], group["block1_values"] = np.array([b"id"]), np.array([[7], [8]])
    assert read_whole(path).to_pylist() == [{"id": 7, "ra": 10.0, "z": 0.1}, {"id": 8, "ra": 20.0, "z": 0.2}]


def test_pandas_table_format_needs_names(path: Path) -> None:
    records = np.zeros(2, [("index", "<i8"), ("values_block_0", "<f8", (2,))])
    records["values_block_0"] = [[1.0, 2.0], [3.0, 4.0]]
    with h5py.File(path, "w") as file:
        file["frame/table"] = records
    with opened(path) as reader:
        assert reader.info.needs_confirmation
    assert read_whole(path)["values_block_0_2"].to_pylist() == [2.0, 4.0]


@pytest.mark.parametrize(
    ("pickled", "names"),
    [
        (pickle.dumps(["z_true", "mag_i"], 0), ("z_true", "mag_i")),
        (pickle.dumps(("z_true", "mag_i"), 4), ("z_true", "mag_i")),
        (b"(lp0\nVz_true\np1\naVmag_i\np2\na.", ("z_true", "mag_i")),
        (pickle.dumps(["z_true"], 0), None),
        (pickle.dumps([["z_true", "mag_i"]], 0), None),
        (pickle.dumps({"z_true": "mag_i"}, 0), None),
        (b"cposix\nsystem\n(Vz_true\np1\ntR.", None),
        (b"(lp0\nVz_true\np1\nag1\na.", None),
        (b"(lp0\nVz_true", None),
    ],
)
def test_pickled_names_of_a_pandas_table_are_read_unless_they_do_more(
    path: Path, pickled: bytes, names: tuple[str, ...] | None
) -> None:
    records = np.zeros(2, [("index", "<i8"), ("values_block_0", "<f8", (2,))])
    records["values_block_0"] = [[1.0, 2.0], [3.0, 4.0]]
    with h5py.File(path, "w") as file:
        file["frame/table"] = records
        file["frame/table"].attrs["values_block_0_kind"] = np.bytes_(pickled)
    shown = names or ("values_block_0_1", "values_block_0_2")
    with opened(path) as reader:
        assert tuple(column.name for column in reader.info.columns) == ("index", *shown)
        assert reader.info.needs_confirmation == (names is None)
    assert read_whole(path)[shown[1]].to_pylist() == [2.0, 4.0]


def test_pickled_blocks_are_refused_and_shown(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["data/axis0"] = np.array([b"loc"])
        file["data/block0_items"] = np.array([b"loc"])
        block = file.create_dataset("data/block0_values", (1,), dtype=h5py.vlen_dtype(np.uint8))
        block[0] = np.frombuffer(b"\x80\x04.", np.uint8)
    message = refusal(path)
    assert "pickled Python objects" in message
    assert "Inside: data/axis0" in message


def test_external_and_soft_links_are_not_followed(path: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.arange(3.0)
    with h5py.File(path, "w") as file:
        file["z"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/secret")
        file["ra"] = h5py.SoftLink("/z")
    assert "links are not followed" in refusal(path)


def test_external_storage_and_virtual_datasets_are_not_read(path: Path, tmp_path: Path) -> None:
    (tmp_path / "raw.bin").write_bytes(np.arange(3.0).tobytes())
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("z", (3,), "f8", external=[(str(tmp_path / "raw.bin"), 0, 24)])
        layout = h5py.VirtualLayout(shape=(3,), dtype="f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "z", shape=(3,))
        file.create_virtual_dataset("ra", layout)
    assert "outside of the file" in refusal(path)


def test_values_that_are_declared_but_not_stored_are_not_unfolded(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("z", (10**12,), "f8", chunks=(1000,), fillvalue=0.5)
        file.create_dataset("ra", (10**12,), "f8", chunks=(1000,))
    assert "far more values declared than stored" in refusal(path)


def test_groups_that_contain_themselves_end(path: Path) -> None:
    with h5py.File(path, "w") as file:
        group = file.create_group("a")
        group["a"] = group
        group["z"], group["ra"] = np.ones(2), np.ones(2)
    assert read_whole(path).num_rows == 2


def test_tables_alike_are_no_catalogue(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for target in "123":
            file[f"zfit/{target}/zfit"] = np.zeros(6, [("z", "f8"), ("chi2", "f8")])
    message = refusal(path)
    assert "no single table but 3 alike" in message
    assert "zfit/1/zfit (6, records)" in message


def test_no_flat_table_shows_the_tree(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["scan/grid"] = np.ones(7)
        file["scan/chi2"] = np.ones((3, 7))
        file["image"] = np.ones((5, 5))
    message = refusal(path)
    assert "no flat table" in message
    assert "scan/chi2 (3 x 7, float64)" in message


def test_damaged_chunks_name_the_dataset(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name in ("z", "ra"):
            file.create_dataset(
                name, data=np.random.default_rng(1).normal(size=50_000), chunks=(50_000,), compression=4
            )
    data = bytearray(path.read_bytes())
    data[len(data) // 4 : len(data) // 4 + 2000] = bytes(2000)
    path.write_bytes(data)
    assert "table.h5: " in refusal(path)


def _mixture(path: Path, kind: bytes = b"mixmod", **data: np.ndarray) -> None:
    with h5py.File(path, "w") as file:
        file["meta/pdf_name"] = np.array([kind])
        for name, values in data.items():
            file[f"data/{name}"] = values
        file["ancil/object_id"] = np.arange(len(next(iter(data.values()))))


def _gaussian_cdf(x: np.ndarray, mean: float, std: float) -> np.ndarray:
    return np.array([0.5 * (1 + math.erf((value - mean) / std / math.sqrt(2))) for value in x])


def test_mixtures_of_gaussians_become_histograms_with_exact_masses(path: Path) -> None:
    means, stds = np.array([[0.4, 1.2], [0.9, 2.0], [0.5, np.nan]]), np.array([[0.05, 0.2], [1e-3, 0.1], [0.1, 0.1]])
    weights = np.array([[1.0, 3.0], [0.5, 0.5], [0.5, 0.5]])
    _mixture(path, means=means, stds=stds, weights=weights)
    with opened(path) as reader:
        grid, info = np.array(reader.info.grid), reader.info
    assert info.pdf_form == "histogram"
    assert {column.name: column.dtype for column in info.columns}["pdf"] == f"vector<float32>[{grid.size - 1}]"
    assert (grid[0], grid[-1]) == (pytest.approx(0.0), pytest.approx(2.5))
    assert "mixtures of Gaussians" in info.warnings[0]
    pdfs = np.array(read_whole(path, ("pdf",)).column(0).to_pylist())
    for row in range(2):
        parts = weights[row] / weights[row].sum()
        cdf = sum(w * _gaussian_cdf(grid, m, s) for w, m, s in zip(parts, means[row], stds[row], strict=True))
        np.testing.assert_allclose(np.cumsum(pdfs[row] * np.diff(grid)), (cdf - cdf[0])[1:], atol=1e-6)
    assert np.isnan(pdfs[2]).all()


def test_single_gaussians_are_mixtures_of_one(path: Path) -> None:
    _mixture(path, b"norm", loc=np.array([[0.5], [1.0]]), scale=np.array([[0.1], [0.0]]))
    pdfs = np.array(read_whole(path, ("pdf",)).column(0).to_pylist())
    with opened(path) as reader:
        widths = np.diff(reader.info.grid)
    assert (pdfs[0] * widths).sum() == pytest.approx(1, abs=1e-5)
    assert np.isnan(pdfs[1]).all()


@pytest.mark.parametrize(
    "data",
    [
        {"means": np.ones((3, 2)), "stds": np.ones((3, 2))},
        {"means": np.ones((3, 2)), "stds": np.ones((3, 1)), "weights": np.ones((3, 2))},
        {"means": np.full((3, 2), np.nan), "stds": np.ones((3, 2)), "weights": np.ones((3, 2))},
    ],
)
def test_what_is_no_mixture_stays_what_it_is(path: Path, data: dict[str, np.ndarray]) -> None:
    _mixture(path, **data)
    with opened(path) as reader:
        assert "pdf" not in {column.name for column in reader.info.columns}
        assert reader.info.grid == ()
