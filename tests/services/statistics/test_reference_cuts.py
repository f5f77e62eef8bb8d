"""Metrics under a cut and pixels of the sky on real public files equal the reference, where files are at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.columns.matching import guess_roles, role_map
from services.formats.registry import open_table
from services.jobs.merging import merged_columns
from services.models.roles import RoleMap
from services.statistics.canonical import CanonicalTable
from services.statistics.canonical_writer import write_canonical
from services.statistics.cuts import bound_cut
from services.statistics.measured import Measured
from services.statistics.metric_report import metric_report
from services.statistics.sky import positions
from services.statistics.sky_pixels import sky_pixels
from services.statistics.validity import quantity_of
from tests.services.statistics.test_reference_files import ANSWERS, DATA, canonical, column_named

WITH_CUT = [name for name, answer in ANSWERS.items() if "metrics_zb_odds_gt_0p9" in answer]
WITH_SKY = [
    name for name, answer in ANSWERS.items() if "sky" in answer and answer.get("product_type") == "Spec-z Catalog"
]


def _wanted(answer: dict[str, Any]) -> dict[str, float]:
    names = {
        "bias": "bias_median",
        "sigma_nmad": "sigma_nmad",
        "sigma_68": "sigma68",
        "sigma_iqr": "sigma_iqr",
        "rms": "rms",
        "outlier_fraction": "f_outlier_0p15",
    }
    return {ours: answer[theirs] for ours, theirs in names.items()}


@pytest.mark.parametrize("name", WITH_CUT)
@pytest.mark.parametrize(("key", "cut"), [("metrics_zb", None), ("metrics_zb_odds_gt_0p9", "odds > 0.9")])
def test_metrics_under_a_cut_equal_the_reference(tmp_path: Path, name: str, key: str, cut: str | None) -> None:
    answer = ANSWERS[name][key]
    roles = ANSWERS[name]["roles"]
    with canonical(tmp_path, name) as table:
        truth, estimate = (column_named(table, roles[role]) for role in ("redshift", "z_phot"))
        report = metric_report(
            table,
            Measured("z_spec", truth, quantity_of("redshift")),
            Measured("z_phot", estimate, quantity_of("z_phot")),
            bound_cut(table, RoleMap({"odds": column_named(table, "odds")}), cut),
        )
    assert report.metrics is not None
    assert report.metrics.n == answer["n_used"]
    for metric, value in _wanted(answer).items():
        assert getattr(report.metrics, metric) == pytest.approx(value, rel=1e-4, abs=6e-6)
    assert 0 < report.errors["sigma_nmad"] < 0.1 * report.metrics.sigma_nmad


@pytest.mark.parametrize("name", WITH_SKY)
@pytest.mark.parametrize("nside", [64, 256])
def test_occupied_pixels_equal_the_reference(tmp_path: Path, name: str, nside: int) -> None:
    answer = ANSWERS[name]["sky"]
    with open_table(DATA / name, name) as reader:
        summary = write_canonical(reader, tmp_path / "t.parquet")
    roles = role_map(merged_columns((), summary.profiles, guess_roles(summary.profiles, "specz_catalog")))
    where = positions(roles)
    assert where is not None
    with CanonicalTable.open(tmp_path / "t.parquet") as table:
        found = sky_pixels(table, where, nside, None)
    assert found.pixels.size == answer[f"nside{nside}_occupied_pixels"]
    assert found.area_deg2 == pytest.approx(answer[f"nside{nside}_area_deg2"], abs=6e-5)
