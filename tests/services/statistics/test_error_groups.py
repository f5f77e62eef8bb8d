"""Metrics of dz in groups equal numpy's to the last digits, however values are crowded, however few are copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from services.models.statistics import PointMetrics
from services.statistics import canonical_writer, error_groups
from services.statistics.bootstrap import bootstrap_errors
from services.statistics.canonical import CanonicalTable
from services.statistics.error_cells import HIGH, LOW, N_CELLS, ZERO, cells_of
from services.statistics.error_groups import Grouping, grouped_metrics
from services.statistics.measured import Measured
from tests.services.statistics.tables import canonical_table

N = 6000
QUANTITIES = (Measured("z", "z"), Measured("p", "photo"), Measured("x", "x"))
EDGES = np.array([-0.5, 0.0, 0.1, 0.15, 0.4, 0.8, np.inf])

Random = np.random.Generator


def _usual(random: Random, z: np.ndarray) -> np.ndarray:
    return z + random.normal(0, 0.05, N) * (1 + z)


def _crowded(random: Random, z: np.ndarray) -> np.ndarray:
    return np.where(random.random(N) < 0.7, z, _usual(random, z))


def _equal(_random: Random, z: np.ndarray) -> np.ndarray:
    return z + 0.01


def _far(random: Random, z: np.ndarray) -> np.ndarray:
    return z + random.normal(0, 40, N)


def _tiny(random: Random, z: np.ndarray) -> np.ndarray:
    return z + random.normal(0, 1e-9, N)


@contextmanager
def _table(folder: Path, make: Callable[[Random, np.ndarray], np.ndarray]) -> Iterator[CanonicalTable]:
    random = np.random.default_rng(11)
    z, x = random.gamma(2, 0.4, N).round(3), random.gamma(2, 0.2, N).round(2)
    photo = make(random, z)
    z[::50], photo[1::50], x[2::50] = np.nan, np.nan, np.nan
    with canonical_table(folder, {"z": z, "photo": photo, "x": x}) as table:
        yield table


def _pairs(table: CanonicalTable) -> tuple[np.ndarray, np.ndarray]:
    z, photo, x = (np.concatenate([np.asarray(part) for part in table.chunks(one.column)]) for one in QUANTITIES)
    dz = (photo - z) / (1 + z)
    return dz[~np.isnan(dz)], x[~np.isnan(dz)]


def _assert_metrics(found: PointMetrics, dz: np.ndarray) -> None:
    low, q25, q75, high = np.quantile(dz, [0.158655, 0.25, 0.75, 0.841345])
    assert (found.n, found.n_dropped) == (dz.size, 0)
    assert found.bias == np.median(dz)
    assert found.sigma_nmad == pytest.approx(1.4826 * np.median(np.abs(dz - np.median(dz))), rel=1e-12)
    assert found.sigma_68 == pytest.approx((high - low) / 2, rel=1e-12)
    assert found.sigma_iqr == pytest.approx((q75 - q25) / 1.349, rel=1e-12)
    assert found.rms == pytest.approx(np.sqrt(np.mean(dz**2)), rel=1e-12)
    assert found.outlier_fraction == np.mean(np.abs(dz) > 0.15)


@pytest.mark.parametrize("copied", [2**21, 400, 5])
@pytest.mark.parametrize("make", [_usual, _crowded, _equal, _far, _tiny])
def test_metrics_are_numpys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Random, np.ndarray], np.ndarray], copied: int
) -> None:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 700)
    monkeypatch.setattr(error_groups, "COPIED_AT_ONCE", copied)
    monkeypatch.setattr(error_groups, "AT_ONCE", 4)
    groupings = [Grouping(2, EDGES, fewest=30), Grouping(2, EDGES[1:], is_nested=True)]
    with _table(tmp_path, make) as table:
        disjoint, nested = grouped_metrics(table, QUANTITIES, groupings)
        dz, x = _pairs(table)
    known = np.count_nonzero(~np.isnan(x))
    assert (disjoint.n_known, nested.n_known) == (known, known)
    assert list(disjoint.groups) == [1, 2, 3, 4, 5]
    for k, group in disjoint.groups.items():
        _assert_metrics(group.metrics, dz[(x >= EDGES[k]) & (x < EDGES[k + 1])])
    assert list(nested.groups) == [0, 1, 2, 3, 4]
    for k, group in nested.groups.items():
        _assert_metrics(group.metrics, dz[x >= EDGES[1:][k]])


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_few_pairs_have_metrics_too(tmp_path: Path, n: int) -> None:
    dz = np.array([0.3, -0.1, 0.02, 0.0])[:n]
    with canonical_table(tmp_path, {"z": np.zeros(n), "photo": dz, "x": np.ones(n)}) as table:
        (found,) = grouped_metrics(table, QUANTITIES, [Grouping(0, np.array([-np.inf, np.inf]))])
    _assert_metrics(found.groups[0].metrics, dz)


def test_cells_hold_the_values_between_their_ends() -> None:
    random = np.random.default_rng(1)
    sizes = 10.0 ** random.uniform(-9, 3, 4000) * random.choice([-1, 1], 4000)
    values = np.sort(np.concatenate([sizes, LOW[np.isfinite(LOW)], [0.0, np.nan]]))
    cells = np.empty(values.size, np.int32)
    cells_of(values, cells)
    assert cells[-1] == -1
    values, cells = values[:-1], cells[:-1]
    assert ((LOW[cells] <= values) & (values <= HIGH[cells])).all()
    assert (np.diff(cells) >= 0).all()
    assert (cells[values == 0] == ZERO).all()
    assert (cells.min(), cells.max()) == (0, N_CELLS - 1)


@pytest.mark.parametrize("n", [1000, 5000])
def test_errors_of_narrow_groups_are_those_of_their_values(tmp_path: Path, n: int) -> None:
    dz = np.random.default_rng(2).normal(0.1, 1e-4, n)
    with canonical_table(tmp_path, {"z": np.zeros(n), "photo": dz, "x": np.ones(n)}) as table:
        (found,) = grouped_metrics(table, QUANTITIES, [Grouping(0, np.array([-np.inf, np.inf]))])
    errors = found.groups[0].errors
    assert errors == pytest.approx(bootstrap_errors(dz), rel=0.1)
    assert errors["bias"] == pytest.approx(1.2533 * 1e-4 / np.sqrt(n), rel=0.25)
