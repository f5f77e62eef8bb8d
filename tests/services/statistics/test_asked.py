"""Histograms and maps as programs ask for them equal numpy's, with and without a cut; every row is accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.errors import InvalidInput
from services.models.measures import BinRequest
from services.models.roles import RoleMap
from services.models.statistics import Tally
from services.statistics import canonical, canonical_writer
from services.statistics.asked import asked_density, asked_histogram, split_histogram
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import bound_cut
from services.statistics.measured import Measured
from services.statistics.metric_report import metric_report
from services.statistics.selection import BATCH_BYTES, BATCH_ROWS, Selection, count_matching, selected
from services.statistics.sky import Positions
from services.statistics.sky_pixels import sky_pixels
from services.statistics.validity import quantity_of
from tests.services.statistics.tables import canonical_path, redshifts, valid_redshifts

N = 4000
RNG = np.random.default_rng(11)
Z = redshifts(N, seed=3)
MAG = np.where(np.arange(N) % 7 == 0, np.nan, RNG.normal(24, 1, N))
SURVEY = np.array(["VVDS", "zCOSMOS", None], object)[np.arange(N) % 3]
FLAG = pa.array([None if k % 11 == 0 else k % 4 for k in range(N)], pa.int8())
COLUMNS: dict[str, Any] = {
    "z": Z,
    "mag": MAG,
    "survey": pa.array(list(SURVEY)),
    "flag": FLAG,
    "grade": np.where(np.arange(N) % 5 == 0, np.nan, np.arange(N) % 3 / 10).astype(np.float32),
    "id": np.arange(N),
    "ra": np.where(np.arange(N) % 9 == 0, 0.0, RNG.uniform(0, 360, N)),
    "dec": np.where(np.arange(N) % 9 == 0, 0.0, RNG.uniform(-90, 90, N)),
}
REDSHIFT, MAGNITUDE = Measured("z", "z", quantity_of("redshift")), Measured("mag", "mag")
ROLES = RoleMap({"redshift": "z"})
CUT = "mag > 24"
KEEP = MAG > 24


@pytest.fixture(scope="module", params=["small", "large"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table in one row group and in many."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "large":
            patch.setattr(canonical_writer, "GROUP_ROWS", 300)
        return canonical_path(tmp_path_factory.mktemp("asked"), COLUMNS, batch_rows=100)


@pytest.fixture
def table(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(canonical, "KEEP_BYTES", 0)
    with CanonicalTable.open(path) as opened:
        yield opened


def _adds_up(tally: Tally) -> bool:
    return tally.n_shown + tally.n_missing + tally.n_outside + tally.n_cut == tally.n_total == N


@given(
    n_bins=st.integers(1, 300),
    ends=st.one_of(st.none(), st.tuples(st.floats(-1, 2), st.floats(2.001, 13))),
    has_cut=st.booleans(),
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bins_are_those_of_numpy(table: Any, n_bins: int, ends: tuple[float, float] | None, has_cut: bool) -> None:
    low, high = ends or (None, None)
    cut = bound_cut(table, ROLES, CUT if has_cut else None)
    found = asked_histogram(table, REDSHIFT, BinRequest(n_bins, low=low, high=high), cut)
    kept = Z[KEEP] if has_cut else Z
    counts, edges = np.histogram(valid_redshifts(kept), n_bins, ends)
    assert np.array_equal(found.edges, edges)
    assert np.array_equal(found.counts, counts)
    assert found.tally.n_missing == kept.size - valid_redshifts(kept).size
    assert _adds_up(found.tally)


@pytest.mark.parametrize(
    ("bins", "edges"),
    [
        (BinRequest(width=0.1, low=0.0, high=0.5), [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (BinRequest(width=0.1, low=0.25, high=0.5), [0.25, 0.35, 0.45, 0.55]),
        (BinRequest(width=5.0, low=0.0), [0, 5, 10, 15]),
        (BinRequest(width=6.0, high=12.0), [-6, 0, 6, 12]),
    ],
)
def test_widths_start_and_end_where_asked(table: Any, bins: BinRequest, edges: list[float]) -> None:
    found = asked_histogram(table, REDSHIFT, bins, None)
    assert found.edges.tolist() == pytest.approx(edges, abs=1e-12)
    assert np.array_equal(found.counts, np.histogram(valid_redshifts(Z), found.edges)[0])
    assert _adds_up(found.tally)


def test_a_width_alone_covers_the_data_with_multiples(table: Any) -> None:
    found = asked_histogram(table, REDSHIFT, BinRequest(width=0.25), None)
    assert found.edges[0] == -0.25
    assert found.tally.n_outside == 0
    assert asked_histogram(table, REDSHIFT, BinRequest(), None).tally.n_outside == 0


@pytest.mark.parametrize(
    ("bins", "field"),
    [
        (BinRequest(10, 0.1), "width"),
        (BinRequest(10, low=2.0, high=1.0), "min"),
        (BinRequest(10, low=float("nan")), "min"),
        (BinRequest(10, low=20.0), "min"),
        (BinRequest(200_000), "bins"),
        (BinRequest(0), "bins"),
        (BinRequest(width=-1.0), "width"),
        (BinRequest(width=1e-9), "width"),
        (BinRequest(10, low=1.0, high=float(np.nextafter(1, 2))), "bins"),
    ],
)
def test_numbers_that_make_no_histogram_are_refused(table: Any, bins: BinRequest, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        asked_histogram(table, REDSHIFT, bins, None)
    assert refused.value.field == field


def test_a_cut_that_leaves_nothing_leaves_empty_bins(table: Any) -> None:
    found = asked_histogram(table, REDSHIFT, BinRequest(4), bound_cut(table, ROLES, "id < 0"))
    assert (found.edges.tolist(), found.tally) == ([0, 0.25, 0.5, 0.75, 1], Tally(N, 0, 0, 0, N))


def test_a_single_value_lies_in_the_middle(table: Any) -> None:
    found = asked_histogram(table, Measured("id", "id"), BinRequest(2), bound_cut(table, ROLES, "id = 7"))
    assert (found.edges.tolist(), found.counts.tolist()) == ([6.5, 7, 7.5], [0, 1])


@pytest.mark.parametrize(
    ("split", "groups", "order"),
    [
        ("survey", SURVEY, ["VVDS", "zCOSMOS", None]),
        ("flag", np.array(FLAG.to_pylist(), object), [0, 1, 2, 3, None]),
        (
            "grade",
            np.array([None if k % 5 == 0 else [0.0, 0.1, 0.2][k % 3] for k in range(N)], object),
            [0, 0.1, 0.2, None],
        ),
    ],
)
@pytest.mark.parametrize("cut", [None, CUT])
def test_series_are_the_counts_of_each_value(
    table: Any, split: str, groups: np.ndarray, order: list[Any], cut: str | None
) -> None:
    found = split_histogram(table, REDSHIFT, BinRequest(20, low=0.0, high=3.0), split, bound_cut(table, ROLES, cut))
    assert [one.value for one in found.series] == order
    keep = KEEP if cut else np.ones(N, bool)
    for one in found.series:
        chosen = keep & np.array([value == one.value for value in groups])
        assert np.array_equal(one.counts, np.histogram(valid_redshifts(Z[chosen]), 20, (0, 3))[0])
    assert np.array_equal(sum(one.counts for one in found.series), found.whole.counts)
    assert _adds_up(found.whole.tally)


@pytest.mark.parametrize("split", ["id", "absent"])
def test_a_column_that_cannot_split_is_refused(table: Any, split: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        split_histogram(table, REDSHIFT, BinRequest(5), split, None)
    assert refused.value.field == "split"


@pytest.mark.parametrize("cut", [None, CUT])
def test_a_map_is_that_of_numpy(table: Any, cut: str | None) -> None:
    keep = (KEEP if cut else np.ones(N, bool)) & ~np.isnan(MAG) & np.isin(Z, valid_redshifts(Z).astype(Z.dtype))
    found = asked_density(table, (MAGNITUDE, REDSHIFT), 50, [(None, None)] * 2, bound_cut(table, ROLES, cut))
    x, y = MAG[keep], Z[keep].astype(float)
    counts, x_edges, y_edges = np.histogram2d(x, y, 50)
    assert np.array_equal(found.x_edges, x_edges)
    assert np.array_equal(found.y_edges, y_edges)
    assert np.array_equal(found.counts, counts.T)
    assert found.tally.n_shown == keep.sum()
    assert _adds_up(found.tally)


def test_a_map_has_the_range_asked_for(table: Any) -> None:
    found = asked_density(table, (MAGNITUDE, REDSHIFT), 10, [(23.0, 25.0), (0.0, None)], None)
    assert (found.x_edges[0], found.x_edges[-1], found.y_edges[0]) == (23, 25, 0)
    assert found.tally.n_outside > 0
    assert _adds_up(found.tally)
    with pytest.raises(InvalidInput):
        asked_density(table, (MAGNITUDE, REDSHIFT), 1001, [(None, None)] * 2, None)


POSITIONS = Positions(Measured("RA", "ra", quantity_of("ra")), Measured("Dec", "dec", quantity_of("dec")))


@pytest.mark.parametrize("cut", [None, CUT])
def test_pixels_hold_every_position_once(table: Any, cut: str | None) -> None:
    import hpgeom

    found = sky_pixels(table, POSITIONS, 8, bound_cut(table, ROLES, cut))
    keep = (KEEP if cut else np.ones(N, bool)) & (np.arange(N) % 9 != 0)
    pixels, counts = np.unique(
        hpgeom.angle_to_pixel(8, COLUMNS["ra"][keep], COLUMNS["dec"][keep], nest=True), return_counts=True
    )
    assert np.array_equal(found.pixels, pixels)
    assert np.array_equal(found.counts, counts)
    assert found.area_deg2 == pytest.approx(pixels.size * 41252.96124941927 / 768)
    assert _adds_up(found.tally)


@pytest.mark.parametrize("nside", [0, 3, 8192, -2])
def test_only_powers_of_two_are_resolutions(table: Any, nside: int) -> None:
    with pytest.raises(InvalidInput):
        sky_pixels(table, POSITIONS, nside, None)


def test_the_resolution_fits_the_data_when_none_is_asked(table: Any) -> None:
    found = sky_pixels(table, POSITIONS, None, None)
    assert np.median(found.counts) >= 5


@pytest.mark.parametrize("in_memory", [0, 10**6])
def test_metrics_are_those_of_the_formulas(table: Any, monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr("services.statistics.binned.IN_MEMORY", in_memory)
    truth, estimate = REDSHIFT, Measured("mag", "mag", quantity_of("any"))
    report = metric_report(table, truth, estimate, bound_cut(table, ROLES, CUT))
    good = KEEP & np.isin(Z, valid_redshifts(Z).astype(Z.dtype))
    z = Z[good].astype(float)
    dz = (MAG[good] - z) / (1 + z)
    assert report.metrics is not None
    assert (report.metrics.n, report.n_dropped, report.n_cut) == (good.sum(), (KEEP & ~good).sum(), (~KEEP).sum())
    assert report.metrics.bias == pytest.approx(np.median(dz))
    assert report.metrics.sigma_nmad == pytest.approx(1.4826 * np.median(np.abs(dz - np.median(dz))))
    for one in report.bins:
        inside = dz[(z >= one.low) & (z < one.high)]
        assert one.metrics.n == inside.size >= 30
        assert one.metrics.bias == pytest.approx(np.median(inside))
        assert one.metrics.rms == pytest.approx(np.sqrt(np.mean(inside**2)))
    assert sum(np.histogram(z, np.arange(-1, 61) / 5)[0] >= 30) == len(report.bins)
    assert set(report.errors) == {"bias", "sigma_nmad", "sigma_68", "sigma_iqr", "rms", "outlier_fraction"}


def test_without_a_pair_there_are_no_metrics(table: Any) -> None:
    report = metric_report(table, REDSHIFT, MAGNITUDE, bound_cut(table, ROLES, "id < 0"))
    assert (report.metrics, dict(report.errors), report.bins, report.n_cut) == (None, {}, (), N)


def _ids(path: Path, **chosen: Any) -> list[int]:
    with CanonicalTable.open(path) as opened:
        cut = bound_cut(opened, ROLES, chosen.pop("cut", None))
    batches = list(selected(path, Selection(("id",), cut, **chosen)))
    assert all(batch.num_rows <= BATCH_ROWS for batch in batches)
    return [n for batch in batches for n in batch.column(0).to_pylist()]


@pytest.mark.parametrize("cut", [None, CUT])
@pytest.mark.parametrize(
    ("offset", "limit"), [(0, None), (0, 10), (295, 20), (3990, 100), (5000, 10), (7, 0), (310, None)]
)
def test_rows_come_in_file_order(path: Path, cut: str | None, offset: int, limit: int | None) -> None:
    expected = np.flatnonzero(KEEP) if cut else np.arange(N)
    end = None if limit is None else offset + limit
    assert _ids(path, cut=cut, offset=offset, limit=limit) == expected[offset:end].tolist()
    with CanonicalTable.open(path) as opened:
        n_matching = count_matching(opened, bound_cut(opened, ROLES, cut))
    assert n_matching == expected.size
    assert Selection((), None, (), offset, limit).n_rows(n_matching) == expected[offset:end].size


@pytest.mark.parametrize("cut", [None, CUT])
@pytest.mark.parametrize(("offset", "limit"), [(0, None), (0, 10), (50, 7), (3900, 300)])
@pytest.mark.parametrize("sort", ["z", "-z"])
def test_sorted_rows_are_sorted_whole_or_from_the_top(
    path: Path, cut: str | None, offset: int, limit: int | None, sort: str
) -> None:
    sign = -1 if sort.startswith("-") else 1
    wide = Z.astype(float)
    rows = np.flatnonzero(KEEP) if cut else np.arange(N)
    expected = sorted(
        rows.tolist(),
        key=lambda k: (np.isnan(wide[k]), sign * np.nan_to_num(wide[k], posinf=np.inf, neginf=-np.inf), k),
    )
    end = None if limit is None else offset + limit
    assert _ids(path, cut=cut, sort=(sort,), offset=offset, limit=limit) == expected[offset:end]


def test_sorted_rows_keep_their_types(path: Path) -> None:
    names = ("flag", "grade", "survey", "id")
    for limit in (None, 5):
        (first, *_) = selected(path, Selection(names, None, ("-id",), 0, limit))
        with CanonicalTable.open(path) as opened:
            assert [field.type for field in first.schema] == [opened.schema.field(name).type for name in names]
        assert first.column(3)[0].as_py() == N - 1


@pytest.mark.parametrize("sort", [(), ("id",)])
def test_batches_of_wide_rows_are_short(tmp_path: Path, sort: tuple[str, ...]) -> None:
    n_rows, size = 3000, 1000
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(n_rows * size, dtype=np.float64)), size)
    path = canonical_path(tmp_path, {"id": np.arange(n_rows), "pdf": vectors})
    batches = list(selected(path, Selection(("pdf", "id"), None, sort)))
    assert max(batch.nbytes for batch in batches) <= 1.1 * BATCH_BYTES
    assert [n for batch in batches for n in batch.column(1).to_pylist()] == list(range(n_rows))
    assert batches[-1].column(0)[-1].as_py()[-1] == n_rows * size - 1


ends = st.one_of(st.none(), st.floats(), st.sampled_from([1e300, -1e300, 5e-324, 1e308, -1e308, 12.0, 11.99]))


@given(
    count=st.one_of(st.none(), st.integers(-2, 400)),
    width=st.one_of(st.none(), st.floats(), st.sampled_from([5e-324, 1e-300, 0.1, 1e300])),
    low=ends,
    high=ends,
    name=st.sampled_from(["z", "id", "extreme", "tiny", "empty"]),
)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bins_are_rising_edges_or_a_refusal(
    odd: CanonicalTable, count: int | None, width: float | None, low: float | None, high: float | None, name: str
) -> None:
    try:
        found = asked_histogram(odd, Measured(name, name), BinRequest(count, width, low, high), None)
    except InvalidInput as error:
        assert error.field in {"bins", "width", "min"}  # noqa: PT017 - either way is right
        return
    assert np.isfinite(found.edges).all()
    assert (np.diff(found.edges) > 0).all()
    values = np.concatenate(list(odd.chunks(name))).astype(float)
    assert np.array_equal(found.counts, np.histogram(values[np.isfinite(values)], found.edges)[0])


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Any:
    columns = {
        "z": np.array([0.1, 0.2, 0.3, 12.0]),
        "id": np.arange(4) + 2**60,
        "extreme": np.array([-1.7e308, 1.7e308, 0.0, np.inf]),
        "tiny": np.array([5e-324, 1e-323, 0.0, 1e-310]),
        "empty": np.full(4, np.nan),
    }
    with CanonicalTable.open(canonical_path(tmp_path_factory.mktemp("odd"), columns)) as opened:
        yield opened
