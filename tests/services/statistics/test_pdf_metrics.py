"""Metrics of PDFs equal those of the formulas, object by object on a finer grid, and the reference's where it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from services.models.measures import PdfMetrics
from services.models.roles import RoleMap
from services.statistics import canonical_writer
from services.statistics.canonical import CanonicalTable
from services.statistics.canonical_writer import write_canonical
from services.statistics.cuts import bound_cut
from services.statistics.measured import Measured
from services.statistics.pdf_forms import FORMS
from services.statistics.pdf_grid import grid_of
from services.statistics.pdf_metrics import role_pdf_metrics, scores_of
from services.statistics.pit import pit_statistics
from services.statistics.validity import quantity_of
from tests.services.statistics.tables import ArrayReader
from tests.services.statistics.test_reference_files import ANSWERS, canonical

Array = NDArray[np.float64]
TRUTH = Measured("z", "z", quantity_of("redshift"))
ROLES = RoleMap({"redshift": "z", "pdf": "pdf"})
WITH_PDFS = [name for name, answer in ANSWERS.items() if "pdf_metrics" in answer]
N = 700
EVEN = np.linspace(0, 3, 61)
UNEVEN = np.concatenate([np.linspace(0, 1, 41), np.linspace(1.1, 3, 20)])


def _sample(grid: Array) -> tuple[Array, Array]:
    """True redshifts and PDFs with every trap; one half is too narrow, none integrates to one."""
    random = np.random.default_rng(5)
    z = random.uniform(0.05, 2.6, N).round(3)
    centre = z + random.normal(0, 0.1, N)
    width = np.where(np.arange(N) % 2, 0.05, 0.2)
    pdfs = random.uniform(0.5, 9, N)[:, None] * np.exp(-0.5 * ((grid - centre[:, None]) / width[:, None]) ** 2)
    pdfs[3] = 0
    pdfs[4, 7] = np.nan
    pdfs[5, 7] = np.inf
    pdfs[6, 2] = -0.4
    pdfs[8] = np.nan
    z[[10, 11, 12, 13]] = [-99, np.nan, 3.7, -0.02]
    z[[14, 15, 16]] = grid[[0, 5, -1]]
    return z, pdfs


def _table(folder: Path, grid: Array, columns: dict[str, Any], pdfs: NDArray[Any], kind: Any = None) -> CanonicalTable:
    kind = kind or pa.float64()
    flat = pa.array(pdfs.reshape(-1), kind)
    reader = ArrayReader({**columns, "pdf": pa.FixedSizeListArray.from_arrays(flat, pdfs.shape[1])}, 100)
    reader.info = replace(reader.info, grid=tuple(grid.tolist()))
    write_canonical(reader, folder / "t.parquet")
    return CanonicalTable.open(folder / "t.parquet")


def _one(grid: Array, pdf: Array, z: float) -> tuple[float, float, float] | None:
    """PIT, CDE term and CRPS of one object by the words of the convention; None when it has no PDF."""
    total = np.trapezoid(np.maximum(pdf, 0), grid)
    if not np.isfinite(total) or total <= 0:
        return None
    p = np.maximum(pdf, 0) / total
    cdf = np.concatenate([[0], np.cumsum((p[1:] + p[:-1]) / 2 * np.diff(grid))])
    fine = np.concatenate([grid[:-1, None] + np.diff(grid)[:, None] * np.arange(10) / 10]).reshape(-1)
    fine = np.append(fine, grid[-1])
    crps = np.trapezoid((np.interp(fine, grid, cdf) - (fine >= z)) ** 2, fine)
    crps += max(grid[0] - z, 0) + max(z - grid[-1], 0)
    return (
        float(np.interp(z, grid, cdf)),
        float(np.trapezoid(p * p, grid) - 2 * np.interp(z, grid, p, left=0, right=0)),
        float(crps),
    )


def _by_hand(grid: Array, z: Array, pdfs: Array) -> tuple[Array, Array, Array]:
    found = [one for x, pdf in zip(z, pdfs, strict=True) if (one := _one(grid, pdf, x))]
    pit, cde, crps = np.array(found).T
    return pit, cde, crps


def _assert_equal(found: PdfMetrics, pit: Array, cde: Array, crps: Array) -> None:
    ordered, n = np.sort(pit), pit.size
    assert found.n == n
    assert found.cde_loss == pytest.approx(cde.mean())
    assert found.crps == pytest.approx(crps.mean(), rel=1e-3)
    assert found.errors["crps"] == pytest.approx(crps.std() / np.sqrt(n), rel=1e-2)
    assert found.errors["cde_loss"] == pytest.approx(cde.std() / np.sqrt(n))
    assert found.pit.mean == pytest.approx(pit.mean())
    assert found.pit.std == pytest.approx(pit.std())
    steps = np.arange(n + 1) / n
    assert found.pit.ks == pytest.approx(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))
    assert found.pit.counts.tolist() == np.histogram(pit, found.pit.edges)[0].tolist()
    assert found.pit.quantiles == pytest.approx(np.quantile(pit, found.pit.levels), abs=1e-12)
    assert found.pit.outlier_fraction == pytest.approx(np.mean((pit < 1e-4) | (pit > 0.9999)))


@pytest.mark.parametrize("grid", [EVEN, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize("group_rows", [150, 10_000])
@pytest.mark.parametrize("in_memory", [0, 10**6])
def test_metrics_are_those_of_the_formulas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grid: Array, group_rows: int, in_memory: int
) -> None:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", group_rows)
    monkeypatch.setattr("services.statistics.pdf_metrics.BLOCK_VALUES", 4000)
    monkeypatch.setattr("services.statistics.binned.IN_MEMORY", in_memory)
    z, pdfs = _sample(grid)
    valid = np.isfinite(z) & (z > -0.05)
    with _table(tmp_path, grid, {"z": z}, pdfs) as table:
        found = role_pdf_metrics(table, ROLES, TRUTH, None)
    assert found is not None
    _assert_equal(found, *_by_hand(grid, z[valid], pdfs[valid]))
    assert found.n_dropped == N - found.n == 6
    assert np.trapezoid(found.stacked, found.grid) == pytest.approx(1)


def test_only_rows_that_pass_the_cut_count(tmp_path: Path) -> None:
    z, pdfs = _sample(EVEN)
    mag = np.random.default_rng(1).normal(24, 1, N)
    with _table(tmp_path, EVEN, {"z": z, "mag": mag}, pdfs) as table:
        found = role_pdf_metrics(table, RoleMap({"pdf": "pdf"}), TRUTH, bound_cut(table, ROLES, "mag < 24"))
        nothing = role_pdf_metrics(table, RoleMap({"pdf": "pdf"}), TRUTH, bound_cut(table, ROLES, "mag > 90"))
    keep = (mag < 24) & np.isfinite(z) & (z > -0.05)
    assert found is not None
    _assert_equal(found, *_by_hand(EVEN, z[keep], pdfs[keep]))
    assert nothing is None


def test_four_byte_densities_are_summed_as_doubles(tmp_path: Path) -> None:
    z, pdfs = _sample(EVEN)
    short = pdfs.astype(np.float32)
    with _table(tmp_path, EVEN, {"z": z}, short, pa.float32()) as table:
        found = role_pdf_metrics(table, RoleMap({"pdf": "pdf"}), TRUTH, None)
    valid = np.isfinite(z) & (z > -0.05)
    assert found is not None
    _assert_equal(found, *_by_hand(EVEN, z[valid], short[valid].astype(np.float64)))


@pytest.mark.parametrize(
    "grid",
    [np.empty(0), EVEN[::-1], EVEN[:-1], np.where(EVEN == 1, np.nan, EVEN)],
    ids=["none", "down", "short", "nan"],
)
def test_without_a_grid_that_fits_there_are_none(tmp_path: Path, grid: Array) -> None:
    z, pdfs = _sample(EVEN)
    with _table(tmp_path, grid, {"z": z}, pdfs) as table:
        assert role_pdf_metrics(table, RoleMap({"pdf": "pdf"}), TRUTH, None) is None
        assert role_pdf_metrics(table, RoleMap({"redshift": "z"}), TRUTH, None) is None


def test_the_grid_stays_with_the_table(tmp_path: Path) -> None:
    grid = np.array([0.1, 0.30000000000000004, 1 / 3, 7.0])
    with _table(tmp_path, grid, {"z": np.zeros(3)}, np.ones((3, 4))) as table:
        assert grid_of(table.schema).tolist() == grid.tolist()
    assert grid_of(pq.read_schema(tmp_path / "t.parquet")).tolist() == grid.tolist()


def test_a_step_at_the_truth_scores_what_it_should() -> None:
    """A PDF of one value between 1 and 2: F(z) = z - 1, so everything can be done on paper."""
    grid = np.array([1.0, 1.5, 2.0])
    curves, good = FORMS["densities"].curves(np.array([[3.0, 3, 3], [0, 0, 0], [2, 2, 2], [1, 1, 1]]), grid)
    assert good.tolist() == [True, False, True, True]
    scores = scores_of(curves, np.array([1.5, 0.5, 2.25]))
    assert scores.pit.tolist() == [0.5, 0, 1]
    assert scores.cde.tolist() == [-1, 1, 1]
    assert scores.crps == pytest.approx([1 / 12, 0.5 + 1 / 3, 1 / 3 + 0.25], rel=2e-2)


def test_uniform_pits_are_at_no_distance() -> None:
    n = 300_000
    found = pit_statistics((np.random.default_rng(1).permutation(n) + 0.5) / n)
    assert found.ks == pytest.approx(0.5 / n)
    assert found.cvm == pytest.approx(1 / (12 * n))
    assert set(found.counts.tolist()) == {n // 20}


@pytest.mark.parametrize("name", WITH_PDFS)
def test_metrics_equal_the_reference(tmp_path: Path, name: str) -> None:
    answer = ANSWERS[name]["pdf_metrics"]
    with canonical(tmp_path, name) as table:
        truth = Measured("z_spec", ANSWERS[name]["redshift"]["column"], quantity_of("redshift"))
        found = role_pdf_metrics(table, RoleMap({"pdf": "yvals"}), truth, None)
    assert found is not None
    first, last, size = ANSWERS[name]["grid"]
    assert (found.grid[0], found.grid[-1], found.grid.size) == (first, last, size)
    assert (found.n, found.n_dropped) == (answer["n_used"], answer["n_dropped"])
    assert found.pit.counts.tolist() == answer["pit_hist20"]
    assert found.pit.mean == pytest.approx(answer["pit_mean"], abs=6e-5)
    assert found.pit.std == pytest.approx(answer["pit_std"], abs=6e-5)
    assert found.pit.outlier_fraction == pytest.approx(answer["pit_outlier_frac"])
    assert found.pit.ks == pytest.approx(answer["ks_stat"], rel=1e-3)
    assert found.pit.cvm == pytest.approx(answer["cvm_stat"], rel=1e-3)
    assert found.cde_loss == pytest.approx(answer["cde_loss"], rel=1e-4)
    assert found.crps == pytest.approx(answer["crps_mean"], rel=1e-3)
    mean_z = float((found.grid * found.stacked).sum() / found.stacked.sum())
    assert mean_z == pytest.approx(ANSWERS[name]["stacked_pdf_mean_z"], rel=1e-4)


@pytest.mark.parametrize("stretch", [7, 2**18])
def test_anderson_darling_is_the_integral(monkeypatch: pytest.MonkeyPatch, stretch: int) -> None:
    monkeypatch.setattr("services.statistics.pit.STRETCH", stretch)
    values = np.random.default_rng(3).beta(2, 2, 50)
    u = np.linspace(0.01, 0.99, 2_000_001)
    empirical = np.searchsorted(np.sort(values), u, side="right") / values.size
    wanted = values.size * np.trapezoid((empirical - u) ** 2 / (u * (1 - u)), u)
    assert pit_statistics(values).ad == pytest.approx(wanted, rel=1e-4)
    assert np.isfinite(pit_statistics(np.array([0.0, 0.0, 1.0])).ad)
