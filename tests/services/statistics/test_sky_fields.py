"""Separate fields: found as a person would, each counted as numpy counts it."""

from __future__ import annotations

from pathlib import Path

import hpgeom
import numpy as np
import pytest
from numpy.typing import NDArray

from services.models.roles import RoleMap
from services.models.sky_fields import SkyFields
from services.models.statistics import Overview
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.overview import build_overview
from services.statistics.sky_fields import has_fields, is_one_field, sky_fields
from services.statistics.sky_groups import sky_groups, touching
from tests.services.statistics.tables import canonical_table

ROLES = RoleMap({"ra": "ra", "dec": "dec"})
RNG = np.random.default_rng(5)
CENTRES = ((150.1, 2.2, 900), (0.0, -30.0, 600), (36.5, -4.5, 300))
"""RA, Dec and objects of three fields of one degree; the second lies across 0h."""


def objects() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ra = np.concatenate([RNG.uniform(at - 0.5, at + 0.5, n) for at, _, n in CENTRES])
    dec = np.concatenate([RNG.uniform(at - 0.5, at + 0.5, n) for _, at, n in CENTRES])
    order = RNG.permutation(ra.size)
    return ra[order] % 360, dec[order]


def fields_of(folder: Path, ra: object, dec: object) -> SkyFields | None:
    with canonical_table(folder, {"ra": ra, "dec": dec}) as table:
        return sky_fields(table, ROLES)


def test_three_fields_one_across_0h(tmp_path: Path) -> None:
    ra, dec = objects()
    found = fields_of(tmp_path, np.append(ra, [np.nan, 0.0]), np.append(dec, [1.0, 0.0]))
    assert found is not None
    assert [field.n_objects for field in found.fields] == [900, 600, 300]
    assert (found.n_fields, found.ra_column, found.dec_column) == (3, "ra", "dec")
    assert (found.tally.n_total, found.tally.n_shown, found.tally.n_missing, found.tally.n_outside) == (
        1802,
        1800,
        2,
        0,
    )
    across = found.fields[1].grid
    assert across.x_edges[0] < 360 < across.x_edges[-1]
    assert np.ptp(across.x_edges) < 2
    for field, (at, _, _) in zip(found.fields, CENTRES, strict=True):
        x, y = field.grid.x_edges, field.grid.y_edges
        run_on = np.where(ra < x[0], ra + 360, ra)
        mine = np.abs((ra - at + 180) % 360 - 180) < 2
        counts, _, _ = np.histogram2d(dec[mine], run_on[mine], (y, x))
        assert (field.grid.counts == counts).all()
        assert max(counts.shape) <= 130


def test_a_cut_keeps_fields_and_cells(tmp_path: Path) -> None:
    ra, dec = objects()
    with canonical_table(tmp_path, {"ra": ra, "dec": dec}) as table:
        whole = sky_fields(table, ROLES)
        cut = bound_cut(table, ROLES, "dec > 2.2 or ra < 36.5 and ra > 10")
        assert cut is not None
        with CutTable.of(table, cut) as kept:
            left = sky_fields(kept, ROLES, whole)
    assert whole is not None
    assert left is not None
    keep = (dec > 2.2) | ((ra < 36.5) & (ra > 10))
    assert left.tally.n_shown == int(keep.sum())
    assert [field.n_objects for field in left.fields][1] == 0
    assert all(
        (one.grid.x_edges == other.grid.x_edges).all() and (one.pixels == other.pixels).all()
        for one, other in zip(left.fields, whole.fields, strict=True)
    )


def test_one_field_strays_and_sparse_skies_are_no_fields(tmp_path: Path) -> None:
    ra, dec = RNG.uniform(150, 152, 900), RNG.uniform(1, 3, 900)
    assert fields_of(tmp_path, ra, dec) is None
    assert fields_of(tmp_path, np.append(ra, 20.0), np.append(dec, -40.0)) is None
    everywhere = RNG.uniform(0, 360, 300), np.degrees(np.arcsin(RNG.uniform(-1, 1, 300)))
    assert fields_of(tmp_path, *everywhere) is None
    assert fields_of(tmp_path, np.array([np.nan]), np.array([1.0])) is None
    with canonical_table(tmp_path, {"ra": ra}) as table:
        assert sky_fields(table, RoleMap({"ra": "ra"})) is None


def test_the_smallest_of_many_fields_are_only_counted(tmp_path: Path) -> None:
    sizes = [2000, 1900, 1800, 1700, 1600, 1500, 40, 30]
    ra = np.concatenate([RNG.uniform(20 * n, 20 * n + 1, size) for n, size in enumerate(sizes, 1)])
    found = fields_of(tmp_path, ra, RNG.uniform(0, 1, ra.size))
    assert found is not None
    assert [field.n_objects for field in found.fields] == sizes[:6]
    assert (found.n_fields, found.tally.n_outside) == (8, 70)


def test_the_overview_tells_whether_there_are_fields(tmp_path: Path) -> None:
    ra, dec = objects()
    assert has_fields(overview(tmp_path, ra, dec))
    assert not has_fields(overview(tmp_path, RNG.uniform(150, 152, 900), RNG.uniform(1, 3, 900)))
    assert not has_fields(Overview(3, ()))
    assert is_one_field(overview(tmp_path, RNG.uniform(150, 152, 900), RNG.uniform(1, 3, 900)))
    assert not is_one_field(overview(tmp_path, ra, dec))
    assert not is_one_field(Overview(3, ()))


def overview(folder: Path, ra: object, dec: object) -> Overview:
    with canonical_table(folder, {"ra": ra, "dec": dec}) as table:
        return build_overview(table, ROLES, "redshift_catalog")


def test_pixels_that_touch_are_one_group() -> None:
    nside = 64
    ring = hpgeom.query_circle(nside, 10.0, 20.0, 8.0, nest=True)
    far = hpgeom.query_circle(nside, 200.0, -60.0, 4.0, nest=True)
    pixels = np.sort(np.concatenate([ring, far]))
    labels = touching(nside, pixels)
    assert set(labels[np.isin(pixels, ring)]) != set(labels[np.isin(pixels, far)])
    assert labels.max() == 1
    chain = np.sort(hpgeom.angle_to_pixel(nside, np.arange(0, 360, 0.3), np.zeros(1200), nest=True))
    assert touching(nside, np.unique(chain)).max() == 0


@pytest.mark.parametrize("nside", [8, 64, 4096])
def test_groups_do_not_depend_on_how_fine_the_pixels_were(nside: int) -> None:
    ra, dec = objects()
    pixels, counts = np.unique(hpgeom.angle_to_pixel(nside, ra, dec, nest=True), return_counts=True)
    found = sky_groups(nside, pixels, counts)
    assert found is not None
    assert (found.n_groups, found.nside) == (3, min(nside, 64))
