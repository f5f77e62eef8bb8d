"""Metrics in bins of z_spec, z_phot and magnitude equal numpy's, and the reference's where its files are at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.models.measures import MetricsBin
from services.models.roles import BandColumn, RoleMap
from services.statistics import canonical_writer
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import bound_cut
from services.statistics.measured import Measured, reference_magnitude
from services.statistics.metric_report import MetricBins, metric_report
from services.statistics.validity import quantity_of
from tests.services.statistics.tables import canonical_table
from tests.services.statistics.test_reference_files import ANSWERS, canonical, column_named

N = 5000
BINNED = {"by_zspec": (0.2, 1.0), "by_M0": (0.2, 1.0), "by_redshift": (0.4, 0.5), "by_i": (0.4, 0.5)}
"""Widths of the reference's bins in redshift and in magnitude."""
REFERENCE = [(name, key) for name, answer in ANSWERS.items() for key in BINNED if key in answer]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 700)
    monkeypatch.setattr("services.statistics.binned.IN_MEMORY", 3000)
    random = np.random.default_rng(7)
    z = random.gamma(2, 0.4, N).round(2)
    photo = (z + random.normal(0, 0.06, N) * (1 + z)).round(2)
    mag = random.normal(23, 1.2, N).round(2)
    mag[::9] = 99
    photo[::13] = -99
    with canonical_table(tmp_path, {"z": z, "photo": photo, "mag": mag}) as opened:
        yield opened


def _columns(table: CanonicalTable) -> dict[str, np.ndarray]:
    return {name: np.concatenate([np.asarray(part) for part in table.chunks(name)]) for name in table.names}


def _assert_bins(found: Sequence[MetricsBin], x: np.ndarray, dz: np.ndarray, width: float) -> None:
    numbers = np.floor(np.round(x / width, 9))
    wanted = {k: dz[numbers == k] for k in np.unique(numbers) if (numbers == k).sum() >= 30}
    assert [one.low for one in found] == [pytest.approx(k * width) for k in wanted]
    for one, inside in zip(found, wanted.values(), strict=True):
        assert one.high - one.low == pytest.approx(width)
        assert one.metrics.n == inside.size
        assert one.metrics.bias == pytest.approx(np.median(inside))
        assert one.metrics.sigma_nmad == pytest.approx(1.4826 * np.median(np.abs(inside - np.median(inside))))
        assert one.metrics.outlier_fraction == pytest.approx(np.mean(np.abs(inside) > 0.15))
        assert one.errors["rms"] == pytest.approx(
            np.std(inside**2) / np.sqrt(inside.size) / (2 * np.sqrt(np.mean(inside**2))), rel=0.25
        )


@pytest.mark.parametrize("cut", [None, "mag < 23.5"])
@pytest.mark.parametrize(("z_width", "mag_width"), [(0.2, 0.5), (0.15, 0.3)])
def test_bins_are_those_of_the_quantity(table: Any, cut: str | None, z_width: float, mag_width: float) -> None:
    roles = RoleMap({"redshift": "z"}, bands=(BandColumn("i", "mag", None, "mag"),))
    asked = MetricBins(z_width, mag_width, reference_magnitude(roles))
    pair = Measured("z", "z", quantity_of("redshift")), Measured("p", "photo", quantity_of("z_phot"))
    report = metric_report(table, *pair, bound_cut(table, roles, cut), asked)
    columns = _columns(table)
    good = columns["photo"] > -0.05
    if cut:
        good &= columns["mag"] < 23.5
    z, photo, mag = (columns[name][good] for name in ("z", "photo", "mag"))
    dz = (photo - z) / (1 + z)
    has_mag = mag < 40
    assert report.magnitude == "mag"
    _assert_bins(report.bins, z, dz, z_width)
    _assert_bins(report.bins_by_z_phot, photo, dz, z_width)
    _assert_bins(report.bins_by_magnitude, mag[has_mag], dz[has_mag], mag_width)


def test_without_a_magnitude_there_are_no_bins_by_it(table: Any) -> None:
    pair = Measured("z", "z", quantity_of("redshift")), Measured("p", "photo", quantity_of("z_phot"))
    report = metric_report(table, *pair, None)
    assert (report.magnitude, report.bins_by_magnitude) == (None, ())
    assert report.bins_by_z_phot


@pytest.mark.parametrize(("name", "key"), REFERENCE)
def test_bins_equal_the_reference(tmp_path: Path, name: str, key: str) -> None:
    answer = ANSWERS[name]
    z_phot, magnitude = ("zb", "M0") if "metrics_zb" in answer else ("zmode", "mag_i_lsst")
    with canonical(tmp_path, name) as table:
        pair = (
            Measured("z_spec", column_named(table, answer["redshift"]["column"]), quantity_of("redshift")),
            Measured("z_phot", column_named(table, z_phot), quantity_of("z_phot")),
        )
        mag = Measured("mag", column_named(table, magnitude), quantity_of("mag"))
        report = metric_report(table, *pair, None, MetricBins(*BINNED[key], mag))
    bins = report.bins if key in {"by_zspec", "by_redshift"} else report.bins_by_magnitude
    found = {one.low: one for one in bins}
    wanted = [one for one in answer[key] if "bias_median" in one]
    assert wanted
    for one in wanted:
        ours = found[one["lo"]]
        assert (ours.high, ours.metrics.n) == (one["hi"], one["n"])
        assert ours.metrics.bias == pytest.approx(one["bias_median"], abs=6e-7)
        assert ours.metrics.sigma_nmad == pytest.approx(one["sigma_nmad"], abs=6e-7)
        assert ours.metrics.outlier_fraction == pytest.approx(one["f_outlier_0p15"], abs=6e-7)
