"""Sliders: the cut they make lets pass exactly the bins between two edges, and they stand where the cut stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from components.cut_bar.sliders import live_state, slid, slider_titles, sliders
from services.cuts.parser import parse_cut
from services.cuts.parts import RangeWord
from services.cuts.tree import Cut
from services.cuts.writing import written
from services.models.live import LiveAxis
from services.models.roles import BandColumn, RoleMap
from services.statistics.canonical import CanonicalTable
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from services.statistics.edges import multiples
from services.statistics.live_cube import LivePlan, live_counts
from services.statistics.measured import any_redshift, reference_magnitude
from services.statistics.range_words import CutWords
from tests.services.statistics.tables import canonical_table

RNG = np.random.default_rng(3)
N = 4000
COLUMNS = {
    "z": np.where(np.arange(N) % 9 == 0, np.nan, RNG.integers(0, 151, N) / 100).astype(np.float32),
    "i": RNG.integers(180, 261, N) / 10,
    "q": RNG.integers(1, 5, N).astype(np.int16),
}
"""Many values lie exactly on edges, and not a few of those have no exact 4-byte float."""
ROLES = RoleMap({"redshift": "z", "z_flag": "q"}, bands=(BandColumn("i", "i", None, "mag"),))
WORDS = CutWords({"z": "float32", "i": "float64", "q": "int16"}, {"redshift": "z", "z_flag": "q", "mag_i": "i"})
PLAN = LivePlan(
    LiveAxis("flag", "z_flag", "q", "z_flag", values=(4, 3, 2, 1)),
    LiveAxis("redshift", "n_z", "z", "redshift", edges=multiples(0.1, 0, 15)),
    LiveAxis("magnitude", "magnitudes", "i", "mag_i", edges=multiples(0.5, 36, 53)),
    {"redshift": any_redshift(ROLES), "magnitude": reference_magnitude(ROLES)},  # type: ignore[dict-item]
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanonicalTable]:
    with canonical_table(tmp_path_factory.mktemp("sliders"), COLUMNS) as opened:
        yield opened


def text(cut: Cut | None) -> str:
    return "" if cut is None else written(cut)


def state(cut: str) -> dict[str, Any]:
    return live_state(parse_cut(cut) if cut else None, PLAN, WORDS)


@pytest.mark.parametrize("first", range(14))
def test_a_cut_between_edges_agrees_with_the_cube_row_for_row(table: CanonicalTable, first: int) -> None:
    counts = live_counts(table, PLAN)
    assert counts.sum() == N
    for last in range(first + 1, 16):
        cut = slid(None, {"redshift": [first, last], "magnitude": [2, 11], "flag": [0, 2]}, PLAN, WORDS)
        bound = bound_cut(table, ROLES, cut)
        assert bound is not None
        low, high = (first + 2 if first else 1), (last + 2 if last < 15 else None)
        z = slice(None) if (first, last) == (0, 15) else slice(low, high)
        with CutTable.of(table, bound) as left:
            assert left.n_rows == counts[[0, 2]][:, z, 4:13].sum(), text(cut)


def test_sliders_write_short_conditions_and_stand_where_they_are() -> None:
    cut = text(slid(parse_cut("odds > 0.5"), {"redshift": [2, 7], "magnitude": [0, 4]}, PLAN, WORDS))
    assert cut == "odds > 0.5 and redshift >= 0.2 and redshift <= 0.7 and mag_i < 20.0"
    found = state(cut)
    assert (found["redshift"]["at"], found["redshift"]["exact"]) == ((2, 7), True)
    assert (found["magnitude"]["at"], found["magnitude"]["exact"]) == ((0, 4), True)
    assert {axis["base"] for axis in found.values()} == {"odds > 0.5"}
    assert text(slid(parse_cut(cut), {"redshift": [0, 15], "magnitude": [0, 17]}, PLAN, WORDS)) == "odds > 0.5"


def test_a_range_between_edges_belongs_to_the_base_of_the_other_axes() -> None:
    found = state("redshift between 0.2 and 0.72 and z_flag in (3, 4) and mag_i < 20.0")
    assert (found["redshift"]["at"], found["redshift"]["exact"]) == ((2, 7), False)
    assert found["redshift"]["base"] == ""
    assert found["magnitude"]["base"] == found["flag"]["base"] == "redshift between 0.2 and 0.72"
    assert (found["flag"]["at"], found["flag"]["exact"]) == ([0, 1], True)


@pytest.mark.parametrize(
    ("cut", "place"),
    [
        ("redshift > 0.2", (2, 15)),
        ("redshift between 9 and 10", (14, 15)),
        ("redshift < 0.2 and redshift < 0.4", (0, 2)),
        ("redshift >= 0.7 and redshift < 0.3", (7, 8)),
    ],
)
def test_what_no_slider_can_say_stands_on_the_nearest_edges(cut: str, place: Any) -> None:
    found = state(cut)["redshift"]
    assert (found["at"], found["exact"]) == (place, False)


def test_flags_of_other_conditions_stay_conditions() -> None:
    found = state("z_flag >= 3 and q = 4 and z_flag = 3")
    assert not found["flag"]["exact"]
    assert found["flag"]["base"] == "z_flag >= 3"
    assert found["redshift"]["base"] == "z_flag >= 3 and q = 4 and z_flag = 3"
    assert text(slid(parse_cut("q = 4 and z < 1"), {"flag": [1]}, PLAN, WORDS)) == "z_flag = 3 and z < 1"
    assert text(slid(parse_cut("q = 4 and z < 1"), {"flag": []}, PLAN, WORDS)) == "z < 1"


@pytest.mark.parametrize(
    "change", [{}, {"redshift": [1]}, {"redshift": "ab"}, {"redshift": [-3, 99]}, {"flag": [77]}, {"flag": None}]
)
def test_nonsense_changes_nothing(change: Any) -> None:
    assert slid(None, change, PLAN, WORDS) is None


def test_sliders_are_there_where_a_cut_can_follow_them() -> None:
    found = state("")
    titles = slider_titles((RangeWord("n_z", "Redshift", "redshift", ("redshift", "z")),), PLAN)
    assert titles == {"redshift": "Redshift", "magnitude": "i", "flag": "Flag (q)"}
    (place,) = sliders(found, titles, PLAN)
    assert json.loads(place.to_plotly_json()["props"]["data-live"])["redshift"]["at"] == [0, 15]
    velocities = CutWords({"z": "float32"}, {}, frozenset({"z"}))
    assert sliders(live_state(None, PLAN, velocities), titles, PLAN) == []
