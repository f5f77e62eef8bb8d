"""FITS: scaled and unsigned columns, texts, vectors, several tables, files cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from services.errors import UnreadableTable
from tests.support.table_samples import opened, read_whole, text_file


def write(path: Path, *tables: fits.hdu.base.ExtensionHDU) -> Path:
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path)
    return path


def table_of(name: str = "", **columns: np.ndarray) -> fits.BinTableHDU:
    hdu = fits.table_to_hdu(Table(columns))
    hdu.name = name
    return hdu


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableTable) as caught:
        read_whole(path)
    assert str(path.parent) not in caught.value.message
    return caught.value.message


def test_types_stay_what_they_are(tmp_path: Path) -> None:
    columns = {
        "f4": np.array([0.1, np.nan], "f4"),
        "f8": np.array([0.1, 1e300]),
        "i2": np.array([-3, 4], "i2"),
        "i8": np.array([2**53 + 1, -(2**63)]),
        "u1": np.array([0, 255], "u1"),
        "vector": np.array([[1, 2, 3], [4, 5, 6]], "f4"),
        "matrix": np.arange(8.0).reshape(2, 2, 2),
        "text": np.array(["ab  ", "c"], "S6"),
        "flag": np.array([True, False]),
    }
    path = write(tmp_path / "t.fits", fits.table_to_hdu(Table(columns)))
    with opened(path) as reader:
        dtypes = {column.name: column.dtype for column in reader.info.columns}
    assert dtypes == {
        "f4": "float32", "f8": "float64", "i2": "int16", "i8": "int64", "u1": "uint8", "vector": "vector<float32>[3]",
        "matrix": "vector<float64>[4]", "text": "string", "flag": "bool",
    }  # fmt: skip
    rows = read_whole(path).to_pylist()
    assert np.float32(rows[0]["f4"]) == np.float32(0.1)
    assert rows[0]["i8"] == 2**53 + 1
    assert rows[1]["i8"] == -(2**63)
    assert rows[1]["vector"] == [4.0, 5.0, 6.0]
    assert rows[1]["matrix"] == [4.0, 5.0, 6.0, 7.0]
    assert [row["text"] for row in rows] == ["ab", "c"]
    assert [row["flag"] for row in rows] == [True, False]


def test_unsigned_scaled_and_null_columns(tmp_path: Path) -> None:
    hdu = fits.BinTableHDU.from_columns(
        [
            fits.Column("u2", "I", bzero=2**15, array=np.array([0, 65535], "u2")),
            fits.Column("u8", "K", bzero=2**63, array=np.array([1, 2**64 - 1], "u8")),
            fits.Column("scaled", "I", array=np.array([2, 5], "i2")),
            fits.Column("null", "J", null=-99, array=np.array([-99, 7], "i4"), unit="mag"),
            fits.Column("bits", "10X", array=np.array([[1] * 10, [0, 1] * 5], bool)),
            fits.Column("bit", "X", array=np.array([[True], [False]])),
        ]
    )
    hdu.header["TSCAL3"], hdu.header["TZERO3"] = 0.5, 10.0
    path = write(tmp_path / "t.fits", hdu)
    table = read_whole(path)
    assert table["u2"].to_pylist() == [0, 65535]
    assert table["u8"].to_pylist() == [1, 2**64 - 1]
    assert table["scaled"].to_pylist() == [11.0, 12.5]
    assert table["null"].to_pylist() == [None, 7]
    assert table["bits"].to_pylist() == ["1111111111", "0101010101"]
    assert table["bit"].to_pylist() == [True, False]
    with opened(path) as reader:
        assert {column.name: column.unit for column in reader.info.columns}["null"] == "mag"


def test_lists_of_varying_length_and_complex_numbers_are_left_out_and_told(tmp_path: Path) -> None:
    ragged = np.array([np.array([1.0]), np.array([1.0, 2.0])], dtype=object)
    hdu = fits.BinTableHDU.from_columns(
        [
            fits.Column("ragged", "PD()", array=ragged),
            fits.Column("wave", "C", array=np.array([1j, 2], "c8")),
            fits.Column("z", "D", array=np.array([0.5, 0.6])),
        ]
    )
    path = write(tmp_path / "t.fits", hdu)
    assert read_whole(path).to_pylist() == [{"z": 0.5}, {"z": 0.6}]
    with opened(path) as reader:
        told = " ".join(reader.info.warnings)
    assert "varying length were left out: ragged" in told
    assert "complex numbers were left out: wave" in told


def test_ascii_table(tmp_path: Path) -> None:
    hdu = fits.TableHDU.from_columns(
        [
            fits.Column("id", "I10", array=np.array([1, 22]), ascii=True),
            fits.Column("z", "F10.4", array=np.array([0.5, -1.25]), ascii=True),
            fits.Column("flux", "D20.10", array=np.array([1e-30, 2e10]), ascii=True),
            fits.Column("name", "A5", array=np.array(["ab", "c d"]), ascii=True),
        ]
    )
    rows = read_whole(write(tmp_path / "t.fits", hdu)).to_pylist()
    assert rows == [
        {"id": 1, "z": 0.5, "flux": 1e-30, "name": "ab"},
        {"id": 22, "z": -1.25, "flux": 2e10, "name": "c d"},
    ]


def test_the_catalogue_is_chosen_and_its_sibling_brings_positions(tmp_path: Path) -> None:
    ids = np.array([5, 6, 7])
    noise = table_of("NOISE", TARGETID=np.arange(9), S=np.ones(9))
    main = table_of("REDSHIFTS", TARGETID=ids, Z=np.array([0.1, 0.2, 0.3]))
    sibling = table_of("FIBERMAP", TARGETID=ids, TARGET_RA=np.ones(3), TARGET_DEC=np.zeros(3))
    path = write(tmp_path / "t.fits", noise, main, sibling)
    table = read_whole(path)
    assert table.column_names == ["TARGETID", "Z", "FIBERMAP.TARGETID", "FIBERMAP.TARGET_RA", "FIBERMAP.TARGET_DEC"]
    assert read_whole(path, ("FIBERMAP.TARGET_RA", "Z")).to_pylist()[2] == {"FIBERMAP.TARGET_RA": 1.0, "Z": 0.3}
    with opened(path) as reader:
        assert reader.info.place == "HDU 2 REDSHIFTS + HDU 3 FIBERMAP"
        assert "NOISE" in " ".join(reader.info.warnings)


def test_a_sibling_in_another_order_is_not_joined(tmp_path: Path) -> None:
    main = table_of("REDSHIFTS", TARGETID=np.array([5, 6, 7]), Z=np.array([0.1, 0.2, 0.3]))
    sibling = table_of("FIBERMAP", TARGETID=np.array([5, 7, 6]), RA=np.ones(3), DEC=np.zeros(3))
    assert read_whole(write(tmp_path / "t.fits", main, sibling)).column_names == ["TARGETID", "Z"]


def test_file_cut_off_tells_declared_and_present_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "t.fits", table_of("CAT", Z=np.zeros(10_000)))
    cut = text_file(tmp_path, path.read_bytes()[:-50_000], "cut.fits")
    message = refusal(cut)
    assert message.startswith("cut.fits: HDU 1 CAT declares 10000 rows of 8 bytes, but the file ends after ")
    assert "cut off" in message


@pytest.mark.parametrize("n_rows", [10**12, 10**15])
def test_absurd_row_counts_are_not_believed(tmp_path: Path, n_rows: int) -> None:
    path = write(tmp_path / "t.fits", table_of("CAT", Z=np.zeros(10)))
    old, new = b"NAXIS2  =                   10", f"NAXIS2  = {n_rows:20d}".encode()
    assert f"declares {n_rows} rows" in refusal(text_file(tmp_path, path.read_bytes().replace(old, new), "lie.fits"))


def test_images_and_tile_compressed_tables_are_told_apart(tmp_path: Path) -> None:
    image = tmp_path / "image.fits"
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(image)
    assert "images and headers only" in refusal(image)
    packed = table_of("CAT", Z=np.zeros(10))
    packed.header["ZTABLE"] = True
    assert "tile-compressed" in refusal(write(tmp_path / "packed.fits", packed))
    assert "no rows" in refusal(write(tmp_path / "empty.fits", table_of("CAT", Z=np.zeros(0))))


def test_long_values_continue_on_further_cards(tmp_path: Path) -> None:
    cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    0",
        "END",
    ]
    table = ["XTENSION= 'BINTABLE'", "BITPIX  = 8 / bits", "NAXIS   = 2", "NAXIS1  = 8", "NAXIS2  = 1", "PCOUNT  = 0"]
    table += ["GCOUNT  = 1", "TFIELDS = 1", "TFORM1  = 'D       '", "TTYPE1  = 'f_cosmos/it''s a &'"]
    table += ["CONTINUE  'long name'", "END"]
    blocks = ["".join(card.ljust(80) for card in unit).ljust(2880) for unit in (cards, table)]
    data = "".join(blocks).encode() + np.array([0.5], ">f8").tobytes().ljust(2880, b"\0")
    assert read_whole(text_file(tmp_path, data, "t.fits")).to_pylist() == [{"f_cosmos/it's a long name": 0.5}]


def test_latin1_texts_do_not_break_the_column(tmp_path: Path) -> None:
    path = write(tmp_path / "t.fits", table_of(name_=np.array([b"Caf\xe9", b"abc"], "S5"), z=np.ones(2)))
    assert read_whole(path)["name_"].to_pylist() == ["Café", "abc"]


def test_lists_of_text_are_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "names.fits"
    names = fits.Column("names", "12A", dim="(4,3)", array=np.array([["ab", "cd", "ef"]] * 2))
    fits.BinTableHDU.from_columns([fits.Column("z", "D", array=[0.1, 0.2]), names]).writeto(path)
    assert read_whole(path).column_names == ["z"]
    with opened(path) as reader:
        assert "more than one text a row were left out: names" in reader.info.warnings[0]


GRID = np.linspace(0, 2, 21)


def _pdfs(n_rows: int = 3) -> np.ndarray:
    return np.ones((n_rows, GRID.size), "f4")


def _grid_of(path: Path) -> tuple[float, ...]:
    with opened(path) as reader:
        return reader.info.grid


def test_a_grid_lies_in_an_image_of_that_name(tmp_path: Path) -> None:
    image = fits.ImageHDU(GRID, name="ZGRID")
    assert _grid_of(write(tmp_path / "t.fits", table_of("PZ", pdf=_pdfs()), image)) == tuple(GRID)


def test_a_grid_lies_in_another_table(tmp_path: Path) -> None:
    pdfs = table_of("PZ", objid=np.arange(3), pdf=_pdfs())
    named = table_of("GRID", z=GRID)
    assert _grid_of(write(tmp_path / "a.fits", pdfs, named)) == tuple(GRID)
    column = table_of("OTHER", number=np.arange(21), zgrid=GRID.astype("f4"))
    assert _grid_of(write(tmp_path / "b.fits", pdfs, column)) == pytest.approx(tuple(GRID))
    one_row = table_of("OTHER", number=np.arange(1), xvals=GRID[None])
    assert _grid_of(write(tmp_path / "c.fits", pdfs, one_row)) == tuple(GRID)


def test_a_grid_lies_in_a_column_when_all_rows_are_the_same(tmp_path: Path) -> None:
    same = np.tile(GRID, (3, 1))
    assert _grid_of(write(tmp_path / "a.fits", table_of(pdf=_pdfs(), zgrid=same))) == tuple(GRID)
    same[2, 5] += 0.01
    assert _grid_of(write(tmp_path / "b.fits", table_of(pdf=_pdfs(), zgrid=same))) == ()


@pytest.mark.parametrize("values", [GRID[:-1], GRID[::-1], np.where(GRID > 1, np.nan, GRID)])
def test_what_does_not_fit_is_no_grid(tmp_path: Path, values: np.ndarray) -> None:
    pdfs = table_of("PZ", pdf=_pdfs())
    assert _grid_of(write(tmp_path / "a.fits", pdfs, fits.ImageHDU(np.array(values), name="ZGRID"))) == ()
    assert _grid_of(write(tmp_path / "b.fits", pdfs, fits.ImageHDU(GRID, name="MASK"))) == ()
