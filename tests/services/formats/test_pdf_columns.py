"""PDFs over runs of columns, and where their grids are found in VOTables and ECSV files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import writeto
from astropy.io.votable.tree import Info, Param, Resource, TableElement, VOTableFile
from astropy.table import Table

from services.errors import UnreadableTable
from services.formats.column_runs import found_runs
from services.formats.registry import open_table
from services.models.tables import TableColumn, TableInfo
from services.statistics.canonical_writer import write_canonical
from services.statistics.pdf_grid import grid_of
from tests.support.table_samples import opened, read_whole

RNG = np.random.default_rng(7)
GRID = np.linspace(0, 1.5, 16)
PDFS = RNG.uniform(0, 2, (12, 16))


def _columns(*names: str, dtype: str = "float64") -> list[TableColumn]:
    return [TableColumn(name, dtype) for name in names]


def _frame(pattern: str, first: int = 0) -> pd.DataFrame:
    frame = pd.DataFrame({"id": np.arange(12), "z_spec": RNG.uniform(0, 1.5, 12)})
    return frame.assign(**{pattern.format(first + place): PDFS[:, place] for place in range(16)})


def _info(path: Path) -> TableInfo:
    with opened(path) as reader:
        return reader.info


def _pdfs(path: Path, name: str = "pdf") -> np.ndarray:
    return np.array(read_whole(path, (name,)).column(0).to_pylist())


@pytest.mark.parametrize("pattern", ["P{}", "P{:03d}", "pdf_{}", "pz_{}", "PZ[{}]", "pz{}", "PDF {}", "photoz_pdf_{}"])
def test_runs_of_columns_become_one_column_of_vectors(tmp_path: Path, pattern: str) -> None:
    path = tmp_path / "t.csv"
    _frame(pattern, first=3).to_csv(path, index=False)
    info = _info(path)
    assert [(column.name, column.dtype) for column in info.columns] == [
        ("id", "int64"), ("z_spec", "float64"), ("pdf", "vector<float64>[16]"),
    ]  # fmt: skip
    assert info.grid == ()
    assert f"Columns {pattern.format(3)} to {pattern.format(18)} are read as one PDF of 16 numbers" in info.warnings[-1]
    np.testing.assert_array_equal(_pdfs(path), PDFS)
    assert read_whole(path, ("z_spec", "pdf")).column_names == ["z_spec", "pdf"]


@pytest.mark.parametrize(
    "names",
    [
        [f"P{number}" for number in range(7)],
        [f"P{number}" for number in (*range(8), 9)],
        [f"flux_{number}" for number in range(20)],
        [*(f"P{number}" for number in range(10)), "P01"],
        [f"{number}" for number in range(20)],
        [f"mp{number}" for number in range(20)],
    ],
)
def test_what_is_no_run(names: list[str]) -> None:
    assert found_runs(_columns(*names)) == ()
    assert found_runs(_columns(*(f"P{number}" for number in range(9)), dtype="string")) == ()


def test_integers_alone_are_codes(tmp_path: Path) -> None:
    assert found_runs(_columns(*(f"P{number}" for number in range(9)), dtype="int64")) == ()
    assert found_runs([*_columns(*(f"P{number}" for number in range(8)), dtype="int32"), *_columns("P8")])
    pq.write_table(pa.table({f"P{k}": np.arange(4) for k in range(9)}), tmp_path / "t.parquet")
    assert "pdf" not in {column.name for column in _info(tmp_path / "t.parquet").columns}


def test_integers_a_float_cannot_hold_are_rounded(tmp_path: Path) -> None:
    large = 2**53 + 1
    columns = {f"P{k}": np.full(4, 0.5) for k in range(8)} | {"P8": np.full(4, large)}
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    assert _pdfs(tmp_path / "t.parquet")[:, 8].tolist() == [float(large)] * 4


def test_order_is_that_of_the_numbers_and_names_stay_unique() -> None:
    shuffled = [*(f"P{number}" for number in (3, 1, 0, 2, 7, 6, 5, 4)), "pdf", *(f"pz_{number}" for number in range(8))]
    first, second = found_runs(_columns(*shuffled, dtype="float32"))
    assert first.members == tuple(f"P{number}" for number in range(8))
    assert (first.column.name, second.column.name) == ("pdf_2", "pdf_3")
    assert first.column.dtype == "vector<float32>[8]"


def test_missing_numbers_are_nan_and_integers_count(tmp_path: Path) -> None:
    rows = ["id," + ",".join(f"P{place}" for place in range(8)), "1,0,1,2,3,4,5,6,7", "2,0,,2,3.5,4,5,6,7"]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(rows) + "\n")
    found = _pdfs(path)
    assert found[0].tolist() == list(range(8))
    assert np.isnan(found[1, 1])
    assert found[1, 3] == 3.5


def test_grids_of_runs_are_found_where_those_of_vectors_are(tmp_path: Path) -> None:
    frame = _frame("P{}")
    table = pa.Table.from_pandas(frame).replace_schema_metadata({"zgrid": str(GRID.tolist())})
    pq.write_table(table, tmp_path / "t.parquet")
    hdus = [fits.table_to_hdu(Table.from_pandas(frame)), fits.ImageHDU(GRID, name="ZGRID")]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(tmp_path / "t.fits")
    with h5py.File(tmp_path / "t.hdf5", "w") as file:
        for name in frame:
            file[str(name)] = frame[name].to_numpy()
        file["zgrid"] = GRID
    ecsv = Table.from_pandas(frame)
    ecsv.meta["zgrid"] = GRID.tolist()
    ecsv.write(tmp_path / "t.ecsv", format="ascii.ecsv")
    for suffix in ("parquet", "fits", "hdf5", "ecsv"):
        path = tmp_path / f"t.{suffix}"
        assert _info(path).grid == tuple(GRID), suffix
        np.testing.assert_allclose(_pdfs(path), PDFS)


def test_a_large_text_table_is_still_read_in_one_walk(tmp_path: Path) -> None:
    path, n_rows = tmp_path / "large.csv", 70_000
    frame = pd.DataFrame({"id": np.arange(n_rows)} | {f"P{k}": np.arange(n_rows) * 0.25 + k for k in range(16)})
    frame.to_csv(path, index=False)
    assert path.stat().st_size > 2**23
    with open_table(path, "large.csv", scratch=tmp_path, hurried=True) as reader:
        assert reader.trial is not None
        summary = write_canonical(reader, tmp_path / "out.parquet")
        assert reader.info.n_rows == n_rows
    assert [profile.name for profile in summary.profiles] == ["id", "pdf"]
    stored = pq.read_table(tmp_path / "out.parquet")["pdf"].chunk(0)
    assert stored[4].as_py() == [1.0 + k for k in range(16)]


def _votable(
    path: Path, *, words: str = "", grid_table: bool = False, column: bool = False, how: str = "binary2"
) -> Path:
    data: dict[str, Any] = {"id": np.arange(12), "z_spec": RNG.uniform(0, 1, 12), "pdf": PDFS}
    if column:
        data["zgrid"] = np.tile(GRID, (12, 1))
    file = VOTableFile.from_table(Table(data))
    table = file.resources[0].tables[0]
    table.format = how
    text = " ".join(map(repr, map(float, GRID)))
    if words == "PARAM":
        table.params.append(Param(file, name="zgrid", datatype="double", arraysize="16", value=GRID))
    if words == "INFO":
        file.infos.append(Info(name="z_grid", value=text))
    if grid_table:
        resource = Resource(name="grids")
        other = TableElement.from_table(file, Table({"zgrid": GRID}))
        other.format = how
        resource.tables.append(other)
        file.resources.append(resource)
    writeto(file, str(path))
    return path


@pytest.mark.parametrize("how", ["binary2", "tabledata"])
@pytest.mark.parametrize(
    "options", [{"words": "PARAM"}, {"words": "INFO"}, {"grid_table": True}, {"column": True}], ids=str
)
def test_grids_in_votables(tmp_path: Path, how: str, options: dict[str, Any]) -> None:
    path = _votable(tmp_path / "t.xml", how=how, **options)
    assert _info(path).grid == pytest.approx(tuple(GRID))
    np.testing.assert_allclose(_pdfs(path), PDFS)


def test_a_votable_without_a_grid_has_none(tmp_path: Path) -> None:
    assert _info(_votable(tmp_path / "t.xml")).grid == ()
    path = _votable(tmp_path / "wrong.xml", words="INFO")
    path.write_text(path.read_text().replace('value="0.0 ', 'value="0.0 x '))
    assert _info(path).grid == ()


def test_vectors_and_their_grid_in_ecsv(tmp_path: Path) -> None:
    table = Table({"id": np.arange(12), "pdf": PDFS, "cube": PDFS.reshape(12, 4, 4).astype("f4")})
    table.meta["comment"] = "made for a test"
    for place, meta in enumerate(({"zgrid": GRID.tolist()}, {"z_grid": ", ".join(map(str, GRID.tolist()))})):
        path = tmp_path / f"{place}.ecsv"
        table.meta = meta
        table.write(path, format="ascii.ecsv")
        info = _info(path)
        assert info.grid == tuple(GRID)
        assert [column.dtype for column in info.columns] == ["int64", "vector<float64>[16]", "vector<float32>[16]"]
        np.testing.assert_array_equal(_pdfs(path), PDFS)
    table["pdf"].info.meta = {"zgrid": GRID.tolist()}
    table.meta = {}
    table.write(path, format="ascii.ecsv", overwrite=True)
    assert _info(path).grid == tuple(GRID)


def test_a_cell_that_is_no_list_of_that_length_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.ecsv"
    Table({"id": np.arange(3), "pdf": PDFS[:3, :2]}).write(path, format="ascii.ecsv")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:-1], "2 [1.0]"]) + "\n")
    with pytest.raises(UnreadableTable, match="column pdf, row 3: the cell is no list of 2 numbers"):
        read_whole(path)


def test_the_grid_reaches_the_canonical_table(tmp_path: Path) -> None:
    table = Table.from_pandas(_frame("pz_{}"))
    table.meta["zgrid"] = GRID.tolist()
    table.write(tmp_path / "t.ecsv", format="ascii.ecsv")
    with opened(tmp_path / "t.ecsv") as reader:
        write_canonical(reader, tmp_path / "out.parquet")
    assert grid_of(pq.read_schema(tmp_path / "out.parquet")).tolist() == GRID.tolist()
