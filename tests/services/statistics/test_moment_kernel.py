"""Moments of a chunk against numpy, wherever its sentinels lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.statistics.moment_kernel import LANES, summarise
from services.statistics.validity import ANY, PROFILE, Quantity, quantity_of

RULES = (ANY, PROFILE, *(quantity_of(role) for role in ("redshift", "mag", "ra", "mag_err", "odds")))
ODD = (np.nan, np.inf, -np.inf, 99.0, -99.0, -999.0, 9.99, -1.0, 0.0, -0.0, 99.99)


def _chunk(dtype: type, middle: float, size: int, seed: int) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    values: NDArray[Any] = rng.normal(middle, 2.0, size).astype(dtype)
    for odd in ODD:
        values[rng.random(size) < 0.02] = odd
    return values


def _expected(values: NDArray[Any], rule: Quantity) -> tuple[int, int, NDArray[np.float64]]:
    wide = values.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    marked = np.isin(finite, rule.sentinels_as(values.dtype))
    good = finite[~marked]
    return finite.size, int(marked.sum()), good[(good > rule.low) & (good < rule.high)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("middle", [0.5, 24.0, 150.0, 99.5, -120.0, 2e6])
def test_moments_are_those_of_numpy(rule: Quantity, dtype: type, middle: float) -> None:
    for size in (0, 1, LANES - 1, LANES, LANES + 1, 5003):
        values = _chunk(dtype, middle, size, size)
        n_finite, n_sentinel, n_used, low, high, mean, squares = summarise(
            values, rule.low, rule.high, rule.sentinels_as(values.dtype)
        )
        finite, marked, good = _expected(values, rule)
        assert (n_finite, n_sentinel, n_used) == (finite, marked, good.size)
        if good.size:
            assert (low, high) == (good.min(), good.max())
            assert mean == pytest.approx(good.mean(), rel=1e-12, abs=1e-12)
            assert squares == pytest.approx(((good - good.mean()) ** 2).sum(), rel=1e-9, abs=1e-9)


def test_chunks_of_one_value_only_spread_by_nothing() -> None:
    for value in (0.1, 99.0, 1e8):
        found = summarise(np.full(100, value), -np.inf, np.inf, np.empty(0))
        assert found == (100, 0, 100, value, value, value, 0.0)
    assert summarise(np.full(100, 99.0), -np.inf, np.inf, np.array([99.0]))[:3] == (100, 100, 0)
