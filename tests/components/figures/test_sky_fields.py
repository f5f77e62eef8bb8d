from __future__ import annotations

import math
from dataclasses import replace

import pytest

from components.figures.sky_fields import (
    cell_deg2,
    fields_caption,
    fields_finding,
    fields_map,
    fields_numbers,
)
from tests.components.figures.statistics_samples import fields


def test_every_field_has_a_panel_with_ra_to_the_left() -> None:
    figure = fields_map(fields())
    *panels, _colours = figure.data
    assert len(panels) == 2
    for axis in (figure.layout.xaxis, figure.layout.xaxis2):
        assert axis.range[0] > axis.range[1]
    assert figure.layout.yaxis2.scaleanchor == "x2"
    assert [trace.xaxis for trace in panels] == ["x", "x2"]
    assert figure.layout.annotations[0].text.endswith("105 objects")
    assert figure.layout.xaxis2.ticktext[0] in {"359", "359.5", "0", "359.8"}


def test_panels_do_not_overlap() -> None:
    for n in range(2, 7):
        figure = fields_map(replace(fields(), fields=fields().fields[:1] * n))
        rooms = [
            (figure.layout[f"xaxis{end}"].domain, figure.layout[f"yaxis{end}"].domain)
            for end in ["", *map(str, range(2, n + 1))]
        ]
        for place, (x, y) in enumerate(rooms):
            assert 0 <= x[0] < x[1] <= 1
            assert -1e-9 <= y[0] < y[1] <= 1
            assert all(x[1] <= u[0] or u[1] <= x[0] or y[1] <= v[0] or v[1] <= y[0] for u, v in rooms[place + 1 :])


def test_area_of_a_cell_shrinks_with_declination() -> None:
    grid = fields().fields[0].grid
    assert cell_deg2(grid) == pytest.approx(0.5 * 1.0 * math.cos(math.radians(21)))


def test_words_and_numbers() -> None:
    sample = fields()
    words = fields_caption(sample)
    assert "107 shown / 120 total / 4 missing" in words
    assert "9 outside the fields" in words
    assert "1 smaller field not drawn" in words
    assert "nside 64" in words
    assert "columns RA, DEC" in words
    assert fields_finding(sample).startswith("3 separate fields at RA, Dec 1.0°, +21.5° with 105 objects; 0.0°")
    numbers = fields_numbers(sample)
    assert numbers.header[0] == "field"
    assert sum(row[-1] for row in numbers.rows if isinstance(row[-1], int)) == 107
    assert {row[0] for row in numbers.rows} == {1, 2}


def test_nothing_under_a_cut_is_said() -> None:
    sample = fields()
    grids = [replace(one, grid=replace(one.grid, counts=0 * one.grid.counts)) for one in sample.fields]
    empty = replace(sample, fields=tuple(grids))
    assert fields_map(empty).layout.annotations[0].text == "No row lies in one of the fields."
    assert fields_finding(empty) == "no row in one of the fields."
