"""The stacked PDF is the mean of the PDFs as they are defined, with and without a truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.models.roles import RoleMap
from services.models.validation import StackedPdf
from services.statistics.canonical import CanonicalTable
from services.statistics.canonical_writer import write_canonical
from services.statistics.stacked import stacked_pdf
from tests.services.statistics.tables import ArrayReader
from tests.services.statistics.test_reference_files import ANSWERS, canonical, column_named

N = 300
WITH_STACK = [name for name, answer in ANSWERS.items() if "stacked_pdf_mean_z" in answer]


def _stacked(folder: Path, vectors: Any, grid: np.ndarray, form: str, **columns: Any) -> StackedPdf | None:
    flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    reader = ArrayReader({**columns, "pdf": flat}, 70)
    reader.info = replace(reader.info, grid=tuple(grid.tolist()), pdf_form=form)
    write_canonical(reader, folder / "t.parquet")
    roles = {"pdf": "pdf"} | ({"redshift": "z"} if "z" in columns else {})
    with CanonicalTable.open(folder / "t.parquet") as table:
        return stacked_pdf(table, RoleMap(roles), None)


def test_stack_of_densities_with_truth_and_traps(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    grid = np.linspace(0, 3, 61)
    z = random.uniform(0.1, 2.5, N)
    vectors = np.exp(-0.5 * ((grid - z[:, None]) / 0.1) ** 2) * random.uniform(1, 5, N)[:, None]
    vectors[3], vectors[4, 7], z[[5, 6]] = 0, np.nan, [-99, np.nan]
    found = _stacked(tmp_path, vectors, grid, "densities", z=z)
    good = np.setdiff1d(np.arange(N), [3, 4, 5, 6])
    wanted = (vectors[good] / np.trapezoid(vectors[good], grid, axis=1)[:, None]).mean(axis=0)
    assert found is not None
    np.testing.assert_allclose(found.stacked, wanted)
    assert (found.tally.n_shown, found.tally.n_missing) == (N - 4, 4)
    assert found.truth is not None
    assert found.truth.counts.tolist() == np.histogram(z[good], found.truth.edges)[0].tolist()
    assert found.truth.counts.sum() == N - 4


def test_stack_without_truth_takes_every_pdf(tmp_path: Path) -> None:
    grid = np.linspace(0, 1, 11)
    found = _stacked(tmp_path, np.tile([1.0, 3.0] * 5, (4, 1)), grid, "histogram")
    assert found is not None
    assert found.truth is None
    assert found.stacked == pytest.approx(np.array([0.5, 1.5] * 5))
    assert found.grid == pytest.approx((grid[1:] + grid[:-1]) / 2)


def test_quantiles_are_stacked_on_a_grid_of_their_own(tmp_path: Path) -> None:
    levels = np.array([0.0, 0.5, 1.0])
    found = _stacked(tmp_path, np.array([[0.0, 0.5, 1.0], [1.0, 1.5, 2.0]]), levels, "quantiles")
    assert found is not None
    inside = found.grid < 2
    assert found.stacked[inside] == pytest.approx(0.5)
    assert found.stacked[~inside] == pytest.approx(0)


def test_nothing_without_a_grid_or_a_pdf(tmp_path: Path) -> None:
    assert _stacked(tmp_path, np.ones((4, 5)), np.empty(0), "densities") is None
    assert _stacked(tmp_path, np.zeros((4, 5)), np.linspace(0, 1, 5), "densities") is None


@pytest.mark.parametrize("name", WITH_STACK)
def test_mean_of_the_stack_equals_the_reference(tmp_path: Path, name: str) -> None:
    with canonical(tmp_path, name) as table:
        roles = RoleMap({"redshift": column_named(table, "redshift"), "pdf": column_named(table, "yvals")})
        found = stacked_pdf(table, roles, None)
    assert found is not None
    mean = np.trapezoid(found.grid * found.stacked, found.grid) / np.trapezoid(found.stacked, found.grid)
    assert mean == pytest.approx(ANSWERS[name]["stacked_pdf_mean_z"], rel=1e-4)
