"""Plots of catalogues: equal to numpy's on tables with every trap, whole and under a cut; reference pairs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.models.roles import BandColumn, RoleMap
from services.statistics import canonical, canonical_writer
from services.statistics import duplicates as duplicates_module
from services.statistics.canonical import CanonicalTable
from services.statistics.cone import cone
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.duplicates import duplicates
from services.statistics.grouped import survey_n_z, z_flag_n_z
from services.statistics.histograms import n_z
from services.statistics.missing_map import missing_map
from services.statistics.value_files import load_detail, save_detail
from tests.components.figures import catalogue_samples, photometry_samples
from tests.services.statistics.tables import canonical_table, redshifts, valid_redshifts
from tests.services.statistics.test_reference_files import ANSWERS, column_named
from tests.services.statistics.test_reference_files import canonical as reference_table

N = 4000
WITH_PAIRS = [name for name, one in ANSWERS.items() if one.get("sky", {}).get("pairs_within_1arcsec")]


def _columns() -> dict[str, Any]:
    random = np.random.default_rng(12)
    ra = (random.uniform(-2, 2, N) + 360) % 360
    dec = random.uniform(-1, 1, N)
    ra[10], dec[10] = ra[500], dec[500] + 0.42 / 3600
    ra[11], dec[11] = ra[2500], dec[2500] - 0.93 / 3600
    ra[12], dec[12] = ra[3000], dec[3000] + 1.1 / 3600
    ra[::97], dec[::97], ra[1::101] = 0, 0, np.nan
    ra[5] = 180  # a stray
    z = redshifts(N, "float64")
    z[10], z[500], z[11], z[2500] = 0.5, 0.503, 0.5, 0.7
    return {
        "ra": ra,
        "dec": dec,
        "z": z,
        "flag": pa.array([None if k % 50 == 0 else k % 12 for k in range(N)], pa.int16()),
        "survey": np.array([("DEEP2", "vvds", "", "zCOSMOS")[k % 4] for k in range(N)]),
        "mag": np.where(np.arange(N) < 1000, 99.0, 22.5).astype(np.float32),
        "number": np.arange(N),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(np.where(np.arange(2 * N) % 10 < 3, np.nan, 1.0)), 2),
    }


COLUMNS = _columns()
ROLES = RoleMap(
    {"ra": "ra", "dec": "dec", "redshift": "z", "z_flag": "flag", "survey": "survey"},
    bands=(BandColumn("i", "mag", None, "mag"),),
)
KEEP = COLUMNS["number"] >= 400
VALID = np.isin(COLUMNS["z"], valid_redshifts(COLUMNS["z"]))


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CanonicalTable]:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 700)
    monkeypatch.setattr(canonical, "KEEP_BYTES", 0)
    with canonical_table(tmp_path, COLUMNS) as opened:
        yield opened


@pytest.fixture
def left(table: CanonicalTable) -> Iterator[CutTable]:
    cut = bound_cut(table, ROLES, "number >= 400")
    assert cut is not None
    with CutTable.of(table, cut) as opened:
        yield opened


def test_n_z_by_flag_adds_up_on_the_edges_of_n_z(table: CanonicalTable) -> None:
    found, whole = z_flag_n_z(table, ROLES), n_z(table, ROLES)
    assert found is not None
    assert whole is not None
    np.testing.assert_array_equal(found.whole.edges, whole.edges)
    np.testing.assert_array_equal(found.counts.sum(axis=0), whole.counts)
    np.testing.assert_array_equal(found.whole.err_high, whole.err_high)
    assert found.whole.tally == whole.tally
    flags = COLUMNS["flag"].to_numpy(zero_copy_only=False)
    assert len(found.groups) == 10
    assert found.groups[-2:] == ("all others", "no value")
    assert list(found.groups[:8]) == sorted(found.groups[:8], key=float)
    named = [float(name) for name in found.groups[:8]]
    chosen = [flags == value for value in named]
    chosen += [~np.isnan(flags) & ~np.isin(flags, named), np.isnan(flags)]
    for counts, rows in zip(found.counts, chosen, strict=True):
        np.testing.assert_array_equal(counts, np.histogram(COLUMNS["z"][rows & VALID], whole.edges)[0])


def test_n_z_by_survey_and_under_a_cut(table: CanonicalTable, left: CutTable) -> None:
    whole = survey_n_z(table, ROLES)
    assert whole is not None
    assert whole.groups == ("DEEP2", "vvds", "zCOSMOS", "no value")
    found = survey_n_z(left, ROLES, whole)
    assert found is not None
    for name, counts in zip(found.groups, found.counts, strict=True):
        rows = KEEP & VALID & (COLUMNS["survey"] == name.replace("no value", ""))
        np.testing.assert_array_equal(counts, np.histogram(COLUMNS["z"][rows], whole.whole.edges)[0])
    by_instrument = RoleMap({"redshift": "z", "instrument": "survey"})
    assert survey_n_z(table, by_instrument) is not None
    assert survey_n_z(table, RoleMap({"redshift": "z"})) is None
    assert z_flag_n_z(table, RoleMap({"z_flag": "flag"})) is None


def _plane(middle_deg: float, stretch: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x, y, offset in RA and whether a row has position and redshift."""
    placed = np.isfinite(COLUMNS["ra"]) & ~((COLUMNS["ra"] == 0) & (COLUMNS["dec"] == 0))
    offset = (COLUMNS["ra"] - middle_deg + 180) % 360 - 180
    angle = np.radians(offset * stretch)
    return -COLUMNS["z"] * np.sin(angle), COLUMNS["z"] * np.cos(angle), offset, placed & VALID


def test_the_cone_counts_the_plane_of_ra_and_z(table: CanonicalTable, left: CutTable) -> None:
    whole = cone(table, ROLES)
    assert whole is not None
    ((low, high),) = whole.fields
    assert (low, high) == pytest.approx((358, 362), abs=0.03)
    assert whole.stretch == 10
    valid = COLUMNS["z"][_plane(0, 1)[3]]
    assert np.quantile(valid, 0.995) <= whole.z_max < 1.15 * np.quantile(valid, 0.995)
    for found, keep in ((whole, np.ones(N, bool)), (cone(left, ROLES, whole), KEEP)):
        assert found is not None
        x, y, offset, known = _plane((low + high) / 2, whole.stretch)
        inside = keep & known & (abs(offset) <= (high - low) / 2)
        inside &= (COLUMNS["z"] >= 0) & (COLUMNS["z"] <= whole.z_max)
        wanted = np.histogram2d(y[inside], x[inside], [whole.grid.y_edges, whole.grid.x_edges])[0]
        assert abs(found.grid.counts - wanted).sum() <= 6  # on the edge of a cell, trigonometry may round either way
        tally = found.grid.tally
        assert tally.n_shown == inside.sum() == wanted.sum()
        assert (tally.n_total, tally.n_missing) == (keep.sum(), keep.sum() - (keep & known).sum())
    assert whole.grid.tally.n_outside > 0
    assert cone(table, RoleMap({"redshift": "z"})) is None


def test_a_wide_cone_is_not_stretched(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    columns = {"ra": random.uniform(0, 360, N), "dec": random.uniform(-60, 60, N), "z": random.uniform(0, 0.03, N)}
    with canonical_table(tmp_path, columns) as opened:
        found = cone(opened, ROLES)
    assert found is not None
    assert found.stretch == 1
    assert found.fields[0][1] - found.fields[0][0] == pytest.approx(360, abs=1)
    assert found.z_max == pytest.approx(0.03)
    assert found.grid.tally.n_shown > 0.99 * N
    assert found.grid.y_edges[0] < -0.029


def test_separate_fields_are_moved_together(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    ra = np.concatenate(
        [random.uniform(149, 151, 1000), random.uniform(-1, 1, 1000) % 360, random.uniform(52, 54, 1000)]
    )
    with canonical_table(tmp_path, {"ra": ra, "dec": random.uniform(-1, 1, 3000), "z": np.full(3000, 0.5)}) as opened:
        found = cone(opened, ROLES)
    assert found is not None
    assert np.array(found.fields) == pytest.approx(np.array([(359, 361), (52, 54), (149, 151)]), abs=0.05)
    assert found.stretch == 5
    assert found.grid.tally.n_shown == 3000
    by_side = found.grid.counts.sum(axis=0)
    assert by_side[: by_side.size // 2].sum() == pytest.approx(1500, abs=60)


def test_pairs_have_rows_separations_and_redshifts(table: CanonicalTable, left: CutTable) -> None:
    found = duplicates(table, ROLES)
    assert found is not None
    assert (found.n_pairs, found.n_compared, found.n_conflicts) == (2, 2, 1)
    assert found.first.tolist() == [12, 11]  # the conflict first
    assert found.second.tolist() == [2501, 501]
    np.testing.assert_allclose(found.separation, [0.93, 0.42], atol=1e-6)
    np.testing.assert_allclose([*found.z_first, *found.z_second], [0.5, 0.5, 0.7, 0.503])
    assert found.counts.sum() == 2
    placed = _plane(0, 1)[3] | (np.isfinite(COLUMNS["ra"]) & ~((COLUMNS["ra"] == 0) & (COLUMNS["dec"] == 0)))
    assert (found.tally.n_shown, found.tally.n_missing) == (placed.sum(), N - placed.sum())
    none = duplicates(left, ROLES, found)
    assert none is not None
    assert (none.n_pairs, none.tally.n_shown) == (0, (placed & KEEP).sum())
    without = duplicates(table, RoleMap({"ra": "ra", "dec": "dec"}))
    assert without is not None
    assert (without.n_pairs, without.n_compared, without.z_column) == (2, 0, "")


def test_rows_keep_their_numbers_under_a_cut(table: CanonicalTable) -> None:
    cut = bound_cut(table, ROLES, "number in (10, 11, 500, 2500)")
    assert cut is not None
    with CutTable.of(table, cut) as left:
        found = duplicates(left, ROLES)
    assert found is not None
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(11, 501), (12, 2501)]


def test_many_pairs_become_a_map(table: CanonicalTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates_module, "MOST_LISTED", 1)
    found = duplicates(table, ROLES)
    assert found is not None
    assert (found.n_pairs, found.first.size) == (2, 1)
    assert found.grid is not None
    rows, columns = np.nonzero(found.grid.counts)
    low = [(found.grid.x_edges[c], found.grid.y_edges[r]) for r, c in zip(rows, columns, strict=True)]
    assert low == [(0.4, pytest.approx(-2.7)), (0.9, pytest.approx(-0.9))]


@pytest.mark.parametrize("name", WITH_PAIRS)
def test_pairs_equal_the_reference(tmp_path: Path, name: str) -> None:
    roles = ANSWERS[name]["roles"]
    with reference_table(tmp_path, name) as table:
        found = duplicates(table, RoleMap({role: column_named(table, roles[role]) for role in ("ra", "dec")}))
    assert found is not None
    assert found.n_pairs == ANSWERS[name]["sky"]["pairs_within_1arcsec"]


def _missing_by_numpy() -> dict[str, np.ndarray]:
    text = COLUMNS["survey"]
    vector = np.arange(N) % 5 < 1  # both numbers of rows 0, 5, 10 ... : places 2k and 2k + 1 below 3 of 10
    return {
        "ra": np.isnan(COLUMNS["ra"]),
        "dec": np.zeros(N, bool),
        "z": ~VALID,
        "flag": np.isnan(COLUMNS["flag"].to_numpy(zero_copy_only=False)),
        "survey": text == "",
        "mag": np.arange(N) < 1000,
        "number": np.zeros(N, bool),
        "vector": vector,
    }


def test_missing_values_by_block(table: CanonicalTable, left: CutTable) -> None:
    wanted = _missing_by_numpy()
    whole = missing_map(table, ROLES)
    assert whole is not None
    for found, keep in ((whole, np.ones(N, bool)), (missing_map(left, ROLES, whole), KEEP)):
        assert found is not None
        assert found.row_edges[0] == 0
        assert found.row_edges[-1] == keep.sum() == found.tally.n_total
        assert len(found.row_edges) == 61
        assert found.columns == ("ra", "dec", "z", "flag", "survey", "mag", "vector", "number")
        for name, counts in zip(found.columns, found.counts, strict=True):
            by_block = np.add.reduceat(wanted[name][keep].astype(int), found.row_edges[:-1])
            np.testing.assert_array_equal(counts, by_block, name)
        assert found.totals.tolist() == [int(wanted[name][keep].sum()) for name in found.all_columns]
    assert whole.roles == ("ra", "dec", "redshift", "z_flag", "survey", "mag", "", "")


def test_wide_tables_show_roles_first_then_what_misses_most(tmp_path: Path) -> None:
    columns: dict[str, Any] = {f"c{k}": np.where(np.arange(90) < k, np.nan, 1.0) for k in range(80)}
    with canonical_table(tmp_path, columns) as table:
        found = missing_map(table, RoleMap({"redshift": "c3"}))
    assert found is not None
    assert found.columns[:3] == ("c3", "c79", "c78")
    assert (len(found.columns), len(found.all_columns)) == (60, 80)


def test_fewer_rows_than_blocks_and_none(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"a": np.array([1.0, np.nan, 3.0])}) as table:
        found = missing_map(table, RoleMap())
        assert found is not None
        assert found.counts.tolist() == [[0, 1, 0]]
        cut = bound_cut(table, RoleMap(), "a > 5")
        assert cut is not None
        with CutTable.of(table, cut) as left:
            assert missing_map(left, RoleMap(), found) is None


@pytest.mark.parametrize(
    "detail",
    [
        catalogue_samples.groups(),
        catalogue_samples.cone(),
        catalogue_samples.many_close_objects(),
        catalogue_samples.missing(),
        photometry_samples.colours(),
        photometry_samples.depth_report(),
    ],
)
def test_details_come_back_as_they_were_stored(detail: Any) -> None:
    stream = io.BytesIO()
    save_detail(detail, stream)
    stream.seek(0)
    back = load_detail(stream)
    assert type(back) is type(detail)
    again = io.BytesIO()
    save_detail(back, again)
    assert again.getvalue() == stream.getvalue()
