"""Main files of every format."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table

from pzserver.conversion import to_astropy, to_pandas
from pzserver.errors import MissingExtra, UnreadableTable
from pzserver.readers import read_table
from pzserver.readers.hats import candidates, unpack
from pzserver.readers.registry import MODULE_OF

FRAME = pd.DataFrame({"id": [10**15 + 1, 2, 3], "z": [0.5, np.nan, 2.0], "name": ["a", "b", "c"]})


def read(path: Path, **main_file: Any) -> pd.DataFrame:
    """Table of a file as a DataFrame."""
    return to_pandas(read_table(path, main_file))


def same(frame: pd.DataFrame, columns: list[str] | None = None) -> None:
    """Assert that the three rows came back."""
    assert list(frame.columns) == (columns or list(FRAME.columns))
    assert frame["id"].tolist() == FRAME["id"].tolist()
    np.testing.assert_array_equal(frame["z"].to_numpy(dtype=float), FRAME["z"])
    assert frame["name"].tolist() == FRAME["name"].tolist()


@pytest.fixture
def table() -> Table:
    """The three rows as an astropy table."""
    return Table({"id": FRAME["id"].to_numpy(), "z": FRAME["z"].to_numpy(), "name": ["a", "b", "c"]})


@pytest.mark.parametrize(
    ("suffix", "separator"), [("csv", ","), ("csv", ";"), ("tsv", "\t"), ("txt", "|"), ("csv", " ")]
)
def test_text_with_any_separator(tmp_path: Path, suffix: str, separator: str) -> None:
    path = tmp_path / f"a.{suffix}"
    FRAME.to_csv(path, sep=separator, index=False, na_rep="nan")
    same(read(path, delimiter=separator, has_header=True, columns=["id", "z", "name"]))
    same(read(path))


def test_text_in_columns_of_blanks_under_a_commented_header(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    path.write_text(f"# made for a test\n#  id   z   name\n {10**15 + 1}   0.5  a\n  2   nan  b\n  3  2.0   c\n")
    same(read(path))
    same(read(path, columns=["id", "z", "name"]))


def test_csv_without_header_takes_the_names_of_the_server(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    FRAME.to_csv(path, index=False, header=False)
    frame = read(path, delimiter=",", has_header=False, columns=["0", "1", "2"])
    assert list(frame.columns) == ["0", "1", "2"]
    assert frame["0"].tolist() == FRAME["id"].tolist()


def test_fewer_names_than_columns_shift_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    FRAME.to_csv(path, index=False, header=False)
    frame = read(path, delimiter=",", has_header=False, columns=["x", "y"])
    assert frame.shape == (3, 3)
    assert frame.iloc[:, 0].tolist() == FRAME["id"].tolist()


def test_names_that_the_server_has_changed_are_used(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("z,z\n1,2\n")
    assert list(read(path, delimiter=",", has_header=True, columns=["z", "z_2"]).columns) == ["z", "z_2"]


def test_csv_with_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffid,z\r\n1,0.5\r\n".encode())
    assert list(read(path, delimiter=",", has_header=True, columns=["id", "z"]).columns) == ["id", "z"]


def test_text_without_rows_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("# nothing\n")
    with pytest.raises(UnreadableTable, match="no rows"):
        read(tmp_path / "a.csv")


def test_ragged_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n1,2,3,4\n")
    with pytest.raises(ValueError, match="could be read"):
        read(tmp_path / "a.csv", delimiter=",", has_header=True)


def test_gzipped_text(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.csv.gz", "wt") as file:
        FRAME.to_csv(file, index=False)
    same(read(tmp_path / "a.csv.gz"))
    (tmp_path / "b.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(UnreadableTable, match="gzip"):
        read(tmp_path / "b.csv.gz")


@pytest.mark.parametrize("suffix", ["fits", "fit"])
def test_fits(tmp_path: Path, table: Table, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    table.write(path, format="fits")
    frame = read(path)
    same(frame)
    assert frame["z"].dtype.isnative


def test_fits_with_several_tables_gives_the_first_and_arrays_stay_whole(tmp_path: Path, table: Table) -> None:
    table["pdf"] = np.arange(6.0).reshape(3, 2)
    path = tmp_path / "a.fits"
    hdus = [fits.PrimaryHDU(np.zeros((2, 2))), fits.table_to_hdu(table), fits.table_to_hdu(Table({"other": [1]}))]
    fits.HDUList(hdus).writeto(path)
    frame = read(path)
    assert list(frame.columns) == ["id", "z", "name", "pdf"]
    assert [list(row) for row in frame["pdf"]] == [[0, 1], [2, 3], [4, 5]]


def test_fits_of_images_only_is_told(tmp_path: Path) -> None:
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(tmp_path / "a.fits")
    with pytest.raises(UnreadableTable, match="images only"):
        read(tmp_path / "a.fits")


@pytest.mark.parametrize("suffix", ["parquet", "pq", "parq"])
def test_parquet(tmp_path: Path, suffix: str) -> None:
    FRAME.to_parquet(tmp_path / f"a.{suffix}", index=False)
    same(read(tmp_path / f"a.{suffix}"))


def test_parquet_with_a_named_index_keeps_it_as_a_column(tmp_path: Path) -> None:
    FRAME.set_index("id").to_parquet(tmp_path / "a.parquet")
    same(read(tmp_path / "a.parquet"))


@pytest.mark.parametrize("suffix", ["hdf5", "h5", "hf5", "hd5", "hdf"])
def test_hdf5_with_one_dataset_a_column(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    with h5py.File(path, "w") as file:
        group = file.create_group("photometry")
        group["z"] = FRAME["z"].to_numpy().astype(">f8")
        group["id"] = FRAME["id"].to_numpy()
        group["name"] = np.array([b"a", b"b", b"c"])
    frame = read(path)
    same(frame, ["id", "name", "z"])
    assert frame["z"].dtype.isnative


def test_hdf5_with_a_table_of_records_and_several_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.hdf5"
    with h5py.File(path, "w") as file:
        records = np.zeros(3, dtype=[("id", ">i8"), ("z", "f8"), ("name", "S3")])
        records["id"], records["z"], records["name"] = FRAME["id"], FRAME["z"], [b"a", b"b", b"c"]
        file["a_first"] = records
        file["b_second"] = np.zeros(3, dtype=[("other", "f8")])
    same(read(path))


def test_hdf5_links_to_other_files_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["z"] = np.arange(3.0)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["z"] = h5py.ExternalLink("secret.h5", "/z")
    with pytest.raises(UnreadableTable, match="no table"):
        read(tmp_path / "a.h5")


@pytest.mark.parametrize("suffix", ["vot", "xml", "vo"])
def test_votable(tmp_path: Path, table: Table, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    table.write(path, format="votable")
    same(read(path))


def test_a_votable_that_reaches_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.bin").write_bytes(b"\x00" * 8)
    text = (
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>'
        '<FIELD name="z" datatype="double"/><DATA><BINARY2><STREAM  encoding="none"\n href="file:rows.bin"/></BINARY2>'
        "</DATA></TABLE></RESOURCE></VOTABLE>"
    )
    (tmp_path / "a.vot").write_text(text)
    with pytest.raises(UnreadableTable, match="outside"):
        read(tmp_path / "a.vot")


def test_ecsv_keeps_units(tmp_path: Path, table: Table) -> None:
    table["z"].unit = "mag"
    table.write(tmp_path / "a.ecsv", format="ascii.ecsv")
    found = read_table(tmp_path / "a.ecsv", {})
    assert str(found["z"].unit) == "mag"
    same(to_pandas(found))


@pytest.mark.parametrize("suffix", sorted(set(MODULE_OF) - {".csv", ".txt", ".dat", ".tsv", ".tab", ".asc"}))
def test_a_file_that_is_not_what_its_name_says_is_told(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"\x89no such file\x00\xff" * 200)
    with pytest.raises((UnreadableTable, MissingExtra)):
        read(path)


def test_an_unknown_format_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(b"x")
    with pytest.raises(UnreadableTable, match="download_product"):
        read(tmp_path / "a.pkl")


def test_tables_go_both_ways(table: Table) -> None:
    same(to_pandas(to_astropy(FRAME)))
    assert to_astropy(table) is table


def test_a_zip_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../outside.txt", "x")
    with pytest.raises(UnreadableTable, match="outside"):
        unpack(tmp_path / "a.zip", tmp_path / "folder")
    assert not (tmp_path / "outside.txt").exists()


def test_folders_that_may_be_a_catalogue_come_in_order(tmp_path: Path) -> None:
    (tmp_path / "other" / "inner").mkdir(parents=True)
    (tmp_path / "named").mkdir()
    (tmp_path / "other" / "inner" / "hats.properties").touch()
    assert list(candidates(tmp_path, "named")) == [tmp_path / "named", tmp_path / "other" / "inner", tmp_path]
