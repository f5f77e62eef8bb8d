"""Coverage maps, held against mocpy: what it reads of ours, and what it makes of the same pixels."""

from __future__ import annotations

import io
import json
from pathlib import Path

import hpgeom
import numpy as np
import pytest
from astropy.io import fits
from mocpy import MOC
from numpy.typing import NDArray

from services.exports.moc import moc_ascii, moc_fits, moc_json, moc_of

NSIDE, ORDER = 64, 6


def pixels() -> NDArray[np.int64]:
    """A disc, a pixel on its own and a whole base pixel."""
    disc = hpgeom.query_circle(NSIDE, 33.0, -20.0, 9.0, nest=True)
    return np.unique(np.concatenate([disc, [5], np.arange(4096 * 7, 4096 * 8)])).astype(np.int64)


def expected(numbers: NDArray[np.int64], order: int = ORDER) -> MOC:
    return MOC.from_healpix_cells(numbers.astype(np.uint64), np.full(numbers.size, order, np.uint8), order)


def _read(content: bytes, folder: Path) -> MOC:
    (folder / "m.fits").write_bytes(content)
    return MOC.load(folder / "m.fits", "fits")


def test_json_ascii_and_fits_are_read_as_the_same_map(tmp_path: Path) -> None:
    moc, wanted = moc_of(NSIDE, pixels()), expected(pixels())
    assert MOC.from_string(moc_json(moc).decode(), "json") == wanted
    assert MOC.from_string(moc_ascii(moc).decode().strip(), "ascii") == wanted
    read = _read(moc_fits(moc), tmp_path)
    assert read == wanted
    assert read.max_order == ORDER
    assert json.loads(moc_json(moc)) == wanted.serialize("json")


def test_four_cells_become_their_parent() -> None:
    moc = moc_of(NSIDE, pixels())
    assert moc.cells[0].tolist() == [7]
    assert 5 in moc.cells[ORDER]
    area = sum(cells.size / 4**order for order, cells in moc.cells.items())
    assert area == pytest.approx(pixels().size / 4**ORDER)


@pytest.mark.parametrize("numbers", [np.empty(0, np.int64), np.arange(12 * NSIDE**2)])
def test_nothing_and_everything(tmp_path: Path, numbers: NDArray[np.int64]) -> None:
    moc = moc_of(NSIDE, numbers)
    assert _read(moc_fits(moc), tmp_path) == expected(numbers)
    assert MOC.from_string(moc_json(moc).decode(), "json") == expected(numbers)
    assert moc_ascii(moc).decode().rstrip().endswith("6/")


def test_one_cell_of_the_whole_sphere_is_order_0() -> None:
    assert moc_of(1, np.array([3])).cells[0].tolist() == [3]
    assert moc_ascii(moc_of(1, np.array([3, 4, 7]))) == b"0/3-4 7\n"


def test_the_header_names_the_frame_and_the_coding() -> None:
    with fits.open(io.BytesIO(moc_fits(moc_of(NSIDE, pixels())))) as found:
        header = found[1].header
        assert [header[name] for name in ("COORDSYS", "ORDERING", "MOCDIM", "MOCORDER")] == ["C", "NUNIQ", "SPACE", 6]
