"""Sentinels and valid ranges as domain rules state them."""

from __future__ import annotations

import math

import pytest

from services.columns.sentinels import SENTINELS, sentinels, valid_range

STATED_FOR_REDSHIFT = (-1, -9, -9.99, -99, -99.9, -999, -9999, 9.99, 9.999, 9.9999, 99, 99.9, 999, 9999)


@pytest.mark.parametrize("value", STATED_FOR_REDSHIFT)
def test_every_stated_redshift_sentinel_is_one(value: float) -> None:
    assert value in sentinels("redshift")
    assert value in sentinels("z_phot")


@pytest.mark.parametrize("value", [-99.0, -99.9, 99.0, 99.99, 0.0])
def test_magnitude_sentinels(value: float) -> None:
    assert value in sentinels("mag")


def test_small_negative_and_round_redshifts_are_real() -> None:
    low, high = valid_range("redshift") or (math.nan, math.nan)
    for z in (-0.0109, -0.0174, 0.0, 1.0, 9.0, 11.99):
        assert low < z < high
        assert z not in sentinels("redshift")
    assert not low < -0.05 < high
    assert not low < 12.0 < high


def test_magnitudes_live_between_5_and_40() -> None:
    assert valid_range("mag") == (5.0, 40.0)


def test_ends_of_the_sky_are_let_in() -> None:
    for role, ends in (("ra", (-180.0, 0.0, 360.0)), ("dec", (-90.0, 90.0))):
        low, high = valid_range(role) or (math.nan, math.nan)
        assert all(low < end < high for end in ends)
    assert not (valid_range("dec") or (0, 0))[1] > 90.0001


def test_forced_fluxes_may_be_negative_and_positions_may_be_99() -> None:
    assert valid_range("flux") is None
    assert 99.0 not in sentinels("ra")


def test_flags_and_columns_without_a_role_keep_every_value() -> None:
    assert sentinels("z_flag") == sentinels(None) == ()
    assert valid_range("z_flag") is None


def test_sentinels_are_written_once_each() -> None:
    for values in SENTINELS.values():
        assert len(set(values)) == len(values)
