"""Overviews: every statistic against plain numpy, and one file there and back."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import chi2

from services.models.roles import BandColumn, RoleMap
from services.models.statistics import (
    CategoryCounts,
    Density,
    Histogram,
    HistogramSet,
    Overview,
    PointMetrics,
    SkyDensity,
)
from services.product_types import PRODUCT_TYPES
from services.statistics.canonical import CanonicalTable
from services.statistics.overview import build_overview, is_current, load_overview, roles_signature, save_overview
from services.statistics.poisson import poisson_errors
from services.statistics.registry import STATISTICS
from tests.services.statistics.tables import canonical_table, redshifts, valid_redshifts

N = 3000
RNG = np.random.default_rng(11)
COLUMNS: dict[str, Any] = {
    "id": np.arange(N) + 10**18,
    "RA": np.where(np.arange(N) == 5, 0.0, RNG.uniform(-3, 4, N) % 360),
    "DEC": np.where(np.arange(N) == 5, 0.0, RNG.uniform(-40, -33, N)),
    "z": redshifts(N),
    "zb": redshifts(N, "float64", seed=2),
    "zerr": np.where(np.arange(N) % 10 == 0, 99.0, RNG.gamma(2, 0.01, N)),
    "g": RNG.normal(24, 1, N).astype(np.float32),
    "i": np.where(np.arange(N) % 7 == 0, 99.0, RNG.normal(23, 1, N)).astype(np.float32),
    "flux_y": RNG.normal(100, 80, N),
    "flag": RNG.choice([1.0, 2.0, 3.5, np.nan], N),
    "survey": pa.array(RNG.choice(["VVDS", "DESI", "0042", "null"], N)),
    "odds": RNG.random(N).astype(np.float32),
    "pdf": pa.FixedSizeListArray.from_arrays(pa.array(RNG.random(4 * N)), 4),
}
ROLES = RoleMap(
    columns={
        "id": "id",
        "ra": "RA",
        "dec": "DEC",
        "redshift": "z",
        "z_phot": "zb",
        "redshift_err": "zerr",
        "z_flag": "flag",
        "survey": "survey",
        "odds": "odds",
        "pdf": "pdf",
    },
    bands=(
        BandColumn("g", "g", None, "mag"),
        BandColumn("i", "i", None, "mag"),
        BandColumn("y", "flux_y", None, "flux", "nJy", 31.4),
    ),
)


@pytest.fixture(scope="module")
def overview(tmp_path_factory: pytest.TempPathFactory) -> Overview:
    with canonical_table(tmp_path_factory.mktemp("overview"), COLUMNS) as table:
        return build_overview(table, ROLES, "validation_results")


def test_every_statistic_of_the_type_is_there(overview: Overview) -> None:
    wanted = set(PRODUCT_TYPES["validation_results"].plots) & set(STATISTICS)
    assert set(overview.statistics) == {*wanted, "metrics"}


@pytest.mark.parametrize(("name", "column"), [("n_z", "z"), ("n_z_phot", "zb")])
def test_redshift_counts_equal_numpy(overview: Overview, name: str, column: str) -> None:
    found = overview.statistics[name]
    assert isinstance(found, Histogram)
    good = valid_redshifts(COLUMNS[column])
    assert (found.counts == np.histogram(good, found.edges)[0]).all()
    assert (found.tally.n_shown, found.tally.n_missing, found.tally.n_outside) == (good.size, N - good.size, 0)
    assert found.column == column


def test_magnitudes_share_edges_and_undetected_fluxes_are_missing(overview: Overview) -> None:
    found = overview.statistics["magnitudes"]
    assert isinstance(found, HistogramSet)
    assert [item.band for item in found.items] == ["g", "i", "y"]
    flux = COLUMNS["flux_y"]
    expected = {"i": COLUMNS["i"].astype(float), "y": 31.4 - 2.5 * np.log10(flux[flux > 0])}
    for item in found.items[1:]:
        good = expected[item.band or ""]
        good = good[(good > 5) & (good < 40)]
        assert (item.counts == np.histogram(good, item.edges)[0]).all()
        assert item.tally.n_missing == N - good.size
        assert item.edges is found.items[0].edges


def test_densities_equal_numpy(overview: Overview) -> None:
    found = overview.statistics["z_phot_z_spec"]
    assert isinstance(found, Density)
    spec, phot = (
        np.where(np.isin(v, valid_redshifts(v)), v, np.nan).astype(float) for v in (COLUMNS["z"], COLUMNS["zb"])
    )
    both = ~np.isnan(spec) & ~np.isnan(phot)
    expected = np.histogram2d(phot[both], spec[both], (found.y_edges, found.x_edges))[0]
    assert (found.counts == expected).all()
    assert (found.x_edges == found.y_edges).all()
    assert found.tally.n_shown + found.tally.n_missing + found.tally.n_outside == N
    z_magnitude = overview.statistics["z_magnitude"]
    assert isinstance(z_magnitude, Density)
    assert (z_magnitude.x_column, z_magnitude.y_column) == ("i", "z")


def test_a_field_across_zero_hours_stays_in_one_piece(overview: Overview) -> None:
    found = overview.statistics["sky"]
    assert isinstance(found, SkyDensity)
    edges = found.grid.x_edges
    assert 356 < edges[0] < 357.1
    assert 363.9 < edges[-1] < 365
    assert (found.grid.tally.n_shown, found.grid.tally.n_missing) == (N - 1, 1)
    assert found.counts.sum() == N - 1
    width, height = (edges[1] - edges[0]) * np.cos(np.radians(36.5)), found.grid.y_edges[1] - found.grid.y_edges[0]
    assert width == pytest.approx(height, rel=0.02)


def test_the_median_occupied_pixel_holds_at_least_five(overview: Overview) -> None:
    found = overview.statistics["sky"]
    assert isinstance(found, SkyDensity)
    assert np.median(found.counts) >= 5
    assert found.area_deg2 == pytest.approx(found.pixels.size * 41252.96125 / (12 * found.nside**2))


def test_flags_and_surveys_print_as_people_write_them(overview: Overview) -> None:
    flags, surveys = overview.statistics["z_flag"], overview.statistics["survey"]
    assert isinstance(flags, CategoryCounts)
    assert isinstance(surveys, CategoryCounts)
    assert set(flags.values) == {"1", "2", "3.5"}
    assert flags.tally.n_missing == np.isnan(COLUMNS["flag"]).sum()
    assert set(surveys.values) == {"VVDS", "DESI", "0042"}
    assert list(surveys.counts) == sorted(surveys.counts, reverse=True)


def test_metrics_follow_their_formulas(overview: Overview) -> None:
    found = overview.statistics["metrics"]
    assert isinstance(found, PointMetrics)
    spec, phot = COLUMNS["z"].astype(float), COLUMNS["zb"]
    both = np.isin(COLUMNS["z"].astype(float), valid_redshifts(COLUMNS["z"])) & np.isin(phot, valid_redshifts(phot))
    dz = (phot[both] - spec[both]) / (1 + spec[both])
    q = np.quantile(dz, (0.158655, 0.25, 0.75, 0.841345))
    assert (found.n, found.n_dropped) == (dz.size, N - dz.size)
    assert found.bias == np.median(dz)
    assert found.sigma_nmad == pytest.approx(1.4826 * np.median(np.abs(dz - np.median(dz))), rel=1e-14)
    assert found.sigma_68 == pytest.approx((q[3] - q[0]) / 2)
    assert found.sigma_iqr == pytest.approx((q[2] - q[1]) / 1.349)
    assert found.rms == pytest.approx(np.sqrt(np.mean(dz**2)))
    assert found.outlier_fraction == np.mean(np.abs(dz) > 0.15)


def test_redshift_errors_leave_the_marker_for_none_out(overview: Overview) -> None:
    found = overview.statistics["z_error"]
    assert isinstance(found, Histogram)
    assert found.tally.n_missing == np.count_nonzero(COLUMNS["zerr"] == 99)
    assert found.edges[-1] < 1


def test_every_column_has_its_numbers(overview: Overview) -> None:
    by_name = {column.name: column for column in overview.columns}
    assert list(by_name) == list(COLUMNS)
    i_mag = COLUMNS["i"][COLUMNS["i"] < 40].astype(float)
    assert by_name["i"].n_sentinel == np.count_nonzero(COLUMNS["i"] == 99)
    assert (by_name["i"].n_valid, by_name["i"].n_missing) == (N, 0)
    assert (by_name["i"].min, by_name["i"].max, by_name["i"].median) == (i_mag.min(), i_mag.max(), np.median(i_mag))
    assert len(by_name["i"].sparkline) == 20
    assert by_name["survey"].n_distinct == 4
    assert by_name["id"].n_distinct is None
    assert by_name["flag"].n_distinct == 3
    assert by_name["pdf"].n_valid == N
    assert by_name["id"].examples[0] == "1000000000000000000"


def test_an_overview_survives_its_file(overview: Overview) -> None:
    buffer = io.BytesIO()
    save_overview(overview, buffer)
    assert b"pickle" not in buffer.getvalue()
    again = load_overview(io.BytesIO(buffer.getvalue()))
    _same(again, overview)


def _same(left: Any, right: Any) -> None:
    assert type(left) is type(right)
    if dataclasses.is_dataclass(left):
        for field in dataclasses.fields(left):
            _same(getattr(left, field.name), getattr(right, field.name))
    elif isinstance(left, np.ndarray):
        assert left.dtype == right.dtype
        np.testing.assert_array_equal(left, right)
    elif isinstance(left, dict):
        _same(tuple(left.items()), tuple(right.items()))
    elif isinstance(left, tuple):
        for one, other in zip(left, right, strict=True):
            _same(one, other)
    else:
        assert left == right


def test_the_same_overview_makes_the_same_bytes(overview: Overview) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    save_overview(overview, first)
    save_overview(overview, second)
    assert first.getvalue() == second.getvalue()


def test_a_changed_role_makes_an_overview_stale(overview: Overview) -> None:
    other = dataclasses.replace(ROLES, columns={**ROLES.columns, "redshift": "zb"})
    assert is_current(overview, ROLES)
    assert not is_current(overview, other)
    assert roles_signature(other) != roles_signature(ROLES)


def test_a_handful_of_rows_comes_as_a_rug(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"z": np.array([0.3, 0.1, np.nan, 9.99])}) as table:
        found = build_overview(table, RoleMap({"redshift": "z"}), "redshift_catalog").statistics["n_z"]
    assert isinstance(found, Histogram)
    assert found.rug is not None
    assert found.rug.tolist() == [0.1, 0.3]
    assert found.counts.sum() == 2


@pytest.mark.parametrize("values", [np.full(5, np.nan), np.full(5, -99.0), np.empty(0)])
def test_a_redshift_without_a_single_value_still_gives_an_overview(tmp_path: Path, values: np.ndarray) -> None:
    roles = RoleMap({"redshift": "z", "ra": "z", "dec": "z", "odds": "z"}, bands=(BandColumn("i", "z", None, "mag"),))
    with canonical_table(tmp_path, {"z": values}) as table:
        found = build_overview(table, roles, "other").statistics["n_z"]
    assert isinstance(found, Histogram)
    assert (found.tally.n_shown, found.tally.n_missing) == (0, values.size)


def test_the_same_column_for_truth_and_estimate_gives_no_metrics(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"z": np.linspace(0, 1, 50)}) as table:
        found = build_overview(table, RoleMap({"redshift": "z", "z_phot": "z"}), "validation_results")
    assert not {"metrics", "z_phot_z_spec"} & set(found.statistics)


def test_roles_of_absent_columns_are_left_out(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"z": np.linspace(0, 1, 50)}) as table:
        found = build_overview(table, RoleMap({"redshift": "z", "z_flag": "gone"}), "other")
    assert list(found.statistics) == ["n_z"]


def test_poisson_bars_are_the_exact_interval() -> None:
    counts = np.array([0, 1, 5, 100, 998, 1000, 1001, 10**6])
    low, high = poisson_errors(counts)
    np.testing.assert_allclose(low[1:], counts[1:] - chi2.ppf(0.15865, 2 * counts[1:]) / 2, rtol=1e-6)
    assert low[0] == 0
    np.testing.assert_allclose(high, chi2.ppf(0.84135, 2 * counts + 2) / 2 - counts, rtol=1e-6)


def test_one_table_may_be_walked_by_many_statistics(tmp_path: Path) -> None:
    with canonical_table(tmp_path, COLUMNS) as table:
        first = build_overview(table, ROLES, "other")
        second = build_overview(table, ROLES, "other")
    _same(first, second)
    assert isinstance(table, CanonicalTable)
