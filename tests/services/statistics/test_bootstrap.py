"""Errors by resampling are within a tenth of those that many resamples of the rows give."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from services.statistics.bootstrap import ERROR_NAMES, FEW_PAIRS, bootstrap_errors, errors_of_counts, is_coarse
from services.statistics.error_cells import N_CELLS, cells_of

Random = np.random.Generator


def _mixed(random: Random, n: int) -> np.ndarray:
    return random.normal(0.002, 0.03, n) + (random.random(n) < 0.05) * random.normal(0, 0.5, n)


def _skewed(random: Random, n: int) -> np.ndarray:
    return random.gamma(2, 0.05, n) - 0.03


def _tight(random: Random, n: int) -> np.ndarray:
    return random.standard_t(5, n) * 1e-4


def _rounded(random: Random, n: int) -> np.ndarray:
    z = random.gamma(2, 0.4, n).round(4)
    return ((z + random.normal(0, 0.06, n) * (1 + z)).round(4) - z) / (1 + z)


def _on_a_grid(random: Random, n: int) -> np.ndarray:
    z = random.gamma(3, 0.3, n).round(1)
    return ((z + random.normal(0, 0.06, n) * (1 + z)).round(1) - z) / (1 + z)


def _off_the_grid(random: Random, n: int) -> np.ndarray:
    return random.normal(0.01, 0.0597, n).round(1) + 0.03


def _both_sides(random: Random, n: int) -> np.ndarray:
    return random.normal(0, 0.01, n) + random.choice([0, 0.4, -0.4], n, p=[0.684, 0.158, 0.158])


def _narrow(random: Random, n: int) -> np.ndarray:
    return random.normal(0.1, 1e-4, n)


def _two_valued(random: Random, n: int) -> np.ndarray:
    return np.where(np.arange(n) % 2, 0.1, -0.05)


def _metrics(dz: np.ndarray) -> list[float]:
    low, q25, median, q75, high = np.quantile(dz, [0.158655, 0.25, 0.5, 0.75, 0.841345])
    nmad = 1.4826 * np.median(np.abs(dz - median))
    rms, outliers = np.sqrt(np.mean(dz**2)), np.mean(np.abs(dz) > 0.15)
    return [median, nmad, (high - low) / 2, (q75 - q25) / 1.349, rms, outliers]


def _by_hand(dz: np.ndarray, n_resamples: int) -> np.ndarray:
    random = np.random.default_rng(8)
    drawn = (dz[random.integers(0, dz.size, dz.size)] for _ in range(n_resamples))
    return np.std([_metrics(one) for one in drawn], axis=0, ddof=1)


@pytest.mark.parametrize("n", [60, 700, FEW_PAIRS, FEW_PAIRS + 1, 20_000])
@pytest.mark.parametrize("make", [_mixed, _skewed, _tight, _rounded])
def test_errors_are_those_of_many_resamples(make: Callable[[Random, int], np.ndarray], n: int) -> None:
    dz = make(np.random.default_rng(12), n)
    errors = bootstrap_errors(dz)
    assert tuple(errors) == ERROR_NAMES
    found, wanted = np.array(list(errors.values())), _by_hand(dz, 1500)
    many = wanted * dz.size > 1e-9
    if 0 < np.count_nonzero(np.abs(dz) > 0.15) < 10:
        many[-1] = False  # too few outliers for their number to be resampled well
    assert found[many] == pytest.approx(wanted[many], rel=0.1)
    assert bootstrap_errors(dz) == errors


@pytest.mark.parametrize("n", [1001, 4000, 20_000])
@pytest.mark.parametrize("make", [_on_a_grid, _off_the_grid, _both_sides, _narrow])
def test_errors_of_values_with_gaps_are_those_of_many_resamples(
    make: Callable[[Random, int], np.ndarray], n: int
) -> None:
    dz = make(np.random.default_rng(13), n)
    found, wanted = np.array(list(bootstrap_errors(dz).values())), _by_hand(dz, 3000)
    assert found == pytest.approx(wanted, rel=0.12, abs=1e-9)
    if not is_coarse(by_cell := _by_cell(dz)):
        found = np.array(list(errors_of_counts(by_cell, np.count_nonzero(np.abs(dz) > 0.15)).values()))
        assert found == pytest.approx(wanted, rel=0.12, abs=1e-9)


def _by_cell(dz: np.ndarray) -> np.ndarray:
    cells = np.empty(dz.size, np.int32)
    cells_of(dz, cells)
    return np.bincount(cells, minlength=N_CELLS)


@pytest.mark.parametrize("n", [1001, 4001, 20_001])
def test_the_median_of_two_values_is_either(n: int) -> None:
    dz = _two_valued(np.random.default_rng(1), n)
    errors = bootstrap_errors(dz)
    assert errors["bias"] == pytest.approx(0.075, rel=0.05)
    assert [errors["sigma_nmad"], errors["sigma_68"]] == pytest.approx([0, 0], abs=1e-9)


def test_errors_of_equal_values_are_zero() -> None:
    for n in (50, 50_000):
        assert list(bootstrap_errors(np.zeros(n)).values()) == [0] * 6
        assert max(bootstrap_errors(np.full(n, 0.07)).values()) < 1e-3
