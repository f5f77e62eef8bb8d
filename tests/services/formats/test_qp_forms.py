"""Ensembles that qp itself writes, against what qp itself says of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import qp
from numpy.typing import NDArray
from qp.parameterizations.packed_interp.packing_utils import PackingType, pack_array
from qp.parameterizations.sparse_interp.sparse_rep import build_sparse_representation
from scipy import stats

from services.formats.qp_forms import found_pdfs
from services.models.tables import TableInfo
from tests.support.table_samples import opened, read_whole

FloatArray = NDArray[np.float64]
RNG = np.random.default_rng(11)
N = 30
MEANS, STDS = RNG.uniform(0.4, 2.4, (N, 1)), RNG.uniform(0.05, 0.2, (N, 1))
POINTS = np.linspace(0, 3, 121)
HEIGHTS = stats.norm(MEANS, STDS).pdf(POINTS)


def _read(ensemble: Any, path: Path, redshifts: FloatArray = MEANS[:, 0]) -> tuple[TableInfo, FloatArray, FloatArray]:
    """What the portal says of the table, its grid, and the PDFs it writes out."""
    ensemble.set_ancil({"redshift": redshifts})
    ensemble.write_to(str(path))
    with opened(path) as reader:
        info = reader.info
    return info, np.array(info.grid), np.array(read_whole(path, ("pdf",)).column(0).to_pylist())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ensemble.hdf5"


def _splines() -> Any:
    knots = qp.spline.build_normed_splines(np.tile(POINTS, (N, 1)), HEIGHTS)
    return qp.Ensemble(qp.spline, dict(zip(("splx", "sply", "spln"), knots, strict=True)))


def _mixtures() -> Any:
    shape = (N, 3)
    data = {"means": RNG.uniform(0.3, 2.5, shape), "stds": RNG.uniform(1e-3, 0.2, shape)}
    return qp.Ensemble(qp.mixmod, {**data, "weights": RNG.uniform(0.1, 1, shape)})


HISTOGRAMS = {
    "norm": lambda: qp.Ensemble(qp.stats.norm, {"loc": MEANS, "scale": STDS}),
    "narrow": lambda: qp.Ensemble(qp.stats.norm, {"loc": MEANS, "scale": np.full((N, 1), 1e-5)}),
    "lognorm": lambda: qp.Ensemble(qp.stats.lognorm, {"s": STDS, "scale": MEANS}),
    "beta": lambda: qp.Ensemble(qp.stats.beta, {"a": 3 + MEANS, "b": 6 * MEANS, "loc": MEANS, "scale": STDS}),
    "t": lambda: qp.Ensemble(qp.stats.t, {"df": np.full((N, 1), 3.0), "loc": MEANS, "scale": STDS / 10}),
    "mixmod": _mixtures,
    "spline": _splines,
}


@pytest.mark.parametrize("name", HISTOGRAMS)
def test_masses_are_differences_of_the_distribution_function_of_qp(path: Path, name: str) -> None:
    ensemble = HISTOGRAMS[name]()
    info, grid, pdfs = _read(ensemble, path)
    cdf = ensemble.cdf(grid)
    if name == "beta":  # qp has no answer beyond the ends of such a distribution
        cdf = stats.beta(3 + MEANS, 6 * MEANS, MEANS, STDS).cdf(grid)
    assert info.pdf_form == "histogram"
    np.testing.assert_allclose(pdfs * np.diff(grid), np.diff(cdf, axis=1), atol=1e-6)
    assert f"column pdf holds them in {pdfs.shape[1]} bins" in info.warnings[0]
    assert 400 <= pdfs.shape[1] <= 2000
    assert ("narrower than a bin" in info.warnings[0]) == (name == "narrow")
    np.testing.assert_allclose((cdf[:, -1] - cdf[:, 0]).min(), 1, atol=2e-3)


def _cde(pdfs: FloatArray, grid: FloatArray, z_spec: FloatArray) -> float:
    """CDE loss of densities between the points of a grid."""
    cells = np.searchsorted(grid, z_spec, side="right") - 1
    return float((pdfs**2 @ np.diff(grid)).mean() - 2 * pdfs[np.arange(len(pdfs)), cells].mean())


ALL_NARROW, ONE_WIDE = np.full((2000, 1), 0.02), np.where(np.arange(2000) == 700, 3.0, 0.02)[:, None]


@pytest.mark.parametrize(
    ("kind", "stds"),
    [("norm", ONE_WIDE), ("mixmod", ONE_WIDE), ("cauchy", ALL_NARROW)],
    ids=["norm", "mixmod", "cauchy"],
)
def test_bins_are_fine_enough_for_narrow_pdfs_beside_wide_ones(path: Path, kind: str, stds: FloatArray) -> None:
    rng = np.random.default_rng(3)
    means, levels = rng.uniform(0.2, 2.0, (2000, 1)), rng.permutation((np.arange(2000) + 0.5) / 2000)
    if kind == "mixmod":
        ensemble = qp.Ensemble(qp.mixmod, {"means": means, "stds": stds, "weights": np.ones_like(means)})
    else:
        ensemble = qp.Ensemble(getattr(qp.stats, kind), {"loc": means, "scale": stds})
    _, grid, pdfs = _read(ensemble, path, means[:, 0])
    family = stats.cauchy if kind == "cauchy" else stats.norm
    truth = family(means[:, 0], stds[:, 0])
    z_spec = np.clip(truth.ppf(levels), grid[0], grid[-1] - 1e-9)
    squares = 1 / ((2 * np.pi if kind == "cauchy" else 2 * np.sqrt(np.pi)) * stds)
    assert _cde(pdfs, grid, z_spec) == pytest.approx(squares.mean() - 2 * truth.pdf(z_spec).mean(), rel=0.02)
    masses = np.cumsum(pdfs * np.diff(grid), axis=1)
    pits = [np.interp(z, grid[1:], mass / mass[-1]) for z, mass in zip(z_spec, masses, strict=True)]
    assert stats.kstest(pits, "uniform").statistic < 0.01


def test_every_object_on_its_own_grid(path: Path) -> None:
    points = np.sort(np.concatenate([np.zeros((N, 1)), RNG.uniform(0, 3, (N, 98)), np.full((N, 1), 3.0)], axis=1))
    heights = stats.norm(MEANS, STDS).pdf(points)
    ensemble = qp.Ensemble(qp.interp_irregular, {"xvals": points, "yvals": heights})
    _, grid, pdfs = _read(ensemble, path)
    for row in range(N):
        fine = np.union1d(np.linspace(0, 3, 6001), points[row])
        density = np.interp(fine, points[row], heights[row])
        sums = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(fine))])
        truth = np.interp(grid, fine, sums / sums[-1])
        np.testing.assert_allclose(pdfs[row] * np.diff(grid), np.diff(truth), atol=1e-5)
        # the same density as that of qp, but for its norm, which qp takes from the right end of every cell
        ours, theirs = np.interp(2.0, (grid[1:] + grid[:-1]) / 2, pdfs[row]), ensemble.pdf(2.0).reshape(-1)[row]
        assert ours == pytest.approx(theirs, rel=0.3, abs=0.02)


def test_densities_packed_into_bytes(path: Path) -> None:
    for kind in PackingType:
        packed, peaks = pack_array(kind, HEIGHTS)
        data = {"xvals": POINTS, "ypacked": packed, "ymax": peaks, "packing_type": kind}
        ensemble = qp.Ensemble(qp.packed_interp, data)
        info, grid, pdfs = _read(ensemble, path)
        assert info.pdf_form == "densities"
        np.testing.assert_array_equal(grid, POINTS)
        np.testing.assert_allclose(pdfs, ensemble.pdf(POINTS), rtol=1e-6, atol=1e-12)
        path.unlink()


def test_sums_of_a_few_of_many_functions(path: Path) -> None:
    options = {"Nmu": 40, "sig": [0.02, 0.2], "Nsig": 6, "Nv": 2, "Nsparse": 8, "verbose": False}
    indices, meta, _ = build_sparse_representation(POINTS, HEIGHTS.copy(), **options)
    data = {name: np.asarray(meta[name]) for name in ("xvals", "mu", "sig", "dims")}
    ensemble = qp.Ensemble(qp.sparse, {**data, "sparse_indices": indices, "warn": False})
    info, grid, pdfs = _read(ensemble, path)
    assert info.pdf_form == "densities"
    np.testing.assert_array_equal(grid, POINTS)
    np.testing.assert_allclose(pdfs, ensemble.pdf(POINTS), rtol=1e-5, atol=1e-6)


def test_kinds_that_lie_as_vectors_keep_their_columns(path: Path) -> None:
    levels = POINTS[1:120] / 3
    made = {
        "yvals": qp.Ensemble(qp.interp, {"xvals": POINTS, "yvals": HEIGHTS}),
        "pdfs": qp.Ensemble(qp.hist, {"bins": POINTS, "pdfs": HEIGHTS[:, 1:]}),
        "locs": qp.Ensemble(qp.quant, {"quants": levels, "locs": MEANS + STDS * stats.norm.ppf(levels)}),
    }
    for name, ensemble in made.items():
        ensemble.write_to(str(path))
        with opened(path) as reader:
            assert name in {column.name for column in reader.info.columns}
            assert reader.info.grid
        path.unlink()


def test_gaussians_without_weight_fill_a_place(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["meta/pdf_name"] = np.array([b"mixmod"])
        file["data/means"], file["data/stds"] = np.array([[0.5, 0.0], [1.0, 1.5]]), np.array([[0.1, 0.0], [0.1, 0.1]])
        file["data/weights"] = np.array([[1.0, 0.0], [0.5, 0.5]])
    with opened(path) as reader:
        widths = np.diff(reader.info.grid)
    pdfs = np.array(read_whole(path, ("pdf",)).column(0).to_pylist())
    np.testing.assert_allclose(pdfs @ widths, 1, atol=1e-5)


BROKEN: dict[str, dict[str, NDArray[Any]]] = {
    "spline": {
        "splx": np.tile([3.0, 2, 1, 0, 0, 0, 0, 0], (3, 1)),
        "sply": np.ones((3, 8)),
        "spln": np.full((3, 1), 3),
    },
    "interp_irregular": {"xvals": np.tile([0.0, 2, 1, 3], (3, 1)), "yvals": np.ones((3, 4))},
    "norm": {"loc": np.ones((3, 1)), "scale": np.array([[0.1], [-1], [np.nan]])},
}


@pytest.mark.parametrize("kind", BROKEN)
def test_rows_without_sense_have_no_pdf_and_stop_nothing(path: Path, kind: str) -> None:
    with h5py.File(path, "w") as file:
        file["meta/pdf_name"] = np.array([kind.encode()])
        for name, values in BROKEN[kind].items():
            file[f"data/{name}"] = values
    with opened(path) as reader:
        has_pdfs = bool(reader.info.grid)
    if has_pdfs:
        pdfs = np.array(read_whole(path, ("pdf",)).column(0).to_pylist())
        assert np.isnan(pdfs[1:]).all()


@pytest.mark.parametrize("kind", [b"gausshyper", b"__class__", b"rv_continuous", b"norm_gen", b"nonsense", b"a b", b""])
def test_kinds_nobody_knows_keep_their_columns(path: Path, kind: bytes) -> None:
    with h5py.File(path, "w") as file:
        file["meta/pdf_name"] = np.array([kind])
        file["data/loc"], file["data/scale"] = np.ones((4, 1)), np.ones((4, 1))
    with opened(path) as reader:
        assert {column.name for column in reader.info.columns} == {"loc", "scale"}
        assert reader.info.grid == ()
        assert "have no plots" in reader.info.warnings[0]


def test_parameters_of_another_shape_are_not_given_to_qp(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["meta/pdf_name"] = np.array([b"norm"])
        file["data/loc"], file["data/scale"], file["data/more"] = np.ones(4), np.ones(4), np.ones(4)
    with opened(path) as reader:
        assert reader.info.grid == ()


def _packed(**more: Any) -> dict[str, Any]:
    packed, peaks = pack_array(PackingType.linear_from_rowmax, HEIGHTS)
    made = {"meta/xvals": POINTS, "meta/packing_type": [0], "data/ypacked": packed, "data/ymax": peaks}
    return made | more


def _sparse(dims: list[float]) -> dict[str, Any]:
    meta = {"meta/xvals": POINTS, "meta/mu": [0.0, 3.0], "meta/sig": [0.02, 0.2], "meta/dims": dims}
    return meta | {"data/sparse_indices": np.ones((N, 8), np.int64)}


ODD: dict[str, tuple[str, dict[str, Any]]] = {
    "no such packing": ("packed_interp", _packed(**{"meta/packing_type": [7]})),
    "packing that is no number": ("packed_interp", _packed(**{"meta/packing_type": [np.nan]})),
    "three peaks": ("packed_interp", _packed(**{"data/ymax": np.ones((N, 3))})),
    "three Gaussians": ("norm", {"data/loc": np.ones((N, 3)), "data/scale": np.ones((N, 3))}),
    "no order": (
        "spline",
        {"data/splx": np.tile(np.arange(8.0), (N, 1)), "data/sply": np.ones((N, 8)), "data/spln": np.ones((N, 0))},
    ),
    "negative dims": ("sparse", _sparse([-40, -6, 2, 121])),
    "odd dims": ("sparse", _sparse([1, 1, 1.5, 7])),
    "too many": ("mixmod", {f"data/{name}": np.ones((N, 301)) for name in ("means", "stds", "weights")}),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_parameters_leave_the_columns_without_pdfs(path: Path, name: str) -> None:
    kind, data = ODD[name]
    with h5py.File(path, "w") as file:
        file["meta/pdf_name"], file["ancil/redshift"] = np.array([kind.encode()]), MEANS[:, 0]
        for place, values in data.items():
            file[place] = values
    with opened(path) as reader:
        assert reader.info.grid == ()
        assert "have no plots" in reader.info.warnings[0]
    np.testing.assert_array_equal(read_whole(path, ("redshift",)).column(0), MEANS[:, 0])


def test_memory_counts_what_is_read_and_what_is_written(path: Path) -> None:
    points = np.tile(np.linspace(0, 3, 5000), (N, 1))
    with h5py.File(path, "w") as file:
        file["data/xvals"], file["data/yvals"] = points, np.ones_like(points)
        found = found_pdfs("interp_irregular", {}, file["data"], N)
        assert found is not None
        assert found.laid_out > 20_000


def test_qp_is_imported_by_nobody_who_does_not_need_it(path: Path) -> None:
    _mixtures().write_to(str(path))
    code = (
        "import sys; from pathlib import Path; from services.formats.registry import open_table\n"
        f"with open_table(Path({str(path)!r}), 'm.hdf5') as reader: assert reader.info.grid\n"
        "assert not {'qp', 'tables', 'tables_io', 'httpx', 'blosc2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    HISTOGRAMS["norm"]().write_to(str(path.with_name("norm.hdf5")))
    code = code.replace("ensemble.hdf5", "norm.hdf5").replace("{'qp', 'tables', 'tables_io', ", "{'tables', ")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
