"""Coverage as CSV: every part with all digits, what it is of and under which cut."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import pytest

from components.compare.coverage_numbers import coverage_csv, coverage_facts, coverage_notes
from services.models.comparison import Curve
from services.models.coverage import (
    CoverageMap,
    CoverageReport,
    CoverageSource,
    NearestNeighbours,
    SampleTally,
    SomMap,
    SourcedCoverage,
    WeightedRedshifts,
)
from tests.support.comparisons import compared_product

EDGES = np.array([0.0, 0.5, 1.0])
CURVE = Curve(np.array([2 / 3, np.nan]), np.array([0.1, 0.0]), np.array([0.1, 0.0]))
REPORT = CoverageReport(
    features=("i", "r - i"),
    limit_mag=29.0,
    train=SampleTally(5000, 1000, 900, 3),
    target=SampleTally(50, 50, 49, 0),
    neighbours=NearestNeighbours(1 / 3, 0.75, 0.06, 0.2, EDGES, np.array([3, 1]), np.array([5, 2])),
    map=CoverageMap("i", "r - i", EDGES, EDGES, np.array([[4, 0], [0, 2]]), np.array([[3, 0], [0, 0]])),
    redshifts=WeightedRedshifts(900, 20, 300.0, 0.1, EDGES, CURVE, CURVE, None),
    som=SomMap(
        train=np.array([[3, 0], [0, 1]]),
        target=np.array([[2, 7], [0, 1]]),
        sigma_z=np.array([[1 / 7, np.nan], [np.nan, np.nan]]),
        n_with_target=3,
        n_uncovered=1,
        uncovered_fraction=0.7,
        median_sigma_z=1 / 7,
        mean_offset=None,
    ),
)
FOUND = SourcedCoverage(
    REPORT,
    CoverageSource(compared_product(1), ("z", "mag_i"), None, "The cut does not fit."),
    CoverageSource(compared_product(2), ("mag_i",), "x < 2"),
    "x < 2",
)


def _rows(part: str) -> tuple[str, list[dict[str, Any]]]:
    comment, *lines = coverage_csv(part, FOUND).splitlines()
    return comment, list(csv.DictReader(lines))


@pytest.mark.parametrize("part", ["numbers", "distances", "map", "som", "weighted"])
def test_the_first_line_says_of_what(part: str) -> None:
    words = "Coverage of 2_product (49 of 50 drawn / 50) by 1_product (900 of 1,000 drawn / 5,000, whole)"
    assert _rows(part)[0] == f"# {words} · features i, r - i · cut x < 2"


def test_every_cell_of_the_map_of_colours_is_told() -> None:
    cells = _rows("som")[1]
    assert [(row["row"], row["column"], row["n_target"], row["n_train"]) for row in cells] == [
        ("0", "0", "2", "3"),
        ("0", "1", "7", "0"),
        ("1", "0", "0", "0"),
        ("1", "1", "1", "1"),
    ]
    assert [row["sigma_z"] for row in cells] == [repr(1 / 7), "", "", ""]


def test_distances_and_their_reference() -> None:
    assert [tuple(row.values()) for row in _rows("distances")[1]] == [
        ("0.0", "0.5", "3", "5"),
        ("0.5", "1.0", "1", "2"),
    ]
    told = {row["quantity"]: row["value"] for row in _rows("numbers")[1]}
    assert (told["d_ref"], told["covered"], told["mean_offset"]) == (repr(1 / 3), "0.75", "")


def test_filled_cells_and_curves() -> None:
    first, second = _rows("map")[1]
    assert (first["i_low"], first["r - i_high"], first["n_target"], first["n_covered"]) == ("0.0", "0.5", "4", "3")
    assert (second["i_low"], second["r - i_low"], second["n_covered"]) == ("0.5", "0.5", "0")
    filled, empty = _rows("weighted")[1]
    assert (filled["train"], filled["weighted_err"], empty["train"]) == (repr(2 / 3), "0.1", "")
    assert "target" not in filled


def test_what_people_read() -> None:
    facts = dict(coverage_facts(REPORT))
    assert facts["Effective N of the weights (k = 20)"] == "300 = 33% of N"
    assert facts["Covered by nearest neighbour"] == "75.0% ± 6.0%"
    assert coverage_notes(FOUND) == ["Product 1: The cut does not fit."]
