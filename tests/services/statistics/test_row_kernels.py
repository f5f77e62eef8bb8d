"""Positions and numbers that count, against what numpy says of them."""

from __future__ import annotations

import numpy as np

from services.statistics import row_kernels
from services.statistics.validity import quantity_of

NAN = float("nan")


def test_numbers_that_do_not_count_become_nan() -> None:
    values, out = np.array([0.5, -1.0, 99.0, 12.5, NAN, np.inf], np.float32), np.empty(6)
    row_kernels.valid_numbers(values, -0.05, 12.0, np.array([0.5]), out)
    assert np.isnan(out).all()
    row_kernels.valid_numbers(values, -2.0, 100.0, np.array([99.0]), out)
    np.testing.assert_array_equal(out, [0.5, -1.0, NAN, 12.5, NAN, NAN])


def test_positions_go_round_the_sky_and_both_parts_are_needed() -> None:
    ra = np.array([10.0, -10.0, 0.0, 0.0, NAN, 10.0, 400.0, 360.0])
    dec = np.array([5.0, 5.0, 0.0, 1.0, 5.0, NAN, 5.0, -90.0])
    rules = quantity_of("ra"), quantity_of("dec")
    found = np.empty(8), np.empty(8)
    limits, marks = [(rule.low, rule.high) for rule in rules], [np.array(rule.sentinels) for rule in rules]
    row_kernels.valid_positions(ra, dec, limits[0], limits[1], marks[0], marks[1], *found)
    np.testing.assert_array_equal(found[0], [10.0, 350.0, NAN, 0.0, NAN, NAN, NAN, 360.0])
    np.testing.assert_array_equal(found[1], [5.0, 5.0, NAN, 1.0, NAN, NAN, NAN, -90.0])


def test_bins_and_ends_leave_out_what_is_missing() -> None:
    occupied, ends = np.zeros(36, np.bool_), np.array([np.inf, -np.inf, np.inf, -np.inf])
    ra, dec = np.array([5.0, NAN, 355.0, 360.0]), np.array([-3.0, 7.0, 2.0, 1.0])
    row_kernels.mark_bins(ra, 0.1, occupied)
    assert np.flatnonzero(occupied).tolist() == [0, 35]
    row_kernels.widen(ra, dec, 350.0, ends)
    assert ends.tolist() == [355.0, 365.0, -3.0, 2.0]
