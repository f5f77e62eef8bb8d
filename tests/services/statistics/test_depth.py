"""Depth, number counts and errors by magnitude equal numpy's, and the reference's where its files are at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.models.depth import BandDepth
from services.models.roles import BandColumn, RoleMap
from services.statistics import canonical, canonical_writer
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import bound_cut
from services.statistics.depth import depth_report, number_counts
from tests.services.statistics.tables import canonical_table
from tests.services.statistics.test_reference_files import ANSWERS, column_named
from tests.services.statistics.test_reference_files import canonical as reference_table

N = 6000
WITH_MAGNITUDES = [name for name, answer in ANSWERS.items() if "magnitudes" in answer]
WITH_FLUXES = [name for name, answer in ANSWERS.items() if "magnitudes_from_flux" in answer]
NANOJANSKY_MAG = 31.4


def _sample() -> dict[str, np.ndarray]:
    """A deep band, one that is cut at its brightness, and one of fluxes, with every trap."""
    random = np.random.default_rng(8)
    mag = 27 - random.exponential(1.4, N)
    err = 0.2171472 * 10 ** (0.4 * (mag - 25.5)) * random.lognormal(0, 0.05, N)
    bright = np.minimum(mag, 24 - random.exponential(1, N))
    bright_err = 0.2171472 * 10 ** (0.4 * (bright - 26))
    flux = 10 ** (0.4 * (NANOJANSKY_MAG - mag))
    flux[::50] *= -1
    mag[::11], mag[1::40], err[2::30], err[3::45], err[4::60] = 99, np.nan, 99, 0, -1
    names = ("mag", "err", "bright", "bright_err", "flux", "flux_err", "flag")
    values = (mag, err, bright, bright_err, flux, np.full(N, 10 ** (0.4 * (NANOJANSKY_MAG - 25.5)) / 5))
    return dict(zip(names, (*values, np.arange(N) % 3), strict=True))


SAMPLE = _sample()
ROLES = RoleMap(
    bands=(
        BandColumn("g", "mag", "err", "mag"),
        BandColumn("r", "bright", "bright_err", "mag"),
        BandColumn("i", "flux", "flux_err", "flux", "nJy", NANOJANSKY_MAG),
        BandColumn("z", "flux", "flux_err", "flux", "counts", None),
        BandColumn("y", "bright", None, "mag"),
    )
)


@pytest.fixture(params=[None, "flag > 0"])
def bands(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Depths of all bands, and which rows the cut leaves."""
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 900)
    monkeypatch.setattr(canonical, "KEEP_BYTES", 0)
    keep = SAMPLE["flag"] > 0 if request.param else np.ones(N, bool)
    with canonical_table(tmp_path, SAMPLE) as table:
        report = depth_report(table, ROLES, bound_cut(table, ROLES, request.param))
    assert (report.area_deg2, report.nside) == (None, None)
    return {one.band: one for one in report.bands}, keep


def test_a_band_needs_magnitudes_and_may_lack_errors(bands: Any) -> None:
    found, keep = bands
    assert list(found) == ["g", "r", "i", "y"]
    assert (found["y"].limit, found["y"].errors, found["y"].error_column) == (None, (), None)
    assert found["y"].counts.counts.tolist() == found["r"].counts.counts.tolist()
    for one in found.values():
        tally = one.tally
        assert tally.n_shown + tally.n_missing == keep.sum()
        assert (tally.n_total, tally.n_cut, tally.n_shown) == (N, N - keep.sum(), one.counts.counts.sum())


def test_depth_is_the_median_about_five_sigma(bands: Any) -> None:
    found, keep = bands
    there = keep & (SAMPLE["mag"] < 40) & (SAMPLE["err"] > 0) & (SAMPLE["err"] < 99)
    mag, err = SAMPLE["mag"][there], SAMPLE["err"][there]
    near = (1.0857362 / err >= 4.75) & (1.0857362 / err <= 5.25)
    limit = found["g"].limit
    assert limit.n == near.sum() >= 10
    assert limit.value == pytest.approx(np.median(mag[near]))
    assert (limit.extrapolated, limit.is_beyond_faintest) == (None, False)
    assert limit.faintest == mag.max()


def test_fluxes_have_depths_too(bands: Any) -> None:
    found, keep = bands
    good = keep & (SAMPLE["flux"] > 0)
    snr = SAMPLE["flux"][good] / SAMPLE["flux_err"][good]
    mag = NANOJANSKY_MAG - 2.5 * np.log10(SAMPLE["flux"][good])
    near = (snr >= 4.75) & (snr <= 5.25)
    assert found["i"].limit.n == near.sum()
    assert found["i"].limit.value == pytest.approx(np.median(mag[near]))
    assert found["i"].limit.value == pytest.approx(25.5, abs=0.02)


def test_a_sample_cut_by_brightness_is_extrapolated_and_says_so(bands: Any) -> None:
    limit = bands[0]["r"].limit
    assert (limit.n, limit.value) == (0, None)
    assert limit.extrapolated == pytest.approx(26, abs=1e-6)
    assert limit.is_beyond_faintest
    assert limit.faintest < 24


def test_errors_by_magnitude_are_medians(bands: Any) -> None:
    found, keep = bands
    there = keep & (SAMPLE["mag"] < 40) & (SAMPLE["err"] > 0) & (SAMPLE["err"] < 99)
    mag, err = SAMPLE["mag"][there], SAMPLE["err"][there]
    counts, edges = np.histogram(mag, np.arange(10, 81) / 2)
    assert [one.low for one in found["g"].errors] == edges[:-1][counts >= 10].tolist()
    for one in found["g"].errors:
        inside = err[(mag >= one.low) & (mag < one.high)]
        assert one.n == inside.size
        assert (one.median, one.q16, one.q84) == pytest.approx(np.quantile(inside, (0.5, 0.158655, 0.841345)))


def test_counts_and_their_slope(bands: Any) -> None:
    found, keep = bands
    mag = SAMPLE["mag"][keep & (SAMPLE["mag"] < 40)]
    counts, edges = np.histogram(mag, found["g"].counts.edges)
    assert found["g"].counts.counts.tolist() == counts.tolist()
    assert counts.sum() == mag.size
    peak = int(np.argmax(counts))
    assert found["g"].counts.peak_mag == edges[peak] + 0.25
    fitted = [k for k in range(peak - 6, peak) if k >= 0 and counts[k] >= 10]
    line = np.polyfit(edges[fitted] + 0.25, np.log10(counts[fitted]), 1)
    assert found["g"].counts.slope == pytest.approx(line[0])
    assert found["g"].counts.n_fitted == len(fitted)


def test_counts_of_few_objects_have_no_slope() -> None:
    edges = np.arange(5) / 2 + 20
    assert number_counts(np.array([9, 20, 30, 0]), edges).slope is None
    nothing = number_counts(np.zeros(4, np.int64), edges)
    assert (nothing.counts.size, nothing.peak_mag, nothing.slope) == (0, None, None)


def test_without_one_magnitude_nothing_breaks(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"mag": np.full(20, 99.0), "err": np.full(20, np.nan)}) as table:
        one = depth_report(table, RoleMap(bands=(BandColumn("u", "mag", "err", "mag"),)), None).bands[0]
    assert one.limit is not None
    assert (one.limit.n, one.limit.value, one.limit.extrapolated, one.limit.faintest) == (0, None, None, None)
    assert (one.tally.n_shown, one.tally.n_missing, one.errors) == (0, 20, ())


def test_positions_give_the_area(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    columns = {"ra": random.uniform(10, 12, N), "dec": random.uniform(0, 2, N), "mag": SAMPLE["mag"]}
    roles = RoleMap({"ra": "ra", "dec": "dec"}, bands=(BandColumn("g", "mag", None, "mag"),))
    with canonical_table(tmp_path, columns) as table:
        report = depth_report(table, roles, None)
    assert report.area_deg2 == pytest.approx(4, rel=0.2)
    assert report.nside is not None


def _by_band(table: CanonicalTable, bands: tuple[BandColumn, ...]) -> dict[str, BandDepth]:
    return {one.band: one for one in depth_report(table, RoleMap(bands=bands), None).bands}


@pytest.mark.parametrize("name", WITH_MAGNITUDES)
def test_magnitudes_equal_the_reference(tmp_path: Path, name: str) -> None:
    answers = ANSWERS[name]["magnitudes"]
    with reference_table(tmp_path, name) as table:
        bands = tuple(
            BandColumn(
                band,
                column_named(table, one["column"]),
                column_named(table, one["err_column"]) if "err_column" in one else None,
                "mag",
            )
            for band, one in answers.items()
        )
        found = _by_band(table, bands)
    for band, wanted in answers.items():
        one = found[band]
        assert (one.tally.n_shown, one.tally.n_missing) == (wanted["n_valid"], wanted["n_invalid"])
        assert one.counts.peak_mag == wanted["counts_peak_mag"]
        assert one.counts.slope == pytest.approx(wanted["counts_slope_dlogN_dm"], abs=6e-5)
        if "depth5_n" in wanted:
            assert one.limit is not None
            assert one.limit.n == wanted["depth5_n"]
            assert one.limit.value == (
                None if wanted["depth5_median_mag"] is None else pytest.approx(wanted["depth5_median_mag"], abs=6e-4)
            )


@pytest.mark.parametrize("name", WITH_FLUXES)
def test_fluxes_equal_the_reference(tmp_path: Path, name: str) -> None:
    answers = ANSWERS[name]["magnitudes_from_flux"]
    with reference_table(tmp_path, name) as table:
        bands = tuple(
            BandColumn(band, one["flux_column"], f"{one['flux_column']}Err", "flux", "nJy", NANOJANSKY_MAG)
            for band, one in answers.items()
        )
        found = _by_band(table, bands)
    for band, wanted in answers.items():
        one = found[band]
        assert one.tally.n_missing == wanted["n_nonpositive_or_nan"]
        assert one.limit is not None
        assert one.limit.n == wanted["depth5_n"]
        assert one.limit.value == (
            None if wanted["depth5_median_mag"] is None else pytest.approx(wanted["depth5_median_mag"], abs=6e-4)
        )
