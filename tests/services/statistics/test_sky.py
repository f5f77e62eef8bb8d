"""Positions in every notation, all over the sky."""

from __future__ import annotations

from pathlib import Path

import hpgeom
import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord

from services.models.roles import RoleMap
from services.models.statistics import SkyDensity
from services.statistics.sky import positions, sky, sky_density
from tests.services.statistics.tables import canonical_table

RNG = np.random.default_rng(3)
RA_DEG, DEC_DEG = RNG.uniform(150, 152, 800), RNG.uniform(1, 3, 800)
PLAIN = RoleMap({"ra": "ra", "dec": "dec"})


def density(folder: Path, columns: dict[str, object], roles: RoleMap = PLAIN) -> SkyDensity:
    with canonical_table(folder, columns) as table:
        found = sky(table, roles)
    assert found is not None
    return found


def test_pixels_are_nested_healpix_of_the_positions(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"ra": RA_DEG, "dec": DEC_DEG}) as table:
        where = positions(PLAIN)
        assert where is not None
        found = sky_density(table, where, nside=256)
    assert found is not None
    numbers, counts = np.unique(hpgeom.angle_to_pixel(256, RA_DEG, DEC_DEG), return_counts=True)
    assert (found.pixels == numbers).all()
    assert (found.counts == counts).all()


def test_radians_and_sexagesimal_text_give_the_same_sky(tmp_path: Path) -> None:
    plain = density(tmp_path, {"ra": RA_DEG, "dec": DEC_DEG})
    radians = {"ra": "rad_to_deg", "dec": "rad_to_deg"}
    as_radians = density(
        tmp_path, {"ra": np.radians(RA_DEG), "dec": np.radians(DEC_DEG)}, RoleMap(PLAIN.columns, radians)
    )
    coords = SkyCoord(RA_DEG, DEC_DEG, unit="deg")
    texts = {
        "ra": pa.array(list(coords.ra.to_string("hour", sep=":", precision=8))),
        "dec": pa.array(list(coords.dec.to_string(sep=":", precision=8, alwayssign=True))),
    }
    as_text = density(tmp_path, texts, RoleMap(PLAIN.columns, {"ra": "hms_to_deg", "dec": "dms_to_deg"}))
    assert (as_radians.nside, as_radians.area_deg2) == (plain.nside, plain.area_deg2)
    assert (as_text.pixels == plain.pixels).all()
    assert (as_text.counts == plain.counts).all()


def test_negative_right_ascensions_are_the_same_as_those_above_180(tmp_path: Path) -> None:
    left = density(tmp_path, {"ra": -RA_DEG, "dec": DEC_DEG})
    right = density(tmp_path, {"ra": 360 - RA_DEG, "dec": DEC_DEG})
    assert (left.pixels == right.pixels).all()


def test_impossible_positions_are_missing(tmp_path: Path) -> None:
    ra = np.array([10.0, 400.0, 10.0, 0.0, np.nan, 10.0])
    dec = np.array([5.0, 5.0, 95.0, 0.0, 5.0, 5.1])
    tally = density(tmp_path, {"ra": ra, "dec": dec}).grid.tally
    assert (tally.n_total, tally.n_shown, tally.n_missing, tally.n_outside) == (6, 2, 4, 0)


def test_the_whole_sky_fits(tmp_path: Path) -> None:
    ra, dec = RNG.uniform(0, 360, 20_000), np.degrees(np.arcsin(RNG.uniform(-1, 1, 20_000)))
    found = density(tmp_path, {"ra": ra, "dec": dec})
    assert found.grid.tally.n_shown == 20_000
    assert max(found.grid.counts.shape) <= 200
    assert found.area_deg2 == pytest.approx(41253, rel=0.15)


def test_a_single_position_is_a_map_too(tmp_path: Path) -> None:
    found = density(tmp_path, {"ra": np.array([0.05]), "dec": np.array([-30.0])})
    assert found.grid.counts.sum() == 1
    assert np.isfinite(found.grid.x_edges).all()
