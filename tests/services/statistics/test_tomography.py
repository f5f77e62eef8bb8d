"""Tomographic bins against numpy, also under a cut; overlaps of distributions that are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from services.models.roles import RoleMap
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.tomography import overlaps, tomography
from tests.services.statistics.tables import canonical_table

ROLES = RoleMap({"redshift": "z", "z_phot": "zb"})
N = 3000


def _columns() -> dict[str, np.ndarray]:
    random = np.random.default_rng(8)
    z_spec = random.gamma(2, 0.4, N)
    z_phot = (z_spec + random.normal(0, 0.1, N)).clip(0.001)
    z_spec[::50], z_phot[7::60] = -99.0, np.nan
    return {"z": z_spec, "zb": z_phot}


def test_bins_hold_equal_numbers_and_the_moments_of_numpy(tmp_path: Path) -> None:
    columns = _columns()
    both = (columns["z"] > -1) & np.isfinite(columns["zb"])
    inner = np.nanquantile(columns["zb"], [0.2, 0.4, 0.6, 0.8])
    place = np.searchsorted(inner, columns["zb"], side="right")
    with canonical_table(tmp_path, columns) as table:
        found: Any = tomography(table, ROLES)
        bound = bound_cut(table, ROLES, "z < 0.8")
        assert bound is not None
        with CutTable.of(table, bound) as left:
            under: Any = tomography(left, ROLES, found)
    assert np.allclose([one.high for one in found.bins[:-1]], inner)
    for k, one in enumerate(found.bins):
        mine = columns["z"][both & (place == k)]
        assert one.n == mine.size == found.counts[k].sum()
        assert np.allclose((one.mean, one.std), (mine.mean(), mine.std()))
        assert under.bins[k].n == np.count_nonzero(mine < 0.8)
        assert (under.bins[k].low, under.bins[k].high) == (one.low, one.high)
    assert found.tally.n_shown + found.tally.n_missing + found.tally.n_outside == N
    assert np.array_equal(under.edges, found.edges)
    assert np.allclose(np.diag(found.overlap), 1)
    assert found.overlap[0, 4] < found.overlap[0, 1] < 1


def test_without_a_pair_there_are_no_bins(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"z": np.array([0.1, np.nan]), "zb": np.array([np.nan, 0.2])}) as table:
        assert tomography(table, ROLES) is None
        assert tomography(table, RoleMap({"redshift": "z"})) is None


def test_overlap_is_the_area_two_distributions_share() -> None:
    found = overlaps(np.array([[10, 10, 0], [0, 5, 5], [0, 0, 0]]))
    assert found[0, 1] == found[1, 0] == 0.5
    assert found[0, 0] == 1
    assert np.isnan(found[2]).all()
