from __future__ import annotations

from dataclasses import replace

import numpy as np

from components.figures import colours, depth
from components.figures.registry import FIGURES
from services.models.depth import DepthReport
from tests.components.figures import photometry_samples as photometry
from tests.components.figures import statistics_samples as samples

REPORT = photometry.depth_report()


def test_counts_are_per_area_on_a_logarithmic_axis_with_gaps() -> None:
    figure = depth.number_counts(REPORT)
    assert figure.layout.yaxis.type == "log"
    assert "per deg²" in figure.layout.yaxis.title.text
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [line.name for line in lines] == ["g", "i"]
    assert lines[0].hovertemplate.endswith("<extra>g (gmag)</extra>")
    np.testing.assert_array_equal(lines[0].y, [5, np.nan, 20, 10])
    np.testing.assert_array_equal(lines[0].x, [22.25, 22.75, 23.25, 23.75])


def test_the_slope_is_drawn_as_fitted() -> None:
    slopes = [trace for trace in depth.number_counts(replace(REPORT, area_deg2=None)).data if trace.mode == "lines"]
    assert len(slopes) == 2
    rise = np.diff(np.log10(slopes[0].y)) / np.diff(slopes[0].x)
    assert abs(rise[0] - 0.301) < 1e-9
    assert abs(np.log10(slopes[0].y[-1]) - (-5.7 + 0.301 * 23.25)) < 1e-9


def test_counts_say_slope_peak_area_and_what_is_left_out() -> None:
    row = FIGURES["number_counts"]
    assert row.finding(REPORT) == "g slope 0.301, peak at 23.25 mag; i slope 0.301, peak at 23.25 mag."
    words = row.caption(REPORT)
    assert words.startswith("0 to 70 shown / 80 total / 10 to 80 missing per band")
    assert "area 2 deg² at nside 64" in words
    assert words.endswith("columns gmag, i, kmag · 3 more bands are not drawn")
    numbers = row.numbers(REPORT)
    assert numbers.rows[0] == ("g", 22.0, 22.5, 10, 5.0, 0.301, 23.25)
    assert len(numbers.rows) == 8


def test_errors_show_measured_and_extrapolated_depths_apart() -> None:
    figure = depth.magnitude_errors(REPORT)
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert [(mark.x[0], mark.y[0], mark.marker.symbol) for mark in marks] == [
        (24.1, 0.2171, "diamond"),
        (26.0, 0.2171, "diamond-open"),
    ]
    assert "extrapolated" in marks[1].hovertemplate
    assert "extrapolated" not in marks[0].hovertemplate
    low, high = figure.layout.yaxis.range
    assert 10**low < 0.04
    assert 10**high > 0.2171


def test_errors_name_the_depth_of_every_band() -> None:
    row = FIGURES["mag_errors"]
    assert row.finding(REPORT) == (
        "5σ depth: g 24.100; i deeper than the faintest object at 24.40, about 26.00 (extrapolated)."
    )
    assert "columns gmag, i, kmag, gerr, ierr" in row.caption(REPORT)
    numbers = row.numbers(REPORT)
    assert numbers.rows[0] == ("g", "5-sigma depth", "", "", 12, 24.1, "", "", "")
    assert numbers.rows[1][-1].startswith("deeper than the faintest object")  # type: ignore[union-attr]
    assert numbers.rows[2] == ("g", "median error", 22.0, 22.5, 10, 0.05, 0.04, 0.06, "")


def test_without_a_magnitude_the_figures_say_so() -> None:
    nothing = DepthReport((REPORT.bands[2],))
    assert "No valid magnitude" in depth.number_counts(nothing).layout.annotations[0].text
    assert "No band has errors" in depth.magnitude_errors(nothing).layout.annotations[0].text
    assert depth.counts_finding(nothing) == "no valid magnitude."
    assert depth.errors_finding(nothing) == "no errors of magnitudes."


def test_bright_is_on_top() -> None:
    figure = colours.colour_magnitude_map(samples.density(x_label="g - r", x_column="gmag - rmag", x_unit="mag"))
    low, high = figure.layout.yaxis.range
    assert low > high
    assert figure.layout.xaxis.title.text == "g - r (gmag - rmag) [mag]"
    assert colours.colour_magnitude_map(samples.density([[0, 0], [0, 0]])).layout.annotations


def test_the_usual_range_is_outlined_and_counted() -> None:
    figure = colours.colour_colour_map(photometry.colours())
    outline = figure.data[-1]
    assert (min(outline.x), max(outline.x), min(outline.y), max(outline.y)) == (-0.5, 2, -0.5, 2)
    row = FIGURES["colour_colour"]
    assert row.caption(photometry.colours()).endswith("the usual range, 75.0% have both colours in -0.5..2")
    assert "75.0%" in row.finding(photometry.colours())
    assert row.numbers(photometry.colours()).rows[0][-1] == 3
