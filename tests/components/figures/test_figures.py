from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from components.figures.bars import category_bars
from components.figures.count_colours import colour_ticks
from components.figures.density import density_map, readable
from components.figures.magnitudes import magnitude_histograms
from components.figures.photoz_quality import photoz_against_truth
from components.figures.redshift import redshift_histogram
from components.figures.sky import ra_ticks, shortening, sky_density
from components.figures.template import BAND_COLOURS, TEMPLATE, axis_title, band_line, smallest_ints
from services.models.statistics import HistogramSet, PointMetrics
from tests.components.figures import statistics_samples as samples


def wire(figure: go.Figure) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(figure.to_json())
    return parsed


def test_every_bin_with_objects_is_a_bar_and_empty_bins_are_gaps() -> None:
    bar = redshift_histogram(samples.histogram((0, 4, 0, 9))).data[0]
    assert np.array_equal(bar.y, [np.nan, 4, np.nan, 9], equal_nan=True)
    assert np.array_equal(bar.x, [0.25, 0.75, 1.25, 1.75])
    assert np.array_equal(bar.error_y.array, np.array([np.nan, 3, np.nan, 4], np.float32), equal_nan=True)
    assert np.array_equal(bar.error_y.arrayminus, np.array([np.nan, 2, np.nan, 3], np.float32), equal_nan=True)


def test_redshift_axis_names_quantity_and_column_and_starts_at_zero() -> None:
    figure = redshift_histogram(samples.histogram((3, 1), start=0.5))
    assert figure.layout.xaxis.title.text == "z_spec (Z)"
    assert figure.layout.xaxis.range == (0.0, 1.5)


def test_names_from_a_file_are_drawn_and_not_obeyed() -> None:
    """Plotly takes <a>, <b> and entities in its texts for markup, and %{...} in hover templates for values."""
    odd, drawn = '<a href="//x">Z</a> & %{x}', '&lt;a href="//x"&gt;Z&lt;/a&gt; &amp; %{x}'
    assert drawn in redshift_histogram(samples.histogram((1, 1), column=odd)).layout.xaxis.title.text
    assert drawn in redshift_histogram(samples.histogram((0, 0), column=odd)).layout.annotations[0].text
    assert drawn in density_map(samples.density(x_column=odd)).layout.xaxis.title.text
    bars = category_bars(replace(samples.flags(), column=odd, values=(odd, "3", "")))
    assert drawn in bars.layout.yaxis.title.text
    assert bars.data[0].customdata[0] == drawn
    assert bars.layout.yaxis.ticktext[0].startswith("&lt;a href=")
    band = magnitude_histograms(HistogramSet("magnitudes", (samples.histogram(band=odd, label=odd, unit=odd),)))
    assert band.data[0].name == f"{drawn} (Z)"
    assert odd not in band.data[0].hovertemplate
    assert drawn in band.layout.xaxis.title.text


def test_redshift_axis_starts_at_a_negative_minimum() -> None:
    assert redshift_histogram(samples.histogram((3, 1), start=-0.05, step=0.05)).layout.xaxis.range[0] == -0.05


def test_a_handful_of_rows_is_drawn_as_a_rug() -> None:
    values = np.array([0.3, 0.1])
    figure = redshift_histogram(samples.histogram((1, 1), rug=values))
    assert [trace.type for trace in figure.data] == ["scatter"]
    assert np.array_equal(figure.data[0].x, [0.1, 0.3])


@pytest.mark.parametrize(
    "figure",
    [
        redshift_histogram(samples.histogram((0, 0))),
        density_map(samples.density([[0, 0, 0], [0, 0, 0]])),
        photoz_against_truth(samples.density([[0, 0, 0], [0, 0, 0]])),
    ],
)
def test_empty_input_gives_a_figure_that_says_so(figure: go.Figure) -> None:
    assert not figure.data
    assert figure.layout.annotations[0].text.startswith("No ")


def test_bands_keep_their_hue_and_order() -> None:
    figure = magnitude_histograms(samples.magnitudes())
    assert [trace.name for trace in figure.data] == ["g (gmag)", "r (rmag)"]
    assert [trace.line.color for trace in figure.data] == [BAND_COLOURS["g"], BAND_COLOURS["r"]]
    assert figure.layout.xaxis.title.text == "magnitude [mag]"


def test_outline_of_a_magnitude_histogram_holds_its_counts() -> None:
    trace = magnitude_histograms(samples.magnitudes()).data[0]
    assert trace.line.shape == "hv"
    assert list(trace.x) == [20.0, 20.0, 20.5, 21.0, 21.5, 22.0]
    assert list(trace.y) == [0, 0, 2, 3, 0, 0]


def test_fainter_magnitudes_are_on_top_of_a_redshift_magnitude_map() -> None:
    low, high = density_map(samples.density()).layout.yaxis.range
    assert low < high


def test_ra_grows_to_the_left_and_labels_stay_below_360() -> None:
    figure = sky_density(samples.sky())
    left, right = figure.layout.xaxis.range
    assert left > right
    assert "0" in figure.layout.xaxis.ticktext
    assert all(0 <= float(text) < 360 for text in figure.layout.xaxis.ticktext)


def test_a_flat_map_of_the_sky_names_few_declinations() -> None:
    flat, square = sky_density(samples.sky(x_edges=(0, 50, 100, 150))), sky_density(samples.sky())
    assert (flat.layout.yaxis.nticks, square.layout.yaxis.nticks) == (3, 6)


def test_a_degree_on_the_sky_is_as_long_on_both_axes() -> None:
    figure = sky_density(samples.sky(y_edges=(59.0, 60.0, 61.0)))
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.yaxis.scaleratio == pytest.approx(2.0, rel=0.01)
    assert shortening([80, 95]) == 0.1


def test_ra_ticks_are_multiples_of_a_readable_step() -> None:
    assert list(ra_ticks(359.05, 360.55)) == [359.5, 360.0, 360.5]
    assert list(ra_ticks(0.0, 360.0))[:3] == [0.0, 60.0, 120.0]


def test_categories_list_the_rest_last() -> None:
    figure = category_bars(samples.flags())
    assert list(figure.layout.yaxis.ticktext) == ["4", "3", "(blank)", "all others"]
    assert list(figure.data[0].x) == [70, 20, 5, 5]
    assert figure.layout.yaxis.autorange == "reversed"


def test_outlier_borders_open_with_redshift() -> None:
    density = samples.density(y_edges=[0.0, 0.5, 1.0], y_label="z_phot", y_column="zb")
    figure = photoz_against_truth(density)
    lines = {trace.name: trace for trace in figure.data[1:]}
    truth = np.array(figure.layout.xaxis.range)
    assert list(lines["1:1"].y) == list(truth)
    assert list(lines["+0.15(1+z_spec)"].y) == pytest.approx(truth + 0.15 * (1 + truth))
    assert list(lines["-0.15(1+z_spec)"].y) == pytest.approx(truth - 0.15 * (1 + truth))


def test_estimate_and_truth_share_one_range_on_equal_axes() -> None:
    layout = photoz_against_truth(samples.density(y_edges=[0.0, 2.0, 6.0])).layout
    assert layout.xaxis.range == layout.yaxis.range
    assert layout.yaxis.scaleanchor == "x"


def test_sparse_maps_are_drawn_in_larger_cells_without_losing_an_object() -> None:
    counts = np.zeros((101, 200), dtype=np.int64)
    counts[::2, ::3] = 1
    edges = {"x_edges": np.arange(201.0), "y_edges": np.arange(102.0)}
    joined = readable(samples.density(counts, **edges))
    assert joined.counts.sum() == counts.sum()
    assert joined.counts.shape == (len(joined.y_edges) - 1, len(joined.x_edges) - 1)
    assert joined.counts.shape[0] < 101
    assert (joined.x_edges[0], joined.x_edges[-1], joined.y_edges[-1]) == (0.0, 200.0, 101.0)
    assert joined.counts[0, 0] == counts[: int(joined.y_edges[1]), : int(joined.x_edges[1])].sum()


def test_dense_maps_stay_as_they_are() -> None:
    density = samples.density(np.full((100, 100), 9), x_edges=np.arange(101.0), y_edges=np.arange(101.0))
    assert readable(density) is density


def test_filters_without_a_hue_are_told_apart() -> None:
    lines = [band_line(f"filter{place}", place) for place in range(15)]
    assert len({tuple(line.items()) for line in lines}) == 15


def test_metrics_stand_above_the_plot() -> None:
    metrics = PointMetrics(15831, 3, -0.02857, 0.05611, 0.06, 0.06, 0.1, 0.08843)
    text = photoz_against_truth(samples.density(), metrics).layout.annotations[0].text
    for part in ("15,831", "-0.0286", "0.0561", "8.84%"):
        assert part in text


def test_arrays_travel_packed_and_the_template_stays_small() -> None:
    bar = wire(redshift_histogram(samples.histogram()))["data"][0]
    assert "bdata" in bar["y"]
    assert "bdata" in wire(density_map(samples.density()))["data"][0]["z"]
    assert len(json.dumps(TEMPLATE.to_plotly_json())) < 3000


def test_counts_take_the_smallest_type_that_holds_them() -> None:
    assert smallest_ints(np.array([255])).dtype == np.uint8
    assert smallest_ints(np.array([256])).dtype == np.uint16
    assert smallest_ints(np.array([70_000])).dtype == np.uint32
    assert smallest_ints(np.array([], dtype=np.int64)).size == 0


@pytest.mark.parametrize(
    ("args", "title"),
    [
        (("z_spec", "z_spec"), "z_spec"),
        (("z_spec", "Z"), "z_spec (Z)"),
        (("RA", "ra", "deg"), "RA (ra) [deg]"),
        (("RA [deg]", "ra"), "RA (ra) [deg]"),
    ],
)
def test_axis_titles_carry_column_and_unit(args: tuple[str, ...], title: str) -> None:
    assert axis_title(*args) == title


@pytest.mark.parametrize(("top", "ticks"), [(0, [1]), (1, [1]), (30, [1, 2, 5, 10, 20]), (1200, [1, 10, 100, 1000])])
def test_colour_bar_names_readable_counts(top: int, ticks: list[int]) -> None:
    assert colour_ticks(top) == ticks


def test_counts_carry_thousands_separators() -> None:
    assert redshift_histogram(samples.histogram()).layout.yaxis.tickformat == ","
