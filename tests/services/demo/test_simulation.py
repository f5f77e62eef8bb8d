"""The simulated survey follows the formulas it cites."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import KDTree

from services.demo.photometry import DEPTH_MAG, magnitude_error, observe, relative_flux
from services.demo.photoz import GRID, estimate, outlier_probability, probability_densities
from services.demo.positions import DEEP_EAST, EQUATOR_0H, Field, angular_diameter_distance_mpc, place
from services.demo.redshifts import COUNTS_SLOPE, draw_mag_i, draw_redshift
from services.demo.survey import simulate

N_OBJECTS = 40_000


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_number_counts_have_the_cited_slope(rng: np.random.Generator) -> None:
    counts, edges = np.histogram(draw_mag_i(rng, N_OBJECTS, 20.0, 25.0), bins=10)
    slope = np.polyfit(edges[:-1], np.log10(counts), 1)[0]
    assert slope == pytest.approx(COUNTS_SLOPE, abs=0.02)


def test_mean_redshift_is_three_times_the_scale(rng: np.random.Generator) -> None:
    redshift = draw_redshift(rng, np.full(N_OBJECTS, 24.0))
    assert redshift.mean() == pytest.approx(3 * (0.0417 * 24.0 - 0.744), rel=0.02)


def test_redshifts_of_faint_objects_stay_below_the_limit(rng: np.random.Generator) -> None:
    redshift = draw_redshift(rng, np.full(N_OBJECTS, 29.0))
    assert redshift.min() > 0
    assert redshift.max() <= 5.0


def test_error_at_the_depth_is_a_fifth_of_the_flux() -> None:
    for band, depth in DEPTH_MAG.items():
        assert magnitude_error(np.array([depth]), band)[0] == pytest.approx(0.2, abs=0.005)


def test_noise_is_as_large_as_the_error_says(rng: np.random.Generator) -> None:
    true = np.full(N_OBJECTS, 24.0)
    seen = observe(rng, {"i": true})
    assert np.nanstd(seen.mag["i"] - true) == pytest.approx(float(magnitude_error(true[:1], "i")[0]), rel=0.05)


def test_objects_far_below_the_depth_are_mostly_not_detected(rng: np.random.Generator) -> None:
    seen = observe(rng, {"u": np.full(N_OBJECTS, 30.0)})
    assert np.isnan(seen.mag["u"]).mean() > 0.7
    assert np.array_equal(np.isnan(seen.mag["u"]), np.isnan(seen.mag_err["u"]))


def test_old_galaxies_are_redder_than_young_ones() -> None:
    blue, red = np.array([350.0]), np.array([750.0])
    colours = [
        -2.5 * np.log10(relative_flux(blue, np.array([b])) / relative_flux(red, np.array([b])))[0] for b in (0.0, 1.0)
    ]
    assert colours[0] > colours[1] + 1.0


def test_the_lyman_break_takes_the_light_away() -> None:
    young = np.array([1.0])
    assert relative_flux(np.array([90.0]), young)[0] < 0.02 * relative_flux(np.array([160.0]), young)[0]


def test_distance_agrees_with_a_known_value() -> None:
    """1651.9 Mpc at z = 1 for H0 = 70 km/s/Mpc, Omega_m = 0.3."""
    assert angular_diameter_distance_mpc(np.array([1.0]))[0] == pytest.approx(1651.9, rel=1e-3)


def test_a_field_at_the_equator_crosses_zero_hours(rng: np.random.Generator) -> None:
    sample = simulate(rng, EQUATOR_0H, 2000)
    assert sample.ra_deg.min() >= 0
    assert sample.ra_deg.max() < 360
    assert (sample.ra_deg > 358).any()
    assert (sample.ra_deg < 3).any()
    assert not ((sample.ra_deg > 10) & (sample.ra_deg < 350)).any()


def test_objects_stay_in_their_field_and_out_of_its_holes(rng: np.random.Generator) -> None:
    field = Field(100.0, 0.0, 1.0)
    ra_deg, dec_deg, _ = place(rng, field, draw_redshift(rng, np.full(N_OBJECTS, 23.0)))
    x, y = (ra_deg - 100.0) * np.cos(np.radians(dec_deg)), dec_deg
    assert np.hypot(x, y).max() <= 1.0 + 1e-9
    filled, _, _ = np.histogram2d(x, y, bins=40, range=[[-0.7, 0.7], [-0.7, 0.7]])
    assert (filled == 0).sum() >= 3


def test_galaxies_gather_in_structures(rng: np.random.Generator) -> None:
    ra_deg, dec_deg, redshift = place(rng, DEEP_EAST, draw_redshift(rng, np.full(8000, 22.0)))
    together = _close_pairs(ra_deg, dec_deg, redshift)
    shuffled = _close_pairs(ra_deg, dec_deg, rng.permutation(redshift))
    assert together > 5 * shuffled


def _close_pairs(ra_deg: np.ndarray, dec_deg: np.ndarray, redshift: np.ndarray) -> int:
    """Pairs closer than 0.03 deg and 0.01 in redshift, roughly."""
    return len(KDTree(np.stack([ra_deg, dec_deg, 3 * redshift], axis=1)).query_pairs(0.03))


def test_outliers_are_as_frequent_as_said(rng: np.random.Generator) -> None:
    redshift, mag_i = np.full(N_OBJECTS, 0.6), np.full(N_OBJECTS, 22.0)
    guess = estimate(rng, redshift, mag_i)
    dz = (guess.z_phot - redshift) / (1 + redshift)
    assert np.mean(np.abs(dz) > 0.15) == pytest.approx(float(outlier_probability(mag_i[:1])[0]), abs=0.006)
    assert abs(np.median(dz)) < 0.002


def test_densities_have_unit_integral_and_peak_at_the_estimate(rng: np.random.Generator) -> None:
    redshift = np.linspace(0.2, 1.5, 50)
    guess = estimate(rng, redshift, np.full(50, 22.0))
    densities = probability_densities(rng, guess, redshift)
    assert densities.shape == (50, GRID.size)
    np.testing.assert_allclose(np.trapezoid(densities, GRID, axis=1), 1.0, rtol=1e-4)
    np.testing.assert_allclose(GRID[densities.argmax(axis=1)], guess.z_phot, atol=0.02)


def test_the_same_seed_gives_the_same_sample() -> None:
    first, second = (simulate(np.random.default_rng(5), EQUATOR_0H, 500) for _ in range(2))
    assert np.array_equal(first.ra_deg, second.ra_deg)
    assert np.array_equal(first.photometry.mag["u"], second.photometry.mag["u"], equal_nan=True)
    assert np.unique(first.object_id).size == 500
