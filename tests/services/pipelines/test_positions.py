"""Neighbours on the sky against the plain formula for every pair."""

from __future__ import annotations

import numpy as np
import pytest

from services.pipelines import positions
from services.pipelines.base import PipelineFailed
from services.pipelines.positions import ARCSEC_PER_RAD, groups_within, nearest_rows


def _separations(ra: np.ndarray, dec: np.ndarray, other_ra: np.ndarray, other_dec: np.ndarray) -> np.ndarray:
    """Every pair by the haversine formula, arcsec."""
    d_ra = np.radians(other_ra[None, :] - ra[:, None])
    d_dec = np.radians(other_dec[None, :] - dec[:, None])
    product = np.cos(np.radians(dec))[:, None] * np.cos(np.radians(other_dec))[None, :]
    return 2 * np.arcsin(np.sqrt(np.sin(d_dec / 2) ** 2 + product * np.sin(d_ra / 2) ** 2)) * ARCSEC_PER_RAD


def test_neighbours_are_those_of_the_plain_formula_in_pieces_across_the_meridian() -> None:
    random = np.random.default_rng(3)
    ra, dec = random.uniform(-0.01, 0.01, 60) % 360, random.uniform(88.0, 88.002, 60)
    other_ra, other_dec = random.uniform(-0.02, 0.02, 500) % 360, random.uniform(88.0, 88.002, 500)
    other_ra[7] = np.nan
    pieces = ((other_ra[start : start + 130], other_dec[start : start + 130]) for start in range(0, 500, 130))
    found = nearest_rows(ra, dec, pieces, k=3, radius_arcsec=0.4)
    plain = np.where(np.isnan(every := _separations(ra, dec, other_ra, other_dec)), np.inf, every)
    expected = np.argsort(plain, axis=1)[:, :3]
    within = np.take_along_axis(plain, expected, axis=1) <= 0.4
    assert 0 < within.sum() < within.size
    np.testing.assert_array_equal(found.row, np.where(within, expected, -1))
    np.testing.assert_allclose(
        found.separation_arcsec[within], np.take_along_axis(plain, expected, axis=1)[within], rtol=1e-6, atol=1e-6
    )


def test_groups_are_chains_of_neighbours_and_rows_without_a_position_are_alone() -> None:
    step = 0.8 / 3600
    ra = np.array([10.0, 10.0, 10.0, 10.0, 50.0, np.nan, np.nan])
    dec = np.array([0.0, step, 2 * step, 5 * step, 20.0, 1.0, 1.0])
    groups = groups_within(ra, dec, 1.0)
    assert len({groups[0], groups[1], groups[2]}) == 1
    assert len(set(groups[2:])) == 5


def test_a_catalogue_of_one_position_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "MAX_PAIRS", 1000)
    with pytest.raises(PipelineFailed, match="Too many objects"):
        groups_within(np.zeros(40), np.zeros(40), 1.0)


def test_nobody_to_look_for_and_nothing_to_look_in() -> None:
    nothing = np.empty(0)
    assert groups_within(nothing, nothing, 1.0).shape == (0,)
    assert nearest_rows(np.array([1.0]), np.array([1.0]), iter([(nothing, nothing)]), 2, 1.0).row.tolist() == [[-1, -1]]
