"""PDFs as histograms and as quantiles give the metrics of the formulas, and HDF5 files say which form theirs have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from services.columns.matching import guess_roles, role_map
from services.formats.registry import open_table
from services.jobs.merging import merged_columns
from services.models.measures import PdfMetrics
from services.models.roles import RoleMap
from services.statistics.canonical import CanonicalTable
from services.statistics.canonical_writer import write_canonical
from services.statistics.measured import Measured
from services.statistics.pdf_metrics import role_pdf_metrics
from services.statistics.validity import quantity_of
from tests.services.statistics.tables import ArrayReader

Array = NDArray[np.float64]
TRUTH = Measured("z", "z", quantity_of("redshift"))
N = 300
EDGES = np.concatenate([np.linspace(0, 1, 21), np.linspace(1.1, 2.5, 15)])
LEVELS = np.linspace(0, 1, 33)


def _metrics(folder: Path, z: Array, rows: Array, grid: Array, form: str) -> PdfMetrics | None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), rows.shape[1])
    reader = ArrayReader({"z": z, "pdf": vectors}, 100)
    reader.info = replace(reader.info, grid=tuple(grid.tolist()), pdf_form=form)
    write_canonical(reader, folder / "t.parquet")
    with CanonicalTable.open(folder / "t.parquet") as table:
        return role_pdf_metrics(table, RoleMap({"pdf": "pdf"}), TRUTH, None)


def _by_hand(z: Array, nodes: Array, cumulative: Array) -> dict[str, float]:
    """The metrics of distribution functions that are linear between nodes (n, points), one object after another."""
    pits, losses, crps = [], [], []
    for x, at, cdf in zip(z, nodes, cumulative, strict=True):
        heights = np.diff(cdf) / np.diff(at)
        cell = int(np.searchsorted(at, x, side="right")) - 1
        height = heights[cell] if 0 <= cell < heights.size else 0
        fine = np.linspace(min(at[0], x) - 0.1, max(at[-1], x) + 0.1, 200_001)
        pits.append(np.interp(x, at, cdf, left=0, right=1))
        losses.append(np.sum(heights**2 * np.diff(at)) - 2 * height)
        crps.append(np.trapezoid((np.interp(fine, at, cdf, left=0, right=1) - (fine >= x)) ** 2, fine))
    return {"pit_mean": np.mean(pits), "cde_loss": np.mean(losses), "crps": np.mean(crps)}


def _assert_equal(found: PdfMetrics | None, n_dropped: int, wanted: dict[str, float]) -> None:
    assert found is not None
    assert (found.n, found.n_dropped) == (N - n_dropped, n_dropped)
    assert found.pit.mean == pytest.approx(wanted["pit_mean"])
    assert found.cde_loss == pytest.approx(wanted["cde_loss"])
    assert found.crps == pytest.approx(wanted["crps"], rel=2e-3)


def _histograms(z: Array) -> Array:
    centres = (EDGES[1:] + EDGES[:-1]) / 2
    offset = np.random.default_rng(1).normal(0, 0.15, N)
    found: Array = 7 * np.exp(-0.5 * ((centres - (z + offset)[:, None]) / 0.15) ** 2)
    return found


def _quantiles(z: Array) -> Array:
    random = np.random.default_rng(2)
    found: Array = np.sort((z + random.normal(0, 0.1, N))[:, None] + random.normal(0, 0.12, (N, LEVELS.size)), axis=1)
    return found


@pytest.fixture
def z() -> Array:
    return np.random.default_rng(3).uniform(0.1, 2.4, N)


def test_histograms(tmp_path: Path, z: Array) -> None:
    rows = _histograms(z)
    rows[4, 3], rows[9] = np.nan, 0
    z[20] = 2.9
    good = np.delete(np.arange(N), [4, 9])
    masses = rows[good] * np.diff(EDGES)
    cumulative = np.cumsum(np.pad(masses, ((0, 0), (1, 0))), axis=1) / masses.sum(axis=1)[:, None]
    found = _metrics(tmp_path, z, rows, EDGES, "histogram")
    _assert_equal(found, 2, _by_hand(z[good], np.tile(EDGES, (good.size, 1)), cumulative))
    assert found is not None
    assert found.grid.size == EDGES.size - 1
    assert found.stacked @ np.diff(EDGES) == pytest.approx(1)


def test_quantiles(tmp_path: Path, z: Array) -> None:
    rows = _quantiles(z)
    rows[5, 1] = rows[5, 0]
    rows[6, 2] = np.nan
    good = np.delete(np.arange(N), [5, 6])
    found = _metrics(tmp_path, z, rows, LEVELS, "quantiles")
    _assert_equal(found, 2, _by_hand(z[good], rows[good], np.tile(LEVELS, (good.size, 1))))
    assert found is not None
    assert (found.stacked.size, found.grid.size) == (0, 0)


def test_quantiles_that_leave_out_the_tails(tmp_path: Path, z: Array) -> None:
    levels, rows = LEVELS[2:-2], _quantiles(z)[:, 2:-2]
    found = _metrics(tmp_path, z, rows, levels, "quantiles")
    _assert_equal(found, 0, _by_hand(z, rows, np.tile(levels, (N, 1))))


@pytest.mark.parametrize(
    ("form", "grid_name", "grid", "column"),
    [("histogram", "bins", EDGES, "pdfs"), ("quantiles", "quants", LEVELS, "locs")],
)
def test_ensembles_say_what_their_rows_are(
    tmp_path: Path, z: Array, form: str, grid_name: str, grid: Array, column: str
) -> None:
    rows = _histograms(z) if form == "histogram" else _quantiles(z)
    with h5py.File(tmp_path / "e.hdf5", "w") as file:
        file["meta/pdf_name"] = np.array([b"any"])
        file[f"meta/{grid_name}"] = grid[None]
        file[f"data/{column}"] = rows
        file["ancil/z_spec"] = z
    reader = open_table(tmp_path / "e.hdf5", "e.hdf5")
    summary = write_canonical(reader, tmp_path / "t.parquet")
    info = reader.info
    reader.close()
    assert (info.pdf_form, info.grid) == (form, tuple(grid.tolist()))
    roles = role_map(merged_columns((), summary.profiles, guess_roles(summary.profiles, "validation_results")))
    with CanonicalTable.open(tmp_path / "t.parquet") as table:
        found = role_pdf_metrics(table, roles, Measured("z", "z_spec", quantity_of("redshift")), None)
    direct = _metrics(tmp_path, z, rows, grid, form)
    assert found is not None
    assert direct is not None
    assert (found.n, found.crps, found.cde_loss) == (N, direct.crps, direct.cde_loss)
