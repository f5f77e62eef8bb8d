"""Distances of two samples equal scipy's, on columns with sentinels, ties and both precisions."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from services.models.comparison import TwoSample
from services.statistics import binned, canonical, canonical_writer
from services.statistics.measured import Measured
from services.statistics.two_samples import (
    DEFINITIONS,
    kl_divergence,
    kolmogorov_tail,
    ks_and_wasserstein,
    sample_of,
    sorted_values,
    two_sample,
)
from services.statistics.validity import quantity_of
from tests.services.statistics.tables import canonical_table, redshifts, valid_redshifts

Z = Measured("z_spec", "z", quantity_of("redshift"))


def _sorted(folder: Path, values: np.ndarray, *, single: bool = False) -> np.ndarray:
    folder.mkdir()
    with tempfile.TemporaryFile() as spool, canonical_table(folder, {"z": values}) as table:
        return np.array(sorted_values(table, Z, spool, single=single))


@pytest.fixture(params=[False, True], ids=["in memory", "in a file"])
def samples(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[np.ndarray, np.ndarray]:
    """Two columns with every trap and many ties, sorted by us; they equal numpy's."""
    if request.param:
        monkeypatch.setattr(binned, "IN_MEMORY", 100)
        monkeypatch.setattr(canonical, "KEEP_BYTES", 0)
        monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 900)
    raw = redshifts(5000, "float64", 1), (redshifts(3100, "float64", 2) * 0.9).round(3)
    found = tuple(_sorted(tmp_path / str(place), values) for place, values in enumerate(raw))
    for ours, values in zip(found, raw, strict=True):
        assert np.array_equal(ours, np.sort(valid_redshifts(values)))
    return found[0], found[1]


def test_distances_equal_scipy(samples: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = samples
    ks, area = ks_and_wasserstein(first, second)
    assert ks == pytest.approx(stats.ks_2samp(first, second).statistic, abs=1e-15)
    assert area == pytest.approx(stats.wasserstein_distance(first, second), rel=1e-12)
    assert ks_and_wasserstein(second, first) == pytest.approx((ks, area), rel=1e-12)


def test_equal_samples_are_not_apart_and_separate_ones_are(samples: tuple[np.ndarray, np.ndarray]) -> None:
    first, _ = samples
    assert ks_and_wasserstein(first, first) == (0, 0)
    ks, area = ks_and_wasserstein(first, first + 100)
    assert (ks, area) == (1, pytest.approx(100))


def test_all_numbers_of_two_samples(samples: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = samples
    found = two_sample(sample_of(a), sample_of(b), ks_and_wasserstein(a, b), 0.5)
    n = a.size * b.size / (a.size + b.size)
    assert found.ks_p == pytest.approx(stats.kstwobign.sf(found.ks * math.sqrt(n)), rel=1e-9)
    assert found.median_difference == pytest.approx(np.median(b) - np.median(a))
    assert found.mean_difference == pytest.approx(b.mean() - a.mean())
    assert found.mean_difference_err == pytest.approx(math.sqrt(a.var() / a.size + b.var() / b.size))
    assert found.kl == 0.5


@pytest.mark.parametrize("x", [1e-3, 0.1, 0.4, 0.9, 1.1799, 1.18, 1.5, 3.0, 6.0])
def test_the_tail_equals_scipy(x: float) -> None:
    assert kolmogorov_tail(x) == pytest.approx(stats.kstwobign.sf(x), rel=1e-9, abs=1e-300)


def test_the_divergence_equals_scipy_with_half_an_object_in_each_filled_bin() -> None:
    p, q = np.array([0, 5, 0, 30, 7]), np.array([0, 0, 2, 90, 1])
    filled = slice(1, None)
    assert kl_divergence(p, q) == pytest.approx(stats.entropy(p[filled] + 0.5, q[filled] + 0.5))
    assert kl_divergence(p, p) == 0
    assert math.isnan(kl_divergence(p, np.zeros(5, np.int64)))


def test_without_a_value_there_is_no_number(tmp_path: Path) -> None:
    nothing = _sorted(tmp_path / "empty", np.array([np.nan, -99.0, 99.0]))
    some = np.array([0.1, 0.2])
    assert nothing.size == 0
    found = two_sample(sample_of(some), sample_of(nothing), ks_and_wasserstein(some, nothing), math.nan)
    assert all(math.isnan(getattr(found, name)) for name in TwoSample.__dataclass_fields__)


def test_both_precisions_tie_when_asked_for(tmp_path: Path) -> None:
    values = np.random.default_rng(3).uniform(0, 2, 4000).round(2)
    wide = _sorted(tmp_path / "wide", values, single=True)
    narrow = _sorted(tmp_path / "narrow", values.astype(np.float32), single=True)
    assert ks_and_wasserstein(wide, narrow) == (0, 0)
    assert ks_and_wasserstein(np.sort(values), narrow)[0] > 0


def test_every_number_is_defined() -> None:
    assert set(DEFINITIONS) == set(TwoSample.__dataclass_fields__) - {"mean_difference_err"}
