"""Summaries and quantiles equal numpy's, however the rows are cut into chunks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from services.statistics import quantiles
from services.statistics.quantiles import column_summary, quantiles_of, summary_of
from services.statistics.validity import quantity_of
from tests.services.statistics.tables import canonical_table, redshifts, valid_redshifts

FRACTIONS = (0.0, 0.0005, 0.158655, 0.25, 0.5, 0.75, 0.841345, 1.0)


@settings(deadline=None)
@given(
    values=arrays(
        np.float64,
        st.integers(1, 200),
        elements=st.one_of(st.floats(allow_infinity=False), st.integers(-3, 3).map(float)),
    ),
    chunk=st.integers(1, 50),
)
def test_quantiles_equal_numpy_for_any_finite_values(values: np.ndarray, chunk: int) -> None:
    found = quantiles_of(lambda: (values[i : i + chunk] for i in range(0, values.size, chunk)), FRACTIONS)
    finite = values[~np.isnan(values)]
    if finite.size == 0:
        assert all(math.isnan(x) for x in found)
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            np.testing.assert_array_equal(found, np.quantile(finite, FRACTIONS))


def test_a_crowded_cell_is_divided_until_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantiles, "SELECT_AT_MOST", 64)
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.normal(1.0, 1e-9, 5000), np.full(500, 1.0), [-1e30, 1e30]])
    np.testing.assert_array_equal(quantiles_of(lambda: iter([values]), FRACTIONS), np.quantile(values, FRACTIONS))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_summary_is_over_the_values_that_count(tmp_path: Path, dtype: str) -> None:
    values = redshifts(5000, dtype)
    with canonical_table(tmp_path, {"z": values}) as table:
        found = column_summary(table, "z", quantity_of("redshift"))
    good = valid_redshifts(values)
    assert (found.n_rows, found.n_finite, found.n_used) == (5000, np.isfinite(values).sum(), good.size)
    assert found.n_sentinel == np.isin(values, np.array([-1, 9.99, 9.999, 99, -99], dtype)).sum()
    exact = (good.min(), good.max(), np.median(good), *np.quantile(good, (0.25, 0.75)))
    assert (found.min, found.max, found.median, found.q25, found.q75) == exact
    np.testing.assert_allclose((found.mean, found.std), (good.mean(), good.std()), rtol=1e-12)
    assert sum(found.sparkline) == good.size


def test_deviation_survives_a_large_offset() -> None:
    values = 1e9 + np.arange(10_000.0) / 1e3
    found = summary_of(lambda: iter(np.array_split(values, 7)))
    np.testing.assert_allclose(found.std, values.std(), rtol=1e-7)


def test_a_column_without_a_value_has_no_numbers() -> None:
    found = summary_of(lambda: iter([np.full(3, np.nan)]))
    assert (found.n_rows, found.n_used) == (3, 0)
    assert math.isnan(found.median)
