"""Details of metrics in bins: who is where, axes under a cut, and the reference's numbers where its files are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.models.roles import BandColumn, RoleMap
from services.statistics import canonical_writer
from services.statistics.binned_metrics import metrics_by_magnitude, metrics_by_z_phot, metrics_by_z_spec
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from tests.services.statistics.tables import canonical_table
from tests.services.statistics.test_reference_files import ANSWERS, canonical, column_named

N = 4000
ROLES = RoleMap({"redshift": "z", "z_phot": "photo"}, bands=(BandColumn("i", "mag", None, "mag"),))
WITHOUT_MAGNITUDE = RoleMap(ROLES.columns)
WITH_BINS = [name for name, answer in ANSWERS.items() if "by_zspec" in answer]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 700)
    random = np.random.default_rng(3)
    z = random.gamma(2, 0.4, N).round(3)
    photo = (z + random.normal(0, 0.06, N) * (1 + z)).round(3)
    mag = random.normal(23, 1.2, N).round(2)
    mag[::9], photo[::13], z[5], z[6] = 99, -99, np.nan, 13
    with canonical_table(tmp_path, {"z": z, "photo": photo, "mag": mag}) as opened:
        yield opened


def _columns(table: Any) -> tuple[np.ndarray, ...]:
    z, photo, mag = (
        np.concatenate([np.asarray(part) for part in table.chunks(name)]) for name in ("z", "photo", "mag")
    )
    good = (photo > -0.05) & (z > -0.05) & (z < 12)
    return z[good], photo[good], mag[good]


@pytest.mark.parametrize(
    ("detail", "place", "width"),
    [(metrics_by_z_spec, 0, 0.2), (metrics_by_z_phot, 1, 0.2), (metrics_by_magnitude, 2, 0.5)],
)
def test_every_row_is_in_a_bin_or_accounted_for(table: Any, detail: Any, place: int, width: float) -> None:
    columns = _columns(table)
    x = columns[place]
    x, dz = x[x < 40], ((columns[1] - columns[0]) / (1 + columns[0]))[x < 40]
    found = detail(table, ROLES, None)
    numbers = np.floor(np.round(x / width, 9)).astype(int)
    drawn = {k for k in np.unique(numbers) if np.count_nonzero(numbers == k) >= 30}
    shown = int(np.isin(numbers, list(drawn)).sum())
    assert (found.label, found.column) == [("z_spec", "z"), ("z_phot", "photo"), ("i magnitude", "mag")][place]
    assert (found.tally.n_total, found.tally.n_shown) == (N, shown)
    assert (found.tally.n_missing, found.tally.n_outside) == (N - x.size, x.size - shown)
    assert [round(one.low / width) for one in found.bins] == sorted(drawn)
    assert (found.low, found.high) == (found.bins[0].low, found.bins[-1].high)
    first = dz[numbers == min(drawn)]
    assert found.bins[0].metrics.bias == pytest.approx(np.median(first))


def test_a_cut_keeps_the_axis(table: Any) -> None:
    whole = metrics_by_z_spec(table, ROLES, None)
    cut = bound_cut(table, ROLES, "z < 0.5")
    assert cut is not None
    with CutTable.of(table, cut) as left:
        found = metrics_by_z_spec(left, ROLES, whole)
    assert whole is not None
    assert found is not None
    assert (found.low, found.high) == (whole.low, whole.high)
    assert found.bins[-1].high == pytest.approx(0.6)
    assert found.bins[0] == whole.bins[0]


def test_too_few_pairs_make_no_bin(tmp_path: Path) -> None:
    z = np.linspace(0.1, 0.15, 29)
    with canonical_table(tmp_path, {"z": z, "photo": z + 0.01}) as table:
        found = metrics_by_z_spec(table, WITHOUT_MAGNITUDE, None)
    assert found is not None
    assert (found.bins, found.tally.n_shown, found.tally.n_outside) == ((), 0, 29)


def test_without_a_pair_there_is_nothing(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"z": np.full(40, np.nan), "photo": np.ones(40)}) as table:
        assert metrics_by_z_spec(table, WITHOUT_MAGNITUDE, None) is None
        assert metrics_by_z_spec(table, RoleMap({"redshift": "z", "z_phot": "z"}), None) is None
        assert metrics_by_magnitude(table, WITHOUT_MAGNITUDE, None) is None


@pytest.mark.parametrize("name", WITH_BINS)
def test_bins_equal_the_reference(tmp_path: Path, name: str) -> None:
    with canonical(tmp_path, name) as table:
        truth, estimate = (column_named(table, ANSWERS[name]["roles"][role]) for role in ("redshift", "z_phot"))
        found = metrics_by_z_spec(table, RoleMap({"redshift": truth, "z_phot": estimate}), None)
    assert found is not None
    bins = {one.low: one for one in found.bins}
    wanted = [one for one in ANSWERS[name]["by_zspec"] if one["n"] >= 30]
    assert wanted
    for one in wanted:
        ours = bins[one["lo"]]
        assert ours.metrics.n == one["n"]
        assert ours.metrics.sigma_nmad == pytest.approx(one["sigma_nmad"], abs=6e-7)
