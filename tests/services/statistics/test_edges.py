"""Edges are readable, correctly rounded, and cover what they should."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import InvalidInput
from services.statistics import edges
from services.statistics.quantiles import summary_of


def test_multiples_are_the_decimals_people_write() -> None:
    assert edges.multiples(0.1, 0, 10).tolist() == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert edges.multiples(0.005, 1, 3).tolist() == [0.005, 0.01, 0.015]
    assert edges.multiples(2.0, -1, 2).tolist() == [-2.0, 0.0, 2.0, 4.0]


@settings(deadline=None)
@given(
    low=st.floats(-0.0499, 11.9),
    span=st.floats(0, 11),
    n=st.integers(2, 400),
    seed=st.integers(0, 1000),
)
def test_redshift_edges_are_multiples_that_cover_every_value_in_5_to_200_bins(
    low: float, span: float, n: int, seed: int
) -> None:
    values = np.random.default_rng(seed).uniform(low, min(low + span, 11.99), n)
    found = edges.redshift_edges(summary_of(lambda: iter([values])))
    assert 5 <= found.size - 1 <= 200
    assert found[0] <= min(values.min(), 0.0)
    assert values.max() < found[-1]
    step = Decimal(repr(round(float(found[1] - found[0]), 9)))
    assert all(Decimal(repr(float(x))) % step == 0 for x in found)


def test_the_redshift_axis_starts_at_zero_or_just_below_the_smallest() -> None:
    assert edges.redshift_edges(summary_of(lambda: iter([np.linspace(0.3, 1, 99)])))[0] == 0.0
    assert edges.redshift_edges(summary_of(lambda: iter([np.linspace(-0.011, 1, 99)])))[0] == -0.1


def test_the_width_follows_freedman_and_diaconis() -> None:
    values = np.random.default_rng(2).normal(0.8, 0.2, 10_000)
    summary = summary_of(lambda: iter([values]))
    q25, q75 = np.quantile(values, (0.25, 0.75))
    assert edges.freedman_diaconis_width(summary) == pytest.approx(2 * (q75 - q25) * 10_000 ** (-1 / 3))
    found = edges.redshift_edges(summary)
    assert found[1] - found[0] == pytest.approx(0.02)


def test_one_far_outlier_makes_bins_wider_but_never_too_many() -> None:
    values = np.append(np.random.default_rng(2).normal(0.8, 0.02, 100_000), 11.5)
    found = edges.redshift_edges(summary_of(lambda: iter([values])))
    assert found.size - 1 <= 200
    assert found[-1] > 11.5


def test_bands_share_edges_that_cover_all_of_them() -> None:
    bands = [np.linspace(18.03, 22.03, 500), np.linspace(21.5, 25.5, 500)]
    summaries = [summary_of(partial(map, np.asarray, [band])) for band in bands]
    found = edges.magnitude_edges(summaries)
    assert found[0] == 18.0
    assert found[-1] > 25.5


@settings(deadline=None)
@given(low=st.floats(-400, 400), span=st.floats(1e-6, 1000))
def test_map_axes_cover_their_range_with_at_most_200_bins(low: float, span: float) -> None:
    found = edges.map_edges(low, low + span)
    assert found[0] <= low
    assert found[-1] >= low + span
    assert found.size - 1 <= 201


@pytest.mark.parametrize("asked", [{"n_bins": 0}, {"n_bins": 10**9}, {"width": 0.0}, {"width": -1.0}, {"width": 1e-12}])
def test_a_request_that_makes_no_histogram_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        edges.asked_edges(0.0, 1.0, **asked)


def test_a_request_with_its_ends_reversed_is_refused() -> None:
    with pytest.raises(InvalidInput, match="below"):
        edges.asked_edges(1.0, 0.0, n_bins=5)


def test_a_width_gives_multiples_of_it() -> None:
    assert edges.asked_edges(0.03, 0.31, width=0.1).tolist() == [0.0, 0.1, 0.2, 0.3, 0.4]
