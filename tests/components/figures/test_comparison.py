"""The overlay: one line a product, errors, panels below, gaps where there is nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from components.compare.numbers import comparison_numbers, csv_words, finding, two_sample_cells
from components.figures.comparison import PRODUCT_LINES, comparison_figure
from tests.support.comparisons import comparison


def test_each_product_has_a_line_of_its_own_with_errors() -> None:
    figure = comparison_figure(comparison((0, 10, 30), (0, 5, 0), (1, 2, 3), (4, 0, 0)))
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [(trace.line.color, trace.line.dash) for trace in lines] == list(PRODUCT_LINES)
    assert lines[0].x.tolist() == [0, 0, 0.5, 0.5, 1, 1, 1.5, 1.5]
    assert lines[0].y.tolist() == [0, 0, 0, 10, 10, 30, 30, 0]
    errors = [trace for trace in figure.data if trace.mode == "markers" and trace.yaxis is None]
    assert [trace.y.tolist() for trace in errors] == [[10, 30], [5], [1, 2, 3], [4]]
    assert len({len(trace.error_y.array) for trace in errors}) == 3


def test_the_panels_show_differences_and_ratios_with_gaps() -> None:
    figure = comparison_figure(comparison((0, 40, 10), (0, 20, 0)))
    (difference,) = (trace for trace in figure.data if trace.yaxis == "y2")
    (ratio,) = (trace for trace in figure.data if trace.yaxis == "y3")
    assert difference.y.tolist() == [-20, -10]
    assert ratio.y.tolist() == [0.5]


def test_empty_bins_are_gaps_on_a_logarithmic_axis() -> None:
    figure = comparison_figure(comparison((0, 40, 10), (0, 20, 0)), is_log=True)
    assert figure.layout.yaxis.type == "log"
    assert np.isnan(figure.data[0].y).tolist() == [*[True] * 3, *[False] * 4, True]


def test_no_value_at_all_is_said() -> None:
    figure = comparison_figure(comparison((0, 0), (0, 0)))
    assert "No value" in figure.layout.annotations[0].text
    assert len(figure.data) == 0


def test_names_from_people_are_drawn_and_not_obeyed() -> None:
    given = comparison((1, 2), (3, 4))
    bad = replace(given.items[0], product=replace(given.items[0].product, display_name="<b>x</b> & y"))
    figure = comparison_figure(replace(given, items=(bad, given.items[1])))
    assert figure.data[0].name == "&lt;b&gt;x&lt;/b&gt; &amp; y"


def test_four_products_of_two_hundred_bins_travel_light() -> None:
    counts = np.random.default_rng(1).integers(0, 9000, (4, 200))
    assert len(json.dumps(comparison_figure(comparison(*counts)).to_plotly_json(), default=repr)) < 300_000


def test_numbers_hold_every_bin_and_leave_gaps_empty() -> None:
    numbers = comparison_numbers(comparison((0, 40), (0, 20)))
    assert numbers.header[:3] == ("bin_low", "bin_high", "count_1")
    assert {len(row) for row in numbers.rows} == {len(numbers.header)}
    row = dict(zip(numbers.header, numbers.rows[0], strict=True))
    assert (row["count_1"], row["difference_2"], row["ratio_2"]) == (0, "", "")
    assert dict(zip(numbers.header, numbers.rows[1], strict=True))["ratio_2"] == 0.5


def test_words_name_products_columns_and_numbers() -> None:
    given = comparison((0, 40), (0, 20))
    assert "1: 1_product, 40 shown / 40 total / 0 missing · column z" in csv_words(given)
    assert "Product 2 peaks near 0.75" in finding(given)
    assert given.items[1].two_sample is not None
    assert two_sample_cells(given.items[1].two_sample)[-1] == "0.6 ± 0.07"
    assert two_sample_cells(replace(given.items[1].two_sample, ks_p=0))[1] == "< 1e-300"


def test_the_ratio_axis_shows_most_ratios() -> None:
    def top(*counts: int) -> float:
        return float(comparison_figure(comparison((100, 100), counts)).layout.yaxis3.range[1])

    assert top(100, 100) == 2
    assert top(5000, 5000) == 10
    assert 0.05 < top(5, 5) < 0.1
    assert top(0, 0) == 2


@pytest.mark.parametrize("place", range(4))
def test_lines_stand_out_from_both_grounds(place: int) -> None:
    colour = PRODUCT_LINES[place][0]
    for ground in ("#ffffff", "#12181b"):
        assert _contrast(colour, ground) >= 3


def _contrast(a: str, b: str) -> float:
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
