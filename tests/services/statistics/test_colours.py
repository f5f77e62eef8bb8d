"""Colours and the depths that are drawn: equal to numpy's on tables with every trap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from services.models.depth import DepthReport
from services.models.roles import BandColumn, RoleMap
from services.models.statistics import Density
from services.statistics import canonical, canonical_writer
from services.statistics.canonical import CanonicalTable
from services.statistics.colours import colour_colour, colour_magnitude, z_colour
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.depth import depth_report
from services.statistics.depth_details import MOST_BANDS, band_counts, band_errors, plotted_bands
from services.statistics.overview_under import with_cut
from tests.services.statistics.tables import canonical_table, redshifts, valid_redshifts

N = 5000
ZERO_POINT_MAG = 31.4


def _columns() -> dict[str, np.ndarray]:
    random = np.random.default_rng(4)
    i = 25 - random.exponential(1.2, N)
    found = {"g": i + random.normal(1.4, 0.4, N), "r": i + random.normal(0.6, 0.2, N), "i": i}
    found["z_flux"] = 10 ** (0.4 * (ZERO_POINT_MAG - (i - random.normal(0.3, 0.1, N))))
    found["g"][::13], found["r"][3::17], found["i"][5::19], found["i"][::31] = 99, np.nan, -99.9, 41
    found["z_flux"][7::23] *= -1
    found["z_flux"][:3] = 1e8  # far beyond the axes
    found |= {"redshift": redshifts(N).astype(np.float64), "flag": np.arange(N) % 4, "empty": np.full(N, 99.0)}
    return {name: values.astype(np.float64) if name != "flag" else values for name, values in found.items()}


COLUMNS = _columns()
BANDS = (
    BandColumn("g", "g", None, "mag"),
    BandColumn("r", "r", None, "mag"),
    BandColumn("i", "i", "redshift", "mag"),
    BandColumn("z", "z_flux", None, "flux", "nJy", ZERO_POINT_MAG),
    BandColumn("y", "empty", None, "mag"),
)
ROLES = RoleMap({"redshift": "redshift"}, bands=BANDS)
KEEP = COLUMNS["flag"] > 1


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CanonicalTable]:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 700)
    monkeypatch.setattr(canonical, "KEEP_BYTES", 0)
    with canonical_table(tmp_path, COLUMNS) as opened:
        yield opened


@pytest.fixture
def left(table: CanonicalTable) -> Iterator[CutTable]:
    """The rows where KEEP is true."""
    cut = bound_cut(table, ROLES, "flag > 1")
    assert cut is not None
    with CutTable.of(table, cut) as opened:
        yield opened


def _magnitudes() -> dict[str, np.ndarray]:
    """Valid magnitudes, NaN elsewhere."""
    mags = {name: COLUMNS[name].copy() for name in "gri"}
    flux = COLUMNS["z_flux"]
    mags["z"] = ZERO_POINT_MAG - 2.5 * np.log10(np.where(flux > 0, flux, np.nan))
    for values in mags.values():
        values[~((values > 5) & (values < 40))] = np.nan
    return mags


def _assert_counts(found: Density, x: np.ndarray, y: np.ndarray) -> None:
    both = np.isfinite(x) & np.isfinite(y)
    wanted = np.histogram2d(y[both], x[both], [found.y_edges, found.x_edges])[0]
    np.testing.assert_array_equal(found.counts, wanted)
    tally = found.tally
    assert (tally.n_total, tally.n_shown, tally.n_missing) == (x.size, wanted.sum(), x.size - both.sum())
    assert tally.n_shown + tally.n_missing + tally.n_outside == x.size
    assert 0 < tally.n_outside <= 0.006 * x.size


def test_colour_of_the_bands_about_the_reference_band(table: CanonicalTable) -> None:
    mags = _magnitudes()
    found = colour_magnitude(table, ROLES)
    assert found is not None
    assert (found.x_label, found.x_column, found.y_column) == ("r - z", "r - z_flux", "i")
    assert (found.x_unit, found.y_unit) == ("mag", "mag")
    _assert_counts(found, mags["r"] - mags["z"], mags["i"])


def test_adjacent_colours_and_their_usual_range(table: CanonicalTable) -> None:
    mags = _magnitudes()
    x, y = mags["g"] - mags["r"], mags["r"] - mags["i"]
    found = colour_colour(table, ROLES)
    assert found is not None
    assert (found.grid.x_label, found.grid.y_label) == ("g - r", "r - i")
    _assert_counts(found.grid, x, y)
    usual = (x > -0.5) & (x < 2) & (y > -0.5) & (y < 2)
    assert found.n_usual == usual.sum() > 0
    assert found.usual_fraction == usual.sum() / np.isfinite(x + y).sum()


def test_redshift_against_colour(table: CanonicalTable) -> None:
    mags, z = _magnitudes(), COLUMNS["redshift"].copy()
    z[~np.isin(z, valid_redshifts(z))] = np.nan
    found = z_colour(table, ROLES)
    assert found is not None
    assert (found.x_label, found.y_label) == ("r - z", "z_spec")
    _assert_counts(found, mags["r"] - mags["z"], z)
    assert z_colour(table, RoleMap(bands=BANDS)) is None


def test_a_cut_keeps_axes_and_colours(table: CanonicalTable, left: CutTable) -> None:
    mags = _magnitudes()
    for compute, x, y in (
        (colour_magnitude, mags["r"] - mags["z"], mags["i"]),
        (z_colour, mags["r"] - mags["z"], None),
        (colour_colour, mags["g"] - mags["r"], mags["r"] - mags["i"]),
    ):
        whole, found = compute(table, ROLES), compute(left, ROLES, compute(table, ROLES))
        assert whole is not None
        assert found is not None
        grid, before = (one if isinstance(one, Density) else one.grid for one in (found, whole))
        np.testing.assert_array_equal(grid.x_edges, before.x_edges)
        np.testing.assert_array_equal(grid.y_edges, before.y_edges)
        if y is not None:
            both = KEEP & np.isfinite(x) & np.isfinite(y)
            np.testing.assert_array_equal(
                grid.counts, np.histogram2d(y[both], x[both], [grid.y_edges, grid.x_edges])[0]
            )
        tally = (
            getattr(with_cut(found, N - int(KEEP.sum())), "tally", None) or with_cut(grid, N - int(KEEP.sum())).tally
        )
        assert (tally.n_total, tally.n_cut) == (N, N - KEEP.sum())


def test_axes_do_not_follow_what_a_cut_leaves_in_a_band(table: CanonicalTable) -> None:
    whole = colour_magnitude(table, ROLES)
    cut = bound_cut(table, ROLES, "r is missing")
    assert cut is not None
    with CutTable.of(table, cut) as left:
        found = colour_magnitude(left, ROLES, whole)
    assert found is not None
    assert (found.x_column, found.tally.n_shown) == ("r - z_flux", 0)


def test_bands_without_a_value_make_no_colour(table: CanonicalTable) -> None:
    assert colour_magnitude(table, RoleMap(bands=BANDS[-1:])) is None
    assert colour_magnitude(table, RoleMap(bands=(BANDS[0], BANDS[4]))) is None
    assert colour_colour(table, RoleMap(bands=(*BANDS[:2], BANDS[4]))) is None
    two = colour_magnitude(table, RoleMap(bands=BANDS[:2]))
    assert two is not None
    assert (two.x_column, two.y_column) == ("g - r", "r")


def test_filters_of_unknown_wavelength_are_used_when_there_are_no_others(table: CanonicalTable) -> None:
    odd = tuple(BandColumn(f"f{one.band}", one.column, None, "mag") for one in BANDS[:3])
    found = colour_magnitude(table, RoleMap(bands=odd))
    assert found is not None
    assert (found.x_label, found.y_column) == ("fg - fi", "r")
    mixed = colour_magnitude(table, RoleMap(bands=(*odd[:2], *BANDS[:2])))
    assert mixed is not None
    assert mixed.x_label == "g - r"


def test_of_many_bands_the_best_known_are_drawn() -> None:
    narrow = tuple(BandColumn(f"n{k}", f"n{k}", None, "mag") for k in range(40))
    bands, n_left_out = plotted_bands(RoleMap(bands=(*narrow, *BANDS)))
    assert len(bands) == MOST_BANDS
    assert [band.band for band in bands[-5:]] == list("grizy")
    assert n_left_out == 45 - MOST_BANDS


def test_number_counts_of_all_bands_and_of_what_a_cut_leaves(table: CanonicalTable, left: CutTable) -> None:
    mags = _magnitudes()
    for one, keep in ((table, np.ones(N, bool)), (left, KEEP)):
        found = band_counts(one, ROLES)
        assert found is not None
        assert found.area_deg2 is None
        assert [band.band for band in found.bands] == list("grizy")
        for band in found.bands[:4]:
            valid = mags[band.band][keep]
            valid = valid[np.isfinite(valid)]
            np.testing.assert_array_equal(band.counts.counts, np.histogram(valid, band.counts.edges)[0])
            assert (band.tally.n_shown, band.tally.n_missing) == (valid.size, keep.sum() - valid.size)
        assert found.bands[4].tally.n_shown == 0
    cut = with_cut(found, 7)
    assert isinstance(cut, DepthReport)
    assert cut.bands[0].tally.n_cut == 7
    assert band_counts(table, RoleMap(bands=BANDS[4:])) is None


def test_counts_equal_those_of_the_depth_report(table: CanonicalTable) -> None:
    found, report = band_counts(table, ROLES), depth_report(table, ROLES, None)
    assert found is not None
    for one, wanted in zip(found.bands, report.bands, strict=True):
        assert one.tally == wanted.tally
        assert one.counts.counts.tolist() == wanted.counts.counts.tolist()
        assert (one.counts.slope, one.counts.peak_mag) == (wanted.counts.slope, wanted.counts.peak_mag)


def test_counts_know_the_area_of_many_objects(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    sky = {"ra": random.uniform(10, 14, N), "dec": random.uniform(-2, 2, N), "i": COLUMNS["i"]}
    roles = RoleMap({"ra": "ra", "dec": "dec"}, bands=BANDS[2:3])
    with canonical_table(tmp_path, sky) as opened:
        found = band_counts(opened, roles)
    assert found is not None
    assert found.area_deg2 == pytest.approx(16, rel=0.15)
    few = {name: values[:20] for name, values in sky.items()}
    with canonical_table(tmp_path, few) as opened:
        sparse = band_counts(opened, roles)
    assert sparse is not None
    assert sparse.area_deg2 is None


def test_errors_are_of_the_bands_that_have_some(table: CanonicalTable) -> None:
    found = band_errors(table, ROLES)
    assert found is not None
    assert [band.band for band in found.bands] == ["i"]
    assert found.bands[0].errors
    assert band_errors(table, RoleMap(bands=BANDS[:2])) is None
