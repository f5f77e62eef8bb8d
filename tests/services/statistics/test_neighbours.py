"""Close pairs on the sky equal those of every pair compared, wherever on the sphere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.statistics import neighbours
from services.statistics.measured import Measured
from services.statistics.neighbours import ClosePairs, close_pairs
from services.statistics.validity import quantity_of
from tests.services.statistics.tables import canonical_table

RA, DEC = Measured("RA", "ra", quantity_of("ra")), Measured("Dec", "dec", quantity_of("dec"))
ARCSEC = 1 / 3600


def found_pairs(folder: Path, ra: np.ndarray, dec: np.ndarray, radius_arcsec: float = 1.0) -> ClosePairs:
    with canonical_table(folder, {"ra": ra, "dec": dec}) as table:
        return close_pairs(table, RA, DEC, radius_arcsec)


def every_pair(ra: np.ndarray, dec: np.ndarray, radius_arcsec: float) -> set[tuple[int, int]]:
    """Reference: distance of unit vectors, every pair."""
    a, d = np.radians(ra), np.radians(dec)
    xyz = np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)], axis=1)
    chord = np.sqrt(((xyz[:, None] - xyz[None]) ** 2).sum(axis=2))
    separation = 2 * np.arcsin(np.clip(chord / 2, 0, 1))
    near = np.argwhere(np.triu(separation <= np.radians(radius_arcsec / 3600), k=1))
    return {(int(i), int(j)) for i, j in near}


@pytest.mark.parametrize("dec_centre", [0.0, 45.0, -60.0, 89.9995, -89.9995])
@pytest.mark.parametrize("ra_centre", [10.0, 0.0, 359.9999])
def test_pairs_equal_those_of_every_pair_compared(tmp_path: Path, ra_centre: float, dec_centre: float) -> None:
    rng = np.random.default_rng(11)
    width = 40 * ARCSEC
    cosine = max(np.cos(np.radians(dec_centre)), 1e-4)
    ra = (ra_centre + rng.uniform(-width, width, 400) / cosine) % 360
    dec = dec_centre + rng.uniform(-width, width, 400)
    dec = np.sign(dec) * (90 - np.abs(90 - np.abs(dec)))  # what lies beyond a pole is on its other side
    expected = every_pair(ra, dec, 1.5)
    found = found_pairs(tmp_path, ra, dec, 1.5)
    assert expected
    assert set(zip(found.first.tolist(), found.second.tolist(), strict=True)) == expected


def test_zones_find_the_same_as_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    ra, dec = rng.uniform(0, 0.02, 3000), rng.uniform(-0.2, 0.2, 3000)
    whole = found_pairs(tmp_path, ra, dec)
    monkeypatch.setattr(neighbours, "ZONE_ROWS", 300)
    zoned = found_pairs(tmp_path, ra, dec)
    assert whole.first.size > 10
    assert (zoned.first.tolist(), zoned.second.tolist()) == (whole.first.tolist(), whole.second.tolist())


def test_positions_of_no_object_have_no_partner(tmp_path: Path) -> None:
    ra = np.array([0.0, 0.0, np.nan, np.nan, 10.0, 10.0 + 0.5 * ARCSEC])
    found = found_pairs(tmp_path, ra, np.array([0.0, 0.0, 1.0, 1.0, 0.0, 0.0]))
    assert found.rows.tolist() == [4, 5]


def test_negative_right_ascensions_are_the_same_sky(tmp_path: Path) -> None:
    assert found_pairs(tmp_path, np.array([-0.0001, 359.9999]), np.array([1.0, 1.0])).rows.tolist() == [0, 1]


def test_a_table_full_of_one_position_ends(tmp_path: Path) -> None:
    assert found_pairs(tmp_path, np.full(5000, 3.0), np.full(5000, 4.0)).rows.size == 5000


def test_an_empty_sky_has_no_pairs(tmp_path: Path) -> None:
    assert found_pairs(tmp_path, np.full(3, np.nan), np.full(3, np.nan)).rows.size == 0
