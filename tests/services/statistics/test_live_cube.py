"""The live cube: every row in one place, equal to numpy on every cut along its edges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.models.live import LiveAxis
from services.models.roles import BandColumn, RoleMap
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.live_cube import LivePlan, live_counts, live_plan
from services.statistics.overview import build_overview
from services.statistics.range_words import CutWords
from tests.services.statistics.tables import canonical_table

N = 6000
RNG = np.random.default_rng(12)
Z = RNG.gamma(2, 0.4, N).round(2).astype(np.float32)
Z[::70], Z[1::90] = np.nan, -99.0
MAG = RNG.normal(23, 1, N).round(1)
MAG[::50], MAG[3::60] = 99.0, np.nan
FLAG = RNG.integers(1, 5, N).astype(np.float64)
FLAG[::40] = np.nan
COLUMNS = {"z": Z, "i": MAG, "flag": FLAG, "kind": RNG.choice(["a", "b"], N)}
ROLES = RoleMap({"redshift": "z", "z_flag": "flag"}, bands=(BandColumn("i", "i", None, "mag"),))
HAS_Z = np.isfinite(Z) & (Z > -1)
HAS_MAG = np.isfinite(MAG) & (MAG < 40)
WORDS = CutWords({"z": "float32", "i": "float64", "flag": "float64", "kind": "string"}, {"redshift": "z"})


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanonicalTable]:
    with canonical_table(tmp_path_factory.mktemp("live"), COLUMNS) as opened:
        yield opened


@pytest.fixture(scope="module")
def plan(table: CanonicalTable) -> LivePlan:
    return live_plan(build_overview(table, ROLES, "redshift_catalog").statistics, ROLES, WORDS)


@pytest.fixture(scope="module")
def counts(table: CanonicalTable, plan: LivePlan) -> Any:
    return live_counts(table, plan)


def test_every_row_is_in_exactly_one_place(counts: Any, plan: LivePlan) -> None:
    assert counts.shape == tuple(axis.n_places for axis in plan.axes)
    assert counts.sum() == N
    assert counts[:, 0].sum() == np.count_nonzero(~HAS_Z)
    assert counts[:, :, 0].sum() == np.count_nonzero(~HAS_MAG)
    assert counts[-1].sum() == np.count_nonzero(np.isnan(FLAG))


def test_axes_are_those_of_the_plots(table: CanonicalTable, plan: LivePlan) -> None:
    whole: Any = build_overview(table, ROLES, "redshift_catalog").statistics
    assert np.array_equal(plan.redshift.edges, whole["n_z"].edges)
    assert np.array_equal(plan.magnitude.edges, whole["magnitudes"].items[0].edges)
    assert {str(value) for value in plan.flag.values} == set(whole["z_flag"].values)
    assert [axis.plot for axis in plan.axes] == ["z_flag", "n_z", "magnitudes"]
    assert [axis.word for axis in plan.axes] == ["flag", "redshift", "i"]


def test_marginals_equal_numpy(counts: Any, plan: LivePlan) -> None:
    z_edges, mag_edges = plan.redshift.edges, plan.magnitude.edges
    assert z_edges is not None
    assert mag_edges is not None
    assert np.array_equal(counts.sum(axis=(0, 2))[2:-1], np.histogram(Z[HAS_Z].astype(float), z_edges)[0])
    assert np.array_equal(counts.sum(axis=(0, 1))[2:-1], np.histogram(MAG[HAS_MAG], mag_edges)[0])
    keep = (plan.flag.values[0] == FLAG) & HAS_MAG & (mag_edges[4] <= MAG) & (mag_edges[9] > MAG) & HAS_Z
    found = counts[0, :, 2 + 4 : 2 + 9].sum(axis=1)[2:-1]
    assert np.array_equal(found, np.histogram(Z[keep].astype(float), z_edges)[0])


def test_what_a_cut_leaves_is_counted(table: CanonicalTable, plan: LivePlan) -> None:
    bound = bound_cut(table, ROLES, "kind = 'a'")
    assert bound is not None
    with CutTable.of(table, bound) as left:
        found = live_counts(left, plan)
    assert found.sum() == np.count_nonzero(COLUMNS["kind"] == "a")


def test_values_beyond_the_edges_are_below_or_above(table: CanonicalTable, plan: LivePlan) -> None:
    short = LiveAxis("redshift", "n_z", "z", edges=np.linspace(0.2, 0.8, 7))
    none = LiveAxis("magnitude")
    found = live_counts(table, LivePlan(LiveAxis("flag"), short, none, plan.measured))
    z = Z[HAS_Z].astype(float)
    assert found.shape == (1, 9, 1)
    assert found[0, :, 0].tolist() == [
        np.count_nonzero(~HAS_Z),
        np.count_nonzero(z < 0.2),
        *np.histogram(z, short.edges)[0],
        np.count_nonzero(z > short.edges[-1]),
    ]


def test_texts_are_flags_too_and_rare_values_are_together(table: CanonicalTable) -> None:
    kinds = LiveAxis("flag", "z_flag", "kind", values=("b",))
    found = live_counts(table, LivePlan(kinds, LiveAxis("redshift"), LiveAxis("magnitude"), {}))
    n_b = np.count_nonzero(COLUMNS["kind"] == "b")
    assert found[:, 0, 0].tolist() == [n_b, N - n_b, 0]


def test_a_table_without_known_columns_has_nothing_to_drag(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"a": np.arange(5.0)}) as table:
        plan = live_plan({}, RoleMap({}), CutWords({"a": "float64"}, {}))
        assert not plan.is_worth_it
        assert live_counts(table, plan).tolist() == [[[5]]]
