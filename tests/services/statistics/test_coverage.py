"""Coverage of a target by a training set, on samples whose answer is known, and on the reference files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from services.errors import InvalidInput
from services.models.coverage import CoverageReport
from services.models.roles import BandColumn, RoleMap
from services.statistics import photometric_samples
from services.statistics.coverage import coverage_report, lima_weights, weighted_density
from services.statistics.photometric_samples import (
    LIMIT_MAG,
    PhotometricSample,
    base_band,
    detected_in,
    drawn_sample,
    feature_names,
    features,
    shared_bands,
)
from services.statistics.som import nearest_cells, trained_map
from tests.services.statistics.tables import canonical_table
from tests.services.statistics.test_reference_files import ANSWERS, canonical, column_named

TRAINING, TARGET = "test_dc2_training_9816.hdf5", "dc2_knn_pdf_validation.hdf5"
WITH_COVERAGE = [name for name in (TARGET,) if "coverage_vs_training" in ANSWERS.get(name, {})]
BANDS = ("g", "r", "i")


def _roles(bands: tuple[str, ...] = BANDS, **roles: str) -> RoleMap:
    return RoleMap(roles, bands=tuple(BandColumn(band, f"mag_{band}", None, "mag") for band in bands))


def _columns(n: int, seed: int, *, faint: float = 25.0, red: float = 0.0) -> dict[str, np.ndarray]:
    """Galaxies whose colours follow their redshift."""
    rng = np.random.default_rng(seed)
    z = rng.gamma(3, 0.25, n)
    i = faint - rng.exponential(1, n)
    r = i + 0.3 + 0.4 * z + red + rng.normal(0, 0.05, n)
    g = r + 0.4 + 0.3 * np.sin(2 * z) + rng.normal(0, 0.05, n)
    return {"mag_g": g, "mag_r": r, "mag_i": i, "z": z}


def _sample(folder: Path, columns: dict[str, np.ndarray], *, needs_z: bool = True) -> PhotometricSample:
    folder.mkdir()
    with canonical_table(folder, columns) as table:
        return drawn_sample(table, _roles(redshift="z"), BANDS, needs_z=needs_z)


@pytest.fixture
def train(tmp_path: Path) -> PhotometricSample:
    return _sample(tmp_path / "train", _columns(3000, 1))


def _against(train: PhotometricSample, target: PhotometricSample) -> CoverageReport:
    return coverage_report(train, target, BANDS, "i")


def test_one_population_is_covered_to_95_percent(train: PhotometricSample, tmp_path: Path) -> None:
    found = _against(train, _sample(tmp_path / "same", _columns(3000, 2)))
    assert found.neighbours.covered == pytest.approx(0.95, abs=0.015)
    assert found.redshifts.effective_n > 0.8 * found.redshifts.n
    assert not found.redshifts.is_poor
    assert found.som.uncovered_fraction < 0.03
    assert found.features == ("i", "g - r", "r - i")


def test_distances_equal_a_direct_computation(train: PhotometricSample, tmp_path: Path) -> None:
    target = _sample(tmp_path / "target", _columns(400, 2, faint=26))
    found = _against(train, target).neighbours
    raw = [np.column_stack([one.mags[:, 2], -np.diff(one.mags, axis=1)]) for one in (train, target)]
    points, wanted = ((one - raw[0].mean(axis=0)) / raw[0].std(axis=0) for one in raw)
    own = cdist(points, points)
    np.fill_diagonal(own, np.inf)
    assert found.d_ref == pytest.approx(np.quantile(own.min(axis=1), 0.95))
    nearest = cdist(wanted, points).min(axis=1)
    assert found.covered == pytest.approx(np.mean(nearest <= found.d_ref))
    assert found.median_target == pytest.approx(np.median(nearest))
    assert found.train.sum() == 3000
    assert found.target.sum() == 400


def test_a_population_the_training_set_lacks_is_not_covered(train: PhotometricSample, tmp_path: Path) -> None:
    both = _columns(1500, 3), _columns(500, 4, red=3.0)
    mixed = {name: np.concatenate([one[name] for one in both]) for name in both[0]}
    found = _against(train, _sample(tmp_path / "mixed", mixed))
    assert found.neighbours.covered == pytest.approx(0.75 * 0.95, abs=0.03)
    assert found.som.uncovered_fraction == pytest.approx(0.25, abs=0.05)
    assert found.som.n_uncovered > 20
    assert found.map.covered.sum() < found.map.target.sum()


def test_weights_bring_the_training_set_to_the_target(tmp_path: Path) -> None:
    broad, narrow = _columns(6000, 5), _columns(6000, 6)
    kept = np.random.default_rng(1).random(6000) < np.exp(-((narrow["z"] - 1.2) ** 2) / 0.1)
    narrow = {name: values[kept] for name, values in narrow.items()}
    train, target = _sample(tmp_path / "a", broad), _sample(tmp_path / "b", narrow)
    found = _against(train, target).redshifts
    middles = (found.edges[:-1] + found.edges[1:]) / 2
    means = [np.average(middles, weights=np.nan_to_num(one.values)) for one in (found.plain, found.weighted)]
    true = narrow["z"].mean()
    assert abs(means[1] - true) < 0.3 * abs(means[0] - true)
    assert found.effective_n < 0.6 * found.n
    assert found.target is not None


def test_weights_equal_their_formula() -> None:
    rng = np.random.default_rng(3)
    points, target = rng.normal(size=(300, 2)), rng.normal(0.5, 1, size=(200, 2))
    reach = np.sort(cdist(points, points), axis=1)[:, 5]
    inside = (cdist(points, target) <= reach[:, None]).sum(axis=1)
    assert lima_weights(cKDTree(points), points, target, k=5) == pytest.approx(inside / 5 * 300 / 200)


def test_weighted_densities_have_the_area_one() -> None:
    edges = np.linspace(0, 2, 5)
    found = weighted_density(np.array([0.1, 0.2, 1.9]), np.array([1.0, 3.0, 2.0]), edges)
    assert np.nansum(found.values) * 0.5 == pytest.approx(1)
    assert found.err_high[0] == pytest.approx(np.sqrt(10) / 3)
    assert np.isnan(found.values[1])


def test_what_is_not_detected_stands_at_the_limit_and_what_is_not_observed_is_left_out(tmp_path: Path) -> None:
    columns = _columns(10, 1)
    columns["mag_g"][:5] = [99, np.nan, np.inf, -99, 31]
    columns["mag_i"][5], columns["z"][6] = 99, np.nan
    with_z = _sample(tmp_path / "z", columns)
    assert with_z.tally.n_drawn == 10
    assert with_z.tally.n_used == 8
    assert with_z.mags[:4, 0].tolist() == [LIMIT_MAG] * 4
    assert with_z.tally.n_not_detected == 5
    there = detected_in(with_z, 2)
    assert (there.tally.n_used, there.tally.n_not_detected) == (7, 4)
    assert _sample(tmp_path / "all", columns, needs_z=False).tally.n_used == 9


def test_samples_are_seeded_and_spread_over_all_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = _columns(5000, 1) | {"mag_i": np.linspace(18, 28, 5000)}
    with canonical_table(tmp_path, columns) as table:
        drawn = [drawn_sample(table, _roles(redshift="z"), BANDS, needs_z=True, size=600) for _ in range(2)]
    assert np.array_equal(drawn[0].mags, drawn[1].mags)
    assert (drawn[0].tally.n_total, drawn[0].tally.n_drawn) == (5000, 600)
    assert np.histogram(drawn[0].mags[:, 2], 10, (18, 28))[0] == pytest.approx(60, abs=30)


def test_bands_meet_by_their_names_and_i_comes_first() -> None:
    assert shared_bands(_roles(("u", "g", "i")), _roles(("g", "i", "y"))) == ("g", "i")
    assert base_band(("g", "i", "y"), np.full((9, 3), 20.0)) == "i"
    assert base_band(("g", "r"), np.array([[22.0, 24.0], [23.0, LIMIT_MAG]])) == "r"
    assert feature_names(("g", "r", "z"), "r") == ("r", "g - r", "r - z")
    assert features(np.array([[3.0, 2.0, 1.5]]), ("g", "r", "z"), "r").tolist() == [[2.0, 1.0, 0.5]]


def test_too_few_objects_are_refused(train: PhotometricSample, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Only 40 rows of the target"):
        _against(train, _sample(tmp_path / "few", _columns(40, 2)))


def test_a_map_is_the_same_each_time_and_keeps_neighbours_together() -> None:
    points = np.random.default_rng(2).normal(size=(1500, 4))
    cells = trained_map(points, 8)
    assert np.array_equal(cells, trained_map(points, 8))
    nearest = nearest_cells(points, cells)
    assert np.array_equal(nearest, cdist(points, cells).argmin(axis=1))
    assert np.unique(nearest).size > 50
    grid = cells.reshape(8, 8, 4)
    beside = np.linalg.norm(np.diff(grid, axis=0), axis=-1).mean()
    assert beside < 0.5 * cdist(cells, cells).mean()


def test_scatter_per_cell_is_that_of_its_training_objects(train: PhotometricSample) -> None:
    som = _against(train, train).som
    assert som.train.sum() == som.target.sum() == 3000
    assert som.n_uncovered == 0
    assert som.median_sigma_z is not None
    assert som.median_sigma_z < 0.5 * train.z_spec.std()
    assert som.mean_offset is None


@pytest.mark.parametrize("name", WITH_COVERAGE)
def test_coverage_equals_the_reference(tmp_path: Path, name: str) -> None:
    answer = ANSWERS[name]["coverage_vs_training"]
    samples = []
    for place, file in enumerate((TRAINING, name)):
        (tmp_path / str(place)).mkdir()
        with canonical(tmp_path / str(place), file) as table:
            bands = tuple("ugrizy")
            found = tuple(BandColumn(b, column_named(table, f"mag_{b}_lsst"), None, "mag") for b in bands)
            roles = RoleMap({"redshift": column_named(table, "redshift")}, bands=found)
            samples.append(drawn_sample(table, roles, bands, needs_z=place == 0))
    near = coverage_report(samples[0], samples[1], bands, "i").neighbours
    assert [one.tally.n_used for one in samples] == [answer["n_train"], answer["n_target"]]
    assert near.d_ref == pytest.approx(answer["d_ref_95pct_leave_one_out"], rel=1e-4)
    assert near.median_target == pytest.approx(answer["median_nn_distance_target"], rel=1e-4)
    assert near.covered == answer["fraction_target_covered"]
    assert answer["n_train"] < photometric_samples.SAMPLE
