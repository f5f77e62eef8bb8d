"""Metrics against a threshold of the odds equal numpy's, and the reference's where its files are at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.models.roles import RoleMap
from services.statistics import canonical_writer
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.odds_cut import TENTHS, odds_cut
from tests.services.statistics.tables import canonical_table
from tests.services.statistics.test_reference_files import ANSWERS, canonical, column_named

N = 4000
ROLES = RoleMap({"redshift": "z", "z_phot": "photo", "odds": "odds"})
WITH_CUT = [name for name, answer in ANSWERS.items() if "metrics_zb_odds_gt_0p9" in answer]


def _columns(kind: Any) -> dict[str, np.ndarray]:
    random = np.random.default_rng(2)
    z = random.gamma(2, 0.4, N)
    odds = random.beta(4, 1, N).round(2).astype(kind)
    photo = z + random.normal(0, 0.05, N) * (1 + z) * (2 - odds)
    photo[::13], odds[::17], z[3] = -99, -99, np.nan
    return {"z": z, "photo": photo, "odds": odds}


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_metrics_are_those_of_the_pairs_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 700)
    monkeypatch.setattr("services.statistics.binned.IN_MEMORY", 1000)
    columns = _columns(kind)
    with canonical_table(tmp_path, columns) as table:
        found = odds_cut(table, ROLES, None)
    z, photo, odds = columns.values()
    good = (photo > -0.05) & ~np.isnan(z) & (odds >= 0)
    dz, odds = ((photo - z) / (1 + z))[good], odds[good]
    assert found is not None
    assert (found.tally.n_shown, found.tally.n_missing) == (dz.size, N - dz.size)
    assert set(TENTHS) <= {step.threshold for step in found.steps}
    for step in found.steps:
        above = dz[odds > kind(step.threshold)]
        metrics = step.bin.metrics
        assert metrics.n == above.size
        assert step.kept == pytest.approx(above.size / dz.size)
        assert metrics.bias == pytest.approx(np.median(above))
        assert metrics.sigma_nmad == pytest.approx(1.4826 * np.median(np.abs(above - np.median(above))))
        assert metrics.outlier_fraction == pytest.approx(np.mean(np.abs(above) > 0.15))
        assert 0 < step.bin.errors["sigma_nmad"] < 0.2 * metrics.sigma_nmad


def test_thresholds_follow_crowded_odds_and_stay_under_a_cut(tmp_path: Path) -> None:
    columns = _columns(np.float64)
    columns["odds"] = 1 - np.random.default_rng(4).uniform(0, 0.02, N)
    with canonical_table(tmp_path, columns) as table:
        whole = odds_cut(table, ROLES, None)
        assert whole is not None
        crowded = [step.threshold for step in whole.steps if step.threshold > 0.98]
        assert len(crowded) > 5
        cut = bound_cut(table, ROLES, "z < 1")
        assert cut is not None
        with CutTable.of(table, cut) as left:
            found = odds_cut(left, ROLES, whole)
    assert found is not None
    assert [step.threshold for step in found.steps] == [step.threshold for step in whole.steps]
    assert found.steps[0].bin.metrics.n < whole.steps[0].bin.metrics.n


def test_nothing_without_odds(tmp_path: Path) -> None:
    columns = _columns(np.float64)
    columns["odds"][:] = np.nan
    with canonical_table(tmp_path, columns) as table:
        assert odds_cut(table, ROLES, None) is None
        assert odds_cut(table, RoleMap({"redshift": "z", "z_phot": "photo"}), None) is None


@pytest.mark.parametrize("name", WITH_CUT)
def test_odds_above_nine_tenths_equal_the_reference(tmp_path: Path, name: str) -> None:
    answer, roles = ANSWERS[name]["metrics_zb_odds_gt_0p9"], ANSWERS[name]["roles"]
    with canonical(tmp_path, name) as table:
        named = {role: column_named(table, roles[role]) for role in ("redshift", "z_phot")}
        found = odds_cut(table, RoleMap({**named, "odds": column_named(table, "odds")}), None)
    assert found is not None
    (step,) = (step for step in found.steps if step.threshold == 0.9)
    assert step.bin.metrics.n == answer["n_used"]
    assert step.kept == pytest.approx(answer["kept_fraction"], abs=6e-7)
    assert step.bin.metrics.bias == pytest.approx(answer["bias_median"], abs=6e-7)
    assert step.bin.metrics.sigma_nmad == pytest.approx(answer["sigma_nmad"], abs=6e-7)
    assert step.bin.metrics.outlier_fraction == pytest.approx(answer["f_outlier_0p15"], abs=6e-7)
