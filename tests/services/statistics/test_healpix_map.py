"""Density in HEALPix pixels, against pixels counted one by one."""

from __future__ import annotations

from pathlib import Path

import hpgeom
import numpy as np
import pytest
from numpy.typing import NDArray

from services.models.healpix import HealpixMap
from services.models.roles import RoleMap
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.healpix_map import CELLS, healpix_map
from services.statistics.sky import SPHERE_DEG2
from tests.services.statistics.tables import canonical_table

ROLES = RoleMap({"ra": "ra", "dec": "dec"})
RNG = np.random.default_rng(8)
N = 20_000


def positions(ra_deg: float, dec_deg: float, width_deg: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ra = RNG.uniform(ra_deg - width_deg / 2, ra_deg + width_deg / 2, N) % 360
    return ra, RNG.uniform(dec_deg - width_deg / 2, dec_deg + width_deg / 2, N)


def found_in(folder: Path, ra: object, dec: object) -> HealpixMap | None:
    with canonical_table(folder, {"ra": ra, "dec": dec}) as table:
        return healpix_map(table, ROLES)


def pixels_of(nside: int, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> dict[int, int]:
    numbers, counts = np.unique(hpgeom.angle_to_pixel(nside, ra, dec, nest=True), return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


@pytest.mark.parametrize(("at", "width"), [((150.1, 2.2), 1.5), ((0.0, -30.0), 4.0), ((90.0, 80.0), 8.0)])
def test_counts_are_those_of_the_pixels(tmp_path: Path, at: tuple[float, float], width: float) -> None:
    ra, dec = positions(*at, width)
    found = found_in(tmp_path, np.append(ra, [np.nan, 0.0]), np.append(dec, [1.0, 0.0]))
    assert found is not None
    expected = pixels_of(found.nside, ra, dec)
    assert dict(zip(found.pixels.tolist(), found.counts.tolist(), strict=True)) == expected
    tally = found.grid.tally
    assert (tally.n_total, tally.n_shown, tally.n_missing) == (N + 2, N, 2)
    finest = pixels_of(found.area_nside, ra, dec)
    assert found.area_deg2 == pytest.approx(len(finest) * SPHERE_DEG2 / (12 * found.area_nside**2))
    assert np.median(list(finest.values())) >= 5
    assert found.pixel_deg2 == pytest.approx(hpgeom.nside_to_pixel_area(found.nside))
    again = hpgeom.angle_to_pixel(found.nside, found.ra_deg, found.dec_deg, nest=True)
    assert (again == found.pixels).all()


def test_every_occupied_pixel_is_drawn_near_a_pole(tmp_path: Path) -> None:
    found = found_in(tmp_path, RNG.uniform(0, 360, N), RNG.uniform(80, 90, N))
    assert found is not None
    drawn = hpgeom.angle_to_pixel(found.nside, *_centres(found), nest=True)
    assert np.isin(found.pixels, drawn).all()


def _centres(found: HealpixMap) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """RA and Dec of the middle of every cell."""
    x, y = ((edges[:-1] + edges[1:]) / 2 for edges in (found.grid.x_edges, found.grid.y_edges))
    ra, dec = np.meshgrid(x % 360, np.clip(y, -90, 90))
    return ra.ravel(), dec.ravel()


def test_every_cell_shows_the_pixel_in_which_its_centre_lies(tmp_path: Path) -> None:
    ra, dec = positions(0.3, -12.0, 3.0)
    found = found_in(tmp_path, ra, dec)
    assert found is not None
    x, y = ((edges[:-1] + edges[1:]) / 2 for edges in (found.grid.x_edges, found.grid.y_edges))
    assert max(x.size, y.size) <= CELLS + 1
    assert x[0] > 355
    assert x[-1] > 360
    expected = pixels_of(found.nside, ra, dec)
    for row, column in zip(RNG.integers(0, y.size, 200).tolist(), RNG.integers(0, x.size, 200).tolist(), strict=True):
        pixel = int(hpgeom.angle_to_pixel(found.nside, x[column] % 360, y[row], nest=True))
        assert found.grid.counts[row, column] == expected.get(pixel, 0)
    cells_of_a_pixel = np.sqrt(SPHERE_DEG2 / 12) / found.nside / (y[1] - y[0])
    assert cells_of_a_pixel >= 2


def test_a_cut_keeps_the_pixels_and_the_axes(tmp_path: Path) -> None:
    ra, dec = positions(150.0, 2.0, 2.0)
    with canonical_table(tmp_path, {"ra": ra, "dec": dec}) as table:
        whole = healpix_map(table, ROLES)
        assert whole is not None
        with CutTable.of(table, bound_cut(table, ROLES, "dec > 2.4")) as kept_rows:
            left = healpix_map(kept_rows, ROLES, whole)
        with CutTable.of(table, bound_cut(table, ROLES, "dec > 80")) as no_rows:
            nothing = healpix_map(no_rows, ROLES, whole)
    assert left is not None
    assert (left.nside, left.area_nside) == (whole.nside, whole.area_nside)
    assert (left.grid.x_edges == whole.grid.x_edges).all()
    kept = dec > 2.4
    expected = pixels_of(left.nside, ra[kept], dec[kept])
    assert dict(zip(left.pixels.tolist(), left.counts.tolist(), strict=True)) == expected
    assert left.area_deg2 < whole.area_deg2
    assert nothing is not None
    assert nothing.pixels.size == 0
    assert not nothing.grid.counts.any()


def test_without_positions_there_is_no_map(tmp_path: Path) -> None:
    assert found_in(tmp_path, [np.nan, np.nan], [1.0, 2.0]) is None
    with canonical_table(tmp_path, {"ra": [1.0], "dec": [2.0]}) as table:
        assert healpix_map(table, RoleMap({"ra": "ra"})) is None
