"""Objects without a photo-z are counted by reason and by magnitude as numpy counts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.models.roles import BandColumn, RoleMap
from services.statistics import canonical_writer
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.failed_estimates import failed_estimates
from tests.services.statistics.tables import canonical_table

N = 3000
ROLES = RoleMap({"z_phot": "photo"}, bands=(BandColumn("i", "mag", None, "mag"),))


def _columns(kind: str) -> dict[str, np.ndarray]:
    random = np.random.default_rng(6)
    photo, mag = random.gamma(2, 0.4, N), random.normal(23, 1, N).round(2)
    photo[::7], photo[1::11], photo[2::31], mag[::5] = np.nan, -99, 40, 99
    return {"photo": photo.astype(kind), "mag": mag}


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_counts_by_reason_and_by_magnitude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 700)
    columns = _columns(kind)
    with canonical_table(tmp_path, columns) as table:
        found = failed_estimates(table, ROLES, None)
        cut = bound_cut(table, ROLES, "mag < 22")
        assert cut is not None
        with CutTable.of(table, cut) as left:
            under = failed_estimates(left, ROLES, found)
    photo, mag = columns.values()
    bad = ~((photo > -0.05) & (photo < 12))
    assert found is not None
    assert found.n_missing == np.isnan(photo).sum()
    assert found.n_sentinel == (photo == -99).sum()
    assert found.n_outside == (photo == 40).sum()
    assert (found.tally.n_shown, found.tally.n_missing) == (N - bad.sum(), bad.sum())
    good = mag < 40
    assert found.counts.tolist() == np.histogram(mag[good], found.edges)[0].tolist()
    assert found.failed.tolist() == np.histogram(mag[good & bad], found.edges)[0].tolist()
    assert found.counts.sum() == good.sum()
    assert under is not None
    assert under.edges.tolist() == found.edges.tolist()
    assert under.counts.tolist() == np.histogram(mag[mag < 22], found.edges)[0].tolist()


def test_without_a_magnitude_there_are_reasons_only(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"photo": np.array([0.1, np.nan, -99.0])}) as table:
        found = failed_estimates(table, RoleMap({"z_phot": "photo"}), None)
        assert failed_estimates(table, RoleMap({}), None) is None
    assert found is not None
    assert (found.column, found.edges.size, found.counts.size) == (None, 0, 0)
    assert (found.n_missing, found.n_sentinel, found.n_outside) == (1, 1, 0)
