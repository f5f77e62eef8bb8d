"""The count cube: exact on edges, whatever the table has."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from services.models.roles import BandColumn, RoleMap
from services.statistics.cube import AXES, CountCube, build_cube, load_cube, save_cube
from tests.services.statistics.tables import canonical_table

N = 4000
RNG = np.random.default_rng(8)
COLUMNS = {
    "z": RNG.gamma(2, 0.4, N).astype(np.float32),
    "i": np.where(np.arange(N) % 50 == 0, 99.0, RNG.normal(23, 1, N)),
    "flag": RNG.integers(1, 5, N),
    "ra": RNG.uniform(-2, 2, N) % 360,
    "dec": RNG.uniform(-2, 2, N),
}
ROLES = RoleMap(
    {"redshift": "z", "z_flag": "flag", "ra": "ra", "dec": "dec"}, bands=(BandColumn("i", "i", None, "mag"),)
)


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> CountCube:
    with canonical_table(tmp_path_factory.mktemp("cube"), COLUMNS) as table:
        found = build_cube(table, ROLES)
    assert found is not None
    return found


def test_cuts_on_edges_give_the_counts_of_a_scan(cube: CountCube) -> None:
    mag_edges, z_edges = cube.edges["magnitude"], cube.edges["redshift"]
    low, high = mag_edges[5], mag_edges[30]
    found = cube.redshift_counts({"flag": (2.5, np.inf), "magnitude": (low, high)})
    keep = (COLUMNS["flag"] >= 3) & (COLUMNS["i"] >= low) & (COLUMNS["i"] < high)
    assert (found == np.histogram(COLUMNS["z"][keep].astype(float), z_edges)[0]).all()


def test_the_whole_cube_holds_every_row_inside_its_axes(cube: CountCube) -> None:
    z_edges, mag_edges = cube.edges["redshift"], cube.edges["magnitude"]
    inside = (COLUMNS["i"] >= mag_edges[0]) & (COLUMNS["i"] <= mag_edges[-1])
    assert np.count_nonzero(inside) == np.count_nonzero(COLUMNS["i"] < 40)
    inside &= COLUMNS["z"].astype(float) <= z_edges[-1]
    assert cube.counts.sum() == np.count_nonzero(inside)
    assert cube.counts.shape[0] == 4
    assert cube.counts.dtype == np.uint32


def test_a_field_across_zero_hours_is_cut_in_one_piece(cube: CountCube) -> None:
    middle = cube.edges["ra"][len(cube.edges["ra"]) // 2]
    found = cube.redshift_counts({"ra": (middle, np.inf)})
    run_on = np.where(COLUMNS["ra"] < 180, COLUMNS["ra"] + 360, COLUMNS["ra"])
    keep = (run_on >= middle) & (COLUMNS["i"] < 40)
    assert (found == np.histogram(COLUMNS["z"][keep].astype(float), cube.edges["redshift"])[0]).all()


def test_marginals_sum_over_the_other_axes(cube: CountCube) -> None:
    small = cube.marginal("flag", "redshift", "magnitude")
    assert small.shape == cube.counts.shape[:3]
    assert small.sum() == cube.counts.sum()


def test_axes_without_a_column_have_one_bin(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"z": COLUMNS["z"]}) as table:
        found = build_cube(table, RoleMap({"redshift": "z"}))
    assert found is not None
    assert [found.counts.shape[i] for i, axis in enumerate(AXES) if axis != "redshift"] == [1, 1, 1, 1]
    assert found.counts.sum() == N


def test_without_a_redshift_there_is_no_cube(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"z": np.full(4, np.nan)}) as table:
        assert build_cube(table, RoleMap({"redshift": "z"})) is None
        assert build_cube(table, RoleMap({})) is None


def test_a_cube_survives_its_file(cube: CountCube) -> None:
    buffer = io.BytesIO()
    save_cube(cube, buffer)
    buffer.seek(0)
    again = load_cube(buffer)
    assert (again.counts == cube.counts).all()
    assert all((again.edges[axis] == cube.edges[axis]).all() for axis in AXES)
    assert again.columns == cube.columns
