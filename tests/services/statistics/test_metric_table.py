"""The table of all metrics equals numpy's numbers, and the reference's where its files are at hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.models.roles import RoleMap
from services.models.validation import MetricTable
from services.statistics import canonical_writer
from services.statistics.metric_table import metric_table, wilson
from services.statistics.pdf_details import pdf_quality
from tests.services.statistics.tables import canonical_table
from tests.services.statistics.test_reference_files import ANSWERS, WITH_METRICS, canonical, column_named

N = 3000
ROLES = RoleMap({"redshift": "z", "z_phot": "photo", "z_low": "lo68", "z_high": "hi68"})
THEIRS = {
    "bias": "bias_median",
    "bias_mean": "bias_mean",
    "bias_mean_iqr": "bias_mean_in_iqr",
    "sigma_nmad": "sigma_nmad",
    "sigma_nmad_uncentred": "sigma_nmad_uncentred",
    "sigma_iqr": "sigma_iqr",
    "sigma_68": "sigma68",
    "rms": "rms",
    "std": "std",
    "outlier_fraction": "f_outlier_0p15",
    "outlier_fraction_lsst": "f_outlier_3siqr",
    "catastrophic_fraction": "f_catastrophic_dz_gt_1",
}
WITH_COVERAGE = [name for name, answer in ANSWERS.items() if "interval_68_coverage" in answer]
WITH_PDFS = [name for name, answer in ANSWERS.items() if "pdf_metrics" in answer]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 700)
    monkeypatch.setattr("services.statistics.binned.IN_MEMORY", 1000)
    random = np.random.default_rng(11)
    z = random.gamma(2, 0.4, N).round(3)
    photo = (z + random.normal(0.01, 0.07, N) * (1 + z)).round(3)
    photo[::50] += 1.5
    low, high = photo - 0.1, photo + 0.1
    photo[::13], z[4], low[20] = -99, np.nan, 99
    with canonical_table(tmp_path, {"z": z, "photo": photo, "lo68": low, "hi68": high}) as opened:
        yield opened


def _by_hand(table: Any) -> dict[str, float]:
    z, photo, low, high = (
        np.concatenate([np.asarray(part) for part in table.chunks(name)]) for name in ("z", "photo", "lo68", "hi68")
    )
    good = (photo > -0.05) & ~np.isnan(z)
    bounded = ~np.isnan(z) & (low != 99) & (low > -0.05) & (high > -0.05)
    dz = (photo[good] - z[good]) / (1 + z[good])
    q25, median, q75 = np.percentile(dz, [25, 50, 75])
    inside = dz[(dz >= q25) & (dz <= q75)]
    return {
        "bias_mean": dz.mean(),
        "bias_mean_iqr": inside.mean(),
        "sigma_nmad_uncentred": 1.4826 * np.median(np.abs(dz)),
        "std": dz.std(),
        "outlier_fraction_lsst": np.mean(np.abs(dz - median) > max(0.06, 3 * (q75 - q25) / 1.349)),
        "catastrophic_fraction": np.mean(np.abs(photo - z)[good] > 1),
        "interval_coverage": np.mean(((low <= z) & (z <= high))[bounded]),
    }


def _found(table: Any) -> MetricTable:
    found = metric_table(table, ROLES, None)
    assert found is not None
    return found


def test_values_are_those_of_the_formulas(table: Any) -> None:
    found = _found(table)
    for name, value in _by_hand(table).items():
        ours = found.value(name)
        assert ours is not None
        assert ours.value == pytest.approx(value), name
    z, photo = (np.concatenate([np.asarray(part) for part in table.chunks(name)]) for name in ("z", "photo"))
    dropped = N - np.count_nonzero((photo > -0.05) & ~np.isnan(z))
    assert dropped > N // 13
    assert (found.tally.n_total, found.tally.n_shown, found.tally.n_missing) == (N, N - dropped, dropped)
    assert (found.interval_columns, found.level) == (("lo68", "hi68"), 0.68)


def test_errors_are_those_of_an_independent_bootstrap(table: Any) -> None:
    z, photo = (np.concatenate([np.asarray(part) for part in table.chunks(name)]) for name in ("z", "photo"))
    good = (photo > -0.05) & ~np.isnan(z)
    dz = (photo[good] - z[good]) / (1 + z[good])
    random = np.random.default_rng(1)
    drawn = random.choice(dz, (800, dz.size))
    wanted = {
        "bias_mean": drawn.mean(axis=1).std(),
        "std": drawn.std(axis=1).std(),
        "sigma_nmad_uncentred": 1.4826 * np.median(np.abs(drawn), axis=1).std(),
        "outlier_fraction": (np.abs(drawn) > 0.15).mean(axis=1).std(),
        "bias": np.median(drawn, axis=1).std(),
    }
    for name, error in wanted.items():
        ours = _found(table).value(name)
        assert ours is not None
        assert ours.error == pytest.approx(error, rel=0.15), name


def test_wilson_bounds_are_one_sigma_away_from_the_fraction() -> None:
    low, high = wilson(0.1, 100)
    for end in (low, high):
        assert abs(0.1 - end) == pytest.approx(np.sqrt(end * (1 - end) / 100))
    assert low < 0.1 < high
    assert wilson(0.0, 10) == (0.0, pytest.approx(1 / 11))


def test_nothing_without_truth_or_pairs(table: Any) -> None:
    assert metric_table(table, RoleMap({"z_phot": "photo"}), None) is None
    assert metric_table(table, RoleMap({"redshift": "z", "z_phot": "z"}), None) is None


@pytest.mark.parametrize(("name", "key"), WITH_METRICS)
def test_values_equal_the_reference(tmp_path: Path, name: str, key: str) -> None:
    with canonical(tmp_path, name) as table:
        truth = column_named(table, ANSWERS[name]["redshift"]["column"])
        estimate = column_named(table, key.removeprefix("metrics_"))
        found = metric_table(table, RoleMap({"redshift": truth, "z_phot": estimate}), None)
    assert found is not None
    for ours, theirs in THEIRS.items():
        row = found.value(ours)
        assert row is not None
        assert row.value == pytest.approx(ANSWERS[name][key][theirs], rel=1e-4, abs=1e-6), ours


@pytest.mark.parametrize("name", WITH_COVERAGE)
def test_coverage_equals_the_reference(tmp_path: Path, name: str) -> None:
    with canonical(tmp_path, name) as table:
        columns = {role: column_named(table, column) for role, column in ANSWERS[name]["roles"].items() if column}
        low, high = (column_named(table, word) for word in ("zbmin", "zbmax"))
        roles = RoleMap({"redshift": columns["redshift"], "z_phot": columns["z_phot"], "z_low": low, "z_high": high})
        found = metric_table(table, roles, None)
    assert found is not None
    row = found.value("interval_coverage")
    assert row is not None
    assert row.value == pytest.approx(ANSWERS[name]["interval_68_coverage"], rel=1e-4)


@pytest.mark.parametrize("name", WITH_PDFS)
def test_pdf_numbers_come_from_the_detail_of_the_pits(tmp_path: Path, name: str) -> None:
    answer = ANSWERS[name]["pdf_metrics"]
    with canonical(tmp_path, name) as table:
        roles = RoleMap({"redshift": column_named(table, "redshift"), "pdf": column_named(table, "yvals")})
        table.memo["pit"] = quality = pdf_quality(table, roles, None)
        found = metric_table(table, roles, None)
        assert quality is not None
        other = replace(quality, metrics=replace(quality.metrics, crps=7.0))
        table.memo["pit"] = other
        again = metric_table(table, roles, None)
    assert found is not None
    assert again is not None
    values = {row.name: row.value for row in found.rows}
    assert values["cde_loss"] == pytest.approx(answer["cde_loss"], rel=1e-3)
    assert values["pit_outlier_fraction"] == pytest.approx(answer["pit_outlier_frac"])
    assert (found.z_phot, found.n_pdfs, found.tally.n_shown) == (None, 2000, 2000)
    assert [row.value for row in again.rows if row.name == "crps"] == [7.0]
    assert quality.metrics.pit.counts.tolist() == answer["pit_hist20"]
    assert quality.band[0] < 100 < quality.band[1]
