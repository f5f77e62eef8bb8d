"""Plots under a cut: the same edges, and the counts of numpy over the rows that pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.cuts.parser import parse_cut
from services.cuts.tree import CutError
from services.models.roles import BandColumn, RoleMap
from services.statistics import canonical_writer
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.overview import build_overview
from services.statistics.overview_under import overview_under
from tests.services.statistics.tables import canonical_table, redshifts, valid_redshifts

N = 3000
RNG = np.random.default_rng(11)
Z = redshifts(N)
COLUMNS: dict[str, Any] = {
    "z": Z,
    "zp": (Z + RNG.normal(0, 0.05, N)).astype(np.float32),
    "m_i": np.where(np.arange(N) % 9 == 0, np.nan, RNG.normal(24, 1, N)).astype(np.float32),
    "m_g": RNG.normal(25, 1, N).astype(np.float32),
    "flag": RNG.integers(1, 5, N),
    "survey": pa.array([None if i % 11 == 0 else "AB"[i % 2] for i in range(N)]),
    "ra": RNG.uniform(359, 361, N) % 360,
    "dec": RNG.uniform(-1, 1, N),
}
BANDS = (BandColumn("g", "m_g", None, "mag"), BandColumn("i", "m_i", None, "mag"))
ROLES = RoleMap(
    {"redshift": "z", "z_phot": "zp", "z_flag": "flag", "survey": "survey", "ra": "ra", "dec": "dec"}, {}, BANDS
)
CUT = "mag_i < 24.1 and z_flag in (3, 4)"
KEEP = (COLUMNS["m_i"] < np.float32(24.1)) & (COLUMNS["flag"] >= 3)


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CanonicalTable]:
    """Several row groups, so that two threads take part."""
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 500)
    with canonical_table(tmp_path, COLUMNS) as opened:
        yield opened


@pytest.fixture
def whole(table: CanonicalTable) -> Any:
    return build_overview(table, ROLES, "validation_results")


@pytest.fixture
def under(table: CanonicalTable, whole: Any) -> Any:
    return counted_under(table, whole, CUT)


def counted_under(table: CanonicalTable, whole: Any, text: str) -> Any:
    bound = bound_cut(table, ROLES, text)
    assert bound is not None
    with CutTable.of(table, bound) as left:
        return overview_under(left, ROLES, whole, parse_cut(text))


def test_the_cut_is_told_in_parts_and_rows_add_up(under: Any) -> None:
    assert (under.n_total, under.n_shown) == (N, KEEP.sum())
    assert (under.cut, under.parts) == (CUT, ("mag_i < 24.1", "z_flag in (3, 4)"))
    for tally in (
        under.statistics["n_z"].tally,
        under.statistics["z_magnitude"].tally,
        under.statistics["sky"].grid.tally,
        *(item.tally for item in under.statistics["magnitudes"].items),
    ):
        assert tally.n_shown + tally.n_missing + tally.n_outside + tally.n_cut == tally.n_total == N
        assert tally.n_cut == N - KEEP.sum()


def test_histograms_are_those_of_numpy_on_the_same_edges(whole: Any, under: Any) -> None:
    n_z = under.statistics["n_z"]
    assert np.array_equal(n_z.edges, whole.statistics["n_z"].edges)
    valid = valid_redshifts(COLUMNS["z"][KEEP])
    assert np.array_equal(n_z.counts, np.histogram(valid, n_z.edges)[0])
    assert n_z.tally.n_missing == KEEP.sum() - valid.size
    for item in under.statistics["magnitudes"].items:
        values = COLUMNS[item.column][KEEP].astype(np.float64)
        assert np.array_equal(item.counts, np.histogram(values[np.isfinite(values)], item.edges)[0])


def test_maps_are_those_of_numpy(whole: Any, under: Any) -> None:
    found = under.statistics["z_magnitude"]
    z, mag = COLUMNS["z"].astype(float), COLUMNS["m_i"].astype(float)
    both = KEEP & np.isin(z, valid_redshifts(COLUMNS["z"])) & np.isfinite(mag)
    assert np.array_equal(found.counts, np.histogram2d(z[both], mag[both], (found.y_edges, found.x_edges))[0])
    sky, before = under.statistics["sky"], whole.statistics["sky"]
    assert sky.grid.counts.sum() == sky.counts.sum() == KEEP.sum()
    assert np.array_equal(sky.grid.x_edges, before.grid.x_edges)
    assert sky.nside == before.nside


def test_categories_and_metrics_follow(under: Any, whole: Any) -> None:
    flags = dict(zip(under.statistics["z_flag"].values, under.statistics["z_flag"].counts, strict=True))
    assert flags == {str(flag): (COLUMNS["flag"][KEEP] == flag).sum() for flag in (1, 2, 3, 4)}
    assert under.statistics["z_flag"].values == whole.statistics["z_flag"].values
    assert under.statistics["metrics"].n < KEEP.sum()
    assert under.statistics["metrics"].n + under.statistics["metrics"].n_dropped == KEEP.sum()


@pytest.mark.parametrize("cut", ["mag_i > 39", "mag_i > 39 and ra is missing"])
def test_a_cut_that_leaves_nothing_leaves_empty_plots(table: CanonicalTable, whole: Any, cut: str) -> None:
    found: Any = counted_under(table, whole, cut)
    assert found.n_shown == 0
    assert found.statistics["n_z"].counts.sum() == found.statistics["sky"].grid.counts.sum() == 0
    assert set(found.statistics["z_flag"].counts) == {0}
    assert "metrics" not in found.statistics


def test_a_handful_of_rows_is_shown_one_by_one(table: CanonicalTable, whole: Any) -> None:
    few: Any = counted_under(table, whole, "redshift between 0.5 and 0.505").statistics["n_z"]
    chosen = COLUMNS["z"][(COLUMNS["z"] >= np.float32(0.5)) & (COLUMNS["z"] <= np.float32(0.505))]
    assert 0 < chosen.size < 30
    assert np.array_equal(few.rug, np.sort(chosen.astype(np.float64)))


def test_cuts_that_do_not_fit_are_refused(table: CanonicalTable, whole: Any) -> None:
    with pytest.raises(CutError, match='no column "mag_q"'):
        counted_under(table, whole, "mag_q < 24")


def test_a_cut_table_holds_the_rows_that_pass(table: CanonicalTable) -> None:
    bound = bound_cut(table, ROLES, "z_flag = 4")
    assert bound is not None
    with CutTable.of(table, bound) as kept:
        found = np.concatenate(list(kept.chunks("m_g")))
    assert kept.n_rows == found.size
    assert np.array_equal(found, COLUMNS["m_g"][COLUMNS["flag"] == 4])
