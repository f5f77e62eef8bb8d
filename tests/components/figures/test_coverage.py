"""Plots of a coverage: filled and empty ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from components.figures.coverage import coverage_map, distance_histogram, som_map, weighted_redshifts
from services.models.coverage import CoverageMap, NearestNeighbours, SomMap, WeightedRedshifts
from services.statistics.coverage import weighted_density

EDGES = np.array([0.0, 1.0, 2.0, 3.0])
NEAR = NearestNeighbours(1.4, 0.6, 0.1, 0.9, EDGES, np.array([8, 1, 1]), np.array([2, 4, 4]))
CELLS = CoverageMap("i", "r - i", EDGES, EDGES[:3], np.array([[4, 2, 8], [0, 3, 5]]), np.array([[4, 0, 2], [0, 0, 5]]))


def _som(train: list[list[int]]) -> SomMap:
    target = np.array([[5, 0], [7, 900]])
    return SomMap(np.array(train), target, np.full((2, 2), 0.1), 3, 1, 0.1, 0.1, None)


def test_distances_are_shares_with_the_reference_distance() -> None:
    figure = distance_histogram(NEAR)
    assert figure.data[1].y.tolist() == pytest.approx([0, 0.2, 0.4, 0.4, 0])
    assert figure.layout.shapes[0].x0 == 1.4
    assert {trace.line.dash for trace in figure.data} == {"solid", "dash"}


def test_the_map_shows_shares_where_there_is_enough() -> None:
    (trace,) = coverage_map(CELLS).data
    assert np.isnan(trace.z).tolist() == [[False, True, False], [True, False, False]]
    assert trace.z[0, 2] == 0.25
    empty = coverage_map(replace(CELLS, target=np.zeros((2, 3), np.int64)))
    assert "No cell" in empty.layout.annotations[0].text


def test_cells_without_training_objects_are_crossed() -> None:
    figure = som_map(_som([[0, 0], [3, 1]]))
    assert (figure.data[1].x.tolist(), figure.data[1].y.tolist()) == ([0], [0])
    cells, colours = som_map(_som([[1, 0], [3, 1]])).data
    assert (cells.type, colours.name) == ("heatmap", "colours")


def test_redshifts_show_the_truth_only_where_it_is_known() -> None:
    plain = weighted_density(np.array([0.5, 0.6, 2.5]), np.ones(3), EDGES)
    found = WeightedRedshifts(3, 2, 2.0, 0.1, EDGES, plain, plain, plain)
    assert len(weighted_redshifts(found).data) == 6
    names = [trace.name for trace in weighted_redshifts(replace(found, target=None)).data]
    assert set(names) == {"training set", "weighted to the target"}
