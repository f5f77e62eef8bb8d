from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np

from components.figures.captions import caption, finding, tally_text
from components.figures.numbers import binned_numbers, numbers_csv
from components.figures.registry import FIGURES
from services.models.statistics import HistogramSet, PointMetrics, Statistic, Tally
from tests.components.figures import statistics_samples as samples


def _csv(statistic: Statistic) -> str:
    return numbers_csv(binned_numbers(statistic), caption(statistic))


def test_caption_says_where_every_row_went_and_which_column() -> None:
    assert caption(samples.histogram()) == "13 shown / 20 total / 5 missing · 2 outside the axis · column Z"


def test_cut_rows_are_named() -> None:
    assert tally_text(Tally(1_000_000, 10, 2, 0, 999_988)).endswith("999,988 cut away")


def test_caption_of_bands_gives_ranges() -> None:
    wide = samples.histogram((5, 9), label="mag_i", column="imag", band="i", tally=Tally(100, 14, 86))
    text = caption(HistogramSet("magnitudes", (*samples.magnitudes().items, wide)))
    assert text.startswith("5 to 14 shown / 12 total / 5 to 86 missing per band · 4 outside the axis")
    assert text.endswith("columns gmag, rmag, imag")


def test_caption_of_the_sky_tells_area_and_nside() -> None:
    sky = replace(samples.sky(), pixels=np.arange(30), counts=np.ones(30, dtype=np.int64))
    assert "0.997 deg² at nside 256" in caption(sky)


def test_caption_of_a_density_tells_the_size_of_its_cells() -> None:
    assert "· cells of 0.5 × 1 · columns Z, imag" in caption(samples.density())
    assert "· cells of 0.5 × 1 mag ·" in caption(samples.density(y_unit="mag"))
    assert "· cells of 0.5 × 1 deg ·" in caption(samples.sky())
    thin = samples.density(np.eye(48), x_edges=np.arange(49) * 0.5, y_edges=np.arange(49))
    assert "· cells of 1 × 2 ·" in caption(thin), "cells that are joined to be readable"


def test_few_scattered_objects_have_no_area() -> None:
    sky = replace(samples.sky(), pixels=np.array([3]), counts=np.array([3]), nside=1, area_deg2=3437.7)
    assert "deg²" not in caption(sky)
    assert "too sparse" in caption(sky)


def test_summary_is_a_sentence_with_the_finding() -> None:
    text = FIGURES["n_z"].summary(samples.histogram())
    assert text.startswith("Redshift distribution N(z): values from 0.5 to 2, most of them near 1.75. 13 shown")
    assert "densest near z_spec 0.75 and mag_i 21.5" in finding(samples.density())
    assert "the most frequent is 4 (70%)" in finding(samples.flags())
    assert "RA 359 and 0.5 deg" in finding(samples.sky())


def test_histogram_csv_holds_every_bin_exactly() -> None:
    lines = _csv(samples.histogram((0, 4, 0, 9), step=0.1)).splitlines()
    assert lines[0].startswith("# 13 shown")
    rows = list(csv.DictReader(lines[1:]))
    assert [int(row["count"]) for row in rows] == [0, 4, 0, 9]
    assert [float(row["bin_low"]) for row in rows] == list(samples.histogram((0, 4, 0, 9), step=0.1).edges[:-1])


def test_density_numbers_list_filled_cells_fullest_first() -> None:
    numbers = binned_numbers(samples.density())
    assert numbers.header == ("z_spec_low", "z_spec_high", "mag_i_low", "mag_i_high", "count")
    assert numbers.rows[0] == (0.5, 1.0, 21.0, 22.0, 100)
    assert [row[-1] for row in numbers.rows] == [100, 5, 1]


def test_set_and_categories_and_metrics_have_numbers() -> None:
    assert binned_numbers(samples.magnitudes()).header == ("bin_low", "bin_high", "count_g", "count_r")
    assert binned_numbers(samples.magnitudes()).rows[1] == (20.5, 21.0, 2, 2)
    assert binned_numbers(samples.flags()).rows[-1] == ("all others", 5)
    metrics = binned_numbers(PointMetrics(3, 1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
    assert ("sigma_nmad", 0.2) in metrics.rows


def test_csv_holds_no_formula_and_one_comment_line() -> None:
    odd = replace(
        samples.flags(), column="a\nb", label="=z", values=("=1+1", "-9", "@x", "- none"), counts=(4, 3, 2, 1)
    )
    lines = _csv(odd).splitlines()
    assert lines[0].endswith("column a b")
    assert lines[1:6] == ["'=z,count", "'=1+1,4", "-9,3", "'@x,2", "'- none,1"]
