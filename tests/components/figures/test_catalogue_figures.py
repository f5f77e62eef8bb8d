from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from components.figures import cone, duplicates, groups, missing
from components.figures.registry import FIGURES
from services.models.statistics import Tally
from tests.components.figures import catalogue_samples as samples


def test_groups_are_step_lines_with_their_own_colours() -> None:
    figure = groups.grouped_histogram(samples.groups())
    assert [trace.name for trace in figure.data] == ["all", "3", "4", "no value"]
    assert len({trace.line.color for trace in figure.data[1:]}) == 3
    assert list(figure.data[1].y) == [0, 1, 0, 0, 7, 0]
    even = groups.grouped_histogram(samples.groups(), normalised=True)
    assert [float(np.sum(trace.y) * 0.5) for trace in even.data] == pytest.approx([1, 1, 1, 1])
    row = FIGURES["z_flag_n_z"]
    assert row.finding(samples.groups()).startswith("Quality flag: 3 8 objects, most near 1.75; 4 5 objects")
    assert row.caption(samples.groups()).endswith("columns Z, q_z")
    numbers = row.numbers(samples.groups())
    assert numbers.header == ("bin_low", "bin_high", "count_3", "count_4", "count_no value")
    assert numbers.rows[3] == (1.5, 2.0, 7, 1, 1)
    whole = replace(samples.groups().whole, counts=np.zeros(4, np.int64))
    empty = replace(samples.groups(), counts=np.zeros((3, 4), np.int64), whole=whole)
    assert groups.grouped_histogram(empty).layout.annotations
    assert groups.grouped_finding(empty) == "no valid value."


def test_ra_grows_to_the_left_and_redshift_outwards() -> None:
    figure = cone.cone_diagram(samples.cone())
    labels = {label.text: label for label in figure.layout.annotations}
    assert {"357°", "358°", "RA 359°", "0°", "1°"} <= set(labels)
    assert labels["0°"].x < labels["RA 359°"].x < labels["358°"].x
    assert labels["RA 359°"].x == pytest.approx(0)
    assert labels["RA 359°"].y == pytest.approx(1.05)
    low_side = labels["z_spec 0.2"]
    assert low_side.x == pytest.approx(0.2 * np.sin(np.radians(20)))
    assert labels["1"].y == pytest.approx(np.cos(np.radians(20)))
    assert figure.layout.yaxis.scaleanchor == "x"


def test_a_full_turn_names_no_right_ascension_twice() -> None:
    figure = cone.cone_diagram(samples.cone(1.0, (0.0, 360.0)))
    texts = [label.text.removeprefix("RA ") for label in figure.layout.annotations if label.text.endswith("°")]
    assert len(texts) == len(set(texts)) > 3


def test_separate_fields_stand_side_by_side() -> None:
    two = samples.cone(10.0, (359.0, 361.0), (150.0, 152.0))
    assert two.offsets_deg == pytest.approx((-2.12, 0.12))
    labels = {label.text: label for label in cone.cone_diagram(two).layout.annotations}
    right, left = labels["RA 0.0°"], labels["151.0°"]
    assert left.x < 0 < right.x
    assert right.x == pytest.approx(1.05 * np.sin(np.radians(11.2)))
    assert "2 separate fields moved together" in cone.cone_caption(two)
    assert "between RA 359 and 1, 150 and 152 deg" in cone.cone_finding(two)


def test_the_cone_says_how_far_it_is_stretched() -> None:
    row = FIGURES["cone"]
    assert "· opening stretched 10 times · up to z_spec 1 · columns ra, dec, Z" in row.caption(samples.cone())
    assert "stretched" not in row.caption(samples.cone(1.0))
    assert row.finding(samples.cone()) == "7 objects between RA 357 and 1 deg, up to z_spec 1."
    assert row.numbers(samples.cone()).rows[0][-1] == 4
    nothing = replace(samples.cone(), grid=replace(samples.cone().grid, counts=np.zeros((2, 2), np.int64)))
    assert cone.cone_diagram(nothing).layout.annotations[0].text.startswith("No row")


def test_pairs_are_drawn_with_the_line_of_conflict() -> None:
    figure = duplicates.close_objects(samples.close_objects())
    bars, points, line = figure.data
    assert list(bars.y) == [2, 1]
    np.testing.assert_allclose(points.y, [0.3 / 1.5, 1e-5])
    assert points.marker.color[0] != points.marker.color[1]
    assert set(line.y) == {0.01}
    many = duplicates.close_objects(samples.many_close_objects())
    assert [trace.type for trace in many.data] == ["bar", "heatmap", "scatter", "scatter"]
    np.testing.assert_allclose(many.data[1].y, [1e-5, 1e-2, 10])


def test_pairs_are_listed_with_their_rows() -> None:
    row = FIGURES["duplicates"]
    found = samples.close_objects()
    assert row.finding(found) == "3 pairs within 1 arcsec; 1 of 2 with two redshifts differ by more than 0.01(1+z)."
    assert row.caption(found) == (
        "3 pairs, 2 with both redshifts · dashed: conflict above 0.01 · "
        "18 rows with a position / 20 total / 2 missing · columns ra, dec, Z"
    )
    assert row.numbers(found).rows == (
        (5, 9, 0.2, 0.5, 0.8, 0.2, "yes"),
        (1, 2, 0.3, 1.0, 1.0, 0.0, "no"),
        (8, 11, 0.9, "", 0.3, "", "no"),
    )


def test_no_pair_is_said_in_words() -> None:
    none = replace(samples.close_objects(), n_pairs=0, n_compared=0, n_conflicts=0)
    assert duplicates.close_objects(none).layout.annotations[0].text == "No two objects within 1 arcsec"
    assert duplicates.close_finding(none) == "No two objects within 1 arcsec."


def test_pairs_without_redshifts_have_no_second_panel() -> None:
    alone = replace(samples.close_objects(), z_column="", n_compared=0, n_conflicts=0)
    figure = duplicates.close_objects(alone)
    assert [trace.type for trace in figure.data] == ["bar"]
    assert "none of them with two redshifts" in duplicates.close_finding(alone)


def test_missing_values_are_fractions_of_their_blocks() -> None:
    figure = missing.missing_values(samples.missing())
    heat = figure.data[0]
    np.testing.assert_allclose(np.asarray(heat.z, float), [[np.nan, 0.3], [1, 1]], rtol=1e-6)
    assert heat.zmax == 1
    assert list(figure.layout.yaxis.ticktext) == ["Z", "i"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert figure.layout.xaxis.title.text == "row among those left"
    whole = replace(samples.missing(), tally=Tally(20, 20))
    assert missing.missing_values(whole).layout.xaxis.title.text == "row of the file"


def test_missing_values_are_told_for_every_column() -> None:
    row = FIGURES["missing_map"]
    found = samples.missing()
    assert row.finding(found) == "2 of 3 columns miss values, most of all i (100.0%), Z (15.0%)."
    words = row.caption(found)
    assert words.startswith("20 rows / 25 total · 5 cut away · 2 columns, 1 more are not drawn · 2 blocks of rows")
    assert row.numbers(found).rows == (
        ("Z", "redshift", 3, 0.15, "yes"),
        ("note", "", 0, 0.0, "no"),
        ("i", "mag", 20, 1.0, "yes"),
    )
    complete = replace(found, counts=np.zeros((2, 2), np.int64), totals=np.zeros(3, np.int64))
    assert missing.missing_values(complete).layout.annotations[0].text == "No value is missing"
    assert missing.missing_finding(complete) == "no value is missing in any column."
