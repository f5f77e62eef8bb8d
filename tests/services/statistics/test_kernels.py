"""Counts of the compiled loops equal numpy's, value by value."""

from __future__ import annotations

import numba
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from services.statistics import kernels
from services.statistics.edges import multiples
from services.statistics.warming import warm_kernels

EVERY_ROW = np.empty(0, np.bool_)
WIDE = (-np.inf, np.inf)
ON_EDGES = st.integers(-20, 320).map(lambda k: k / 100)
ANYTHING = st.floats(allow_nan=True, allow_infinity=True)
STEPS = st.sampled_from([0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0])


def numpy_counts(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    wide = values.astype(np.float64)
    return np.histogram(wide[np.isfinite(wide)], edges)[0]


@settings(deadline=None)
@given(
    values=st.one_of(
        arrays(np.float64, st.integers(0, 60), elements=st.one_of(ON_EDGES, ANYTHING)),
        arrays(np.float32, st.integers(0, 60), elements=st.one_of(ON_EDGES.map(np.float32), st.floats(width=32))),
    ),
    step=STEPS,
    first=st.integers(-5, 5),
    n_bins=st.integers(1, 200),
)
def test_counts_equal_numpy_for_any_values_and_readable_edges(
    values: np.ndarray, step: float, first: int, n_bins: int
) -> None:
    edges = multiples(step, first, first + n_bins)
    counts = np.zeros(n_bins, np.int64)
    kernels.histogram_1d_masked(values, EVERY_ROW, edges, *WIDE, kernels.NO_SENTINELS, counts)
    assert (counts == numpy_counts(values, edges)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("step", [0.005, 0.01, 0.02, 0.05, 0.1])
def test_every_edge_and_its_neighbours_fall_where_numpy_puts_them(dtype: type, step: float) -> None:
    edges = multiples(step, 0, 200)
    around: np.ndarray = edges.astype(dtype)
    values = np.concatenate([around, np.nextafter(around, dtype(-1)), np.nextafter(around, dtype(99))])
    counts = np.zeros(200, np.int64)
    kernels.histogram_1d_masked(values, EVERY_ROW, edges, *WIDE, kernels.NO_SENTINELS, counts)
    assert (counts == numpy_counts(values, edges)).all()


def test_the_last_bin_is_closed() -> None:
    counts = np.zeros(2, np.int64)
    kernels.histogram_1d_masked(
        np.array([0.0, 1.0, 2.0]), EVERY_ROW, np.array([0.0, 1.0, 2.0]), *WIDE, kernels.NO_SENTINELS, counts
    )
    assert counts.tolist() == [1, 2]


def test_missing_are_nan_out_of_range_and_sentinels_but_not_what_lies_beyond_the_edges() -> None:
    values = np.array([np.nan, 12.0, 9.99, 0.5, 5.0])
    counts = np.zeros(1, np.int64)
    missing = kernels.histogram_1d_masked(
        values, EVERY_ROW, np.array([0.0, 1.0]), -0.05, 12.0, np.array([9.99]), counts
    )
    assert (missing, counts.tolist()) == (3, [1])


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_two_dimensional_counts_equal_numpy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(-5, 105, (2, 300)) / 100
    x[::17], y[::13] = np.nan, np.inf
    edges = multiples(0.01, 0, 100), multiples(0.05, 0, 20)
    counts = np.zeros((20, 100), np.int64)
    everything = np.empty(0, np.bool_)
    no = kernels.NO_SENTINELS
    missing = kernels.histogram_2d(x, y.astype(np.float32), everything, *edges, WIDE, WIDE, no, no, counts)
    good = np.isfinite(x) & np.isfinite(y)
    expected = np.histogram2d(y.astype(np.float32).astype(np.float64)[good], x[good], (edges[1], edges[0]))[0]
    assert (counts == expected).all()
    assert missing == np.count_nonzero(np.isnan(x) | np.isinf(y))


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    dtype=st.sampled_from([np.float32, np.float64]),
    edges=st.one_of(
        STEPS.map(lambda step: multiples(step, 3, 103)),
        st.tuples(st.floats(-10, 10), st.floats(0.01, 10)).map(lambda ends: np.linspace(ends[0], sum(ends), 38)),
        st.just(np.linspace(0, 1e-6, 11) + 1),  # bins of a few float32 steps
    ),
)
def test_blocks_of_values_on_and_beside_edges_equal_numpy(seed: int, dtype: type, edges: np.ndarray) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(2 * edges[0] - edges[-1], 2 * edges[-1] - edges[0], 9001).astype(dtype)
    places = rng.integers(0, values.size, 900)
    values[places] = np.nextafter(rng.choice(edges, 900).astype(dtype), rng.choice([-99, 0, 99], 900).astype(dtype))
    values[rng.integers(0, values.size, 90)] = rng.choice(np.array([np.nan, np.inf, -np.inf, 0.5]), 90)
    keep, middle = rng.random(values.size) < 0.4, dtype((edges[0] + edges[-1]) / 2)
    values[rng.integers(0, values.size, 90)] = middle
    counts = np.zeros(edges.size - 1, np.int64)
    sentinel = np.array([float(middle)])
    missing = kernels.histogram_1d_masked(values, keep, edges, *WIDE, sentinel, counts)
    good = keep & (values != middle)
    assert (counts == numpy_counts(values[good], edges)).all()
    assert missing == np.count_nonzero(keep & (~np.isfinite(values) | (values == middle)))


def test_range_masks_are_false_for_nan_and_honour_their_ends() -> None:
    keep = np.ones(4, np.bool_)
    kernels.keep_in_range(np.array([1.0, 2.0, 3.0, np.nan]), 1.0, 3.0, (True, False), keep)
    assert keep.tolist() == [True, True, False, False]


def test_masked_counts_equal_numpy_on_the_rows_kept() -> None:
    rng = np.random.default_rng(3)
    values, keep = rng.uniform(0, 1, 500), rng.random(500) < 0.5
    edges, counts = multiples(0.05, 0, 20), np.zeros(20, np.int64)
    kernels.histogram_1d_masked(values, keep, edges, *WIDE, kernels.NO_SENTINELS, counts)
    assert (counts == numpy_counts(values[keep], edges)).all()


def test_warming_up_compiles_what_columns_of_a_table_need() -> None:
    warm_kernels()
    column = pa.array([1.0, 2.0], pa.float32()).to_numpy()
    known = [signature[0] for signature in kernels.keep_in_range.signatures]
    assert numba.typeof(column) in known
