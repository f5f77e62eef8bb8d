"""Figures and words of validation results: PDFs, odds, the table of metrics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from components.explore.details import detail_body
from components.figures.failed import failed_estimates
from components.figures.metric_table import WORDS, metric_cells, value_text
from components.figures.odds_cut import odds_cut_panels
from components.figures.pdf_quality import pit_histogram, qq_plot, shape_words, stacked_density
from components.figures.registry import FIGURES
from services.models.statistics import Tally
from services.models.validation import MetricValue
from services.statistics.metric_table import MORE_NAMES, ORDER
from tests.components.figures import validation_samples as samples
from tests.components.tree import words as text_of


def test_pit_bars_and_the_band_about_uniform() -> None:
    figure = pit_histogram(samples.quality())
    assert figure.data[0].y.tolist() == [1, 3, 3, 1]
    band, line = figure.layout.shapes
    assert (band.y0, band.y1) == (1.2, 3.4)
    assert line.y0 == line.y1 == 2
    assert "PIT outliers (below 0.0001 or above 0.9999): 0.10%" in FIGURES["pit"].caption(samples.quality())


@pytest.mark.parametrize(
    ("mean", "std", "words"),
    [
        (0.5, 0.2, "PDFs too broad (hump)"),
        (0.5, 0.36, "PDFs too narrow (U shape)"),
        (0.56, 0.29, "PDFs too low in z"),
        (0.44, 0.2, "PDFs too broad (hump) and PDFs too high in z"),
        (0.5, 0.289, "PITs not uniform"),
    ],
)
def test_the_shape_of_the_pit_is_said(mean: float, std: float, words: str) -> None:
    assert shape_words(samples.quality(mean=mean, std=std)) == words


def test_qq_has_the_difference_below() -> None:
    figure = qq_plot(samples.quality())
    assert [trace.yaxis for trace in figure.data] == ["y", "y", "y2", "y2"]
    assert figure.data[3].y.tolist() == pytest.approx([0, -0.1875, -0.25, -0.1875, 0])
    assert "KS 0.2000, CvM 1.5, AD 3.5" in FIGURES["qq"].caption(samples.quality())
    assert "CDE loss -4.5 ± 0.04, CRPS 0.05 ± 0.002" in FIGURES["qq"].finding(samples.quality())
    assert FIGURES["qq"].numbers(samples.quality()).rows[2] == (0.5, 0.25, -0.25)


def test_stack_is_drawn_against_the_truth_where_there_is_one() -> None:
    bars, line = stacked_density(samples.stacked()).data
    assert bars.y.tolist() == [0.5, 1.5]
    assert line.y.max() == pytest.approx(1)
    (alone,) = stacked_density(samples.stacked(with_truth=False)).data
    assert alone.name == "stacked PDF"
    assert "a look, not an estimator of N(z)" in FIGURES["stacked_pdf"].caption(samples.stacked())
    assert FIGURES["stacked_pdf"].finding(samples.stacked()).endswith("mean of the true redshifts 0.625.")
    numbers = FIGURES["stacked_pdf"].numbers(samples.stacked())
    assert [numbers.rows[place][2] for place in (0, 7, 15)] == [0.5, 1.5, 0.0]


def test_odds_have_a_panel_for_what_is_kept() -> None:
    figure = odds_cut_panels(samples.odds())
    assert [trace.yaxis for trace in figure.data] == ["y", "y2", "y3", "y4"]
    assert figure.data[3].y.tolist() == [1.0, 0.6]
    assert FIGURES["odds_cut"].finding(samples.odds()).startswith("odds above 0.9 keep 60.0% of the pairs")
    assert FIGURES["odds_cut"].numbers(samples.odds()).rows[1][:4] == (0.9, 60, 0.6, -0.01)
    empty = replace(samples.odds(), steps=())
    assert "No threshold of the odds leaves 30 pairs" in odds_cut_panels(empty).layout.annotations[0].text
    assert FIGURES["odds_cut"].finding(empty) == "no threshold of the odds leaves 30 pairs."


def test_failed_estimates_are_shares_of_bins_with_enough_rows() -> None:
    (points,) = failed_estimates(samples.failed()).data
    assert points.x.tolist() == [20.75, 21.25]
    assert points.y.tolist() == [0.05, 0.2]
    assert (points.error_y.array > 0).all()
    (bars,) = failed_estimates(samples.failed(with_magnitude=False)).data
    assert list(bars.x) == [30, 17, 1]
    none = replace(samples.failed(), tally=Tally(310, 310))
    assert "Every object has a photo-z" in failed_estimates(none).layout.annotations[0].text
    row = FIGURES["z_phot_failed"]
    assert row.finding(samples.failed()) == "15.48% of the objects have no photo-z."
    assert "48 missing: 30 no value / 17 stands for none / 1 out of range · columns zb, mag_i" in row.caption(
        samples.failed()
    )
    assert row.numbers(samples.failed()).rows[1] == (20.5, 21.0, 100, 5)
    assert row.numbers(samples.failed(with_magnitude=False)).rows[0] == ("no value", 30)


def test_every_metric_of_the_service_has_words() -> None:
    assert {*ORDER, *MORE_NAMES} <= set(WORDS)


def test_values_carry_their_errors() -> None:
    cells = {title: value for title, value, _ in metric_cells(samples.table())}
    assert cells["bias"] == "-0.02857 ± 0.00040"
    assert cells["σ_NMAD"] == "0.0561 ± 0.0007"
    assert cells["outliers η"] == "8.84% (8.62% to 9.07%)"
    assert value_text(MetricValue("outlier_fraction_lsst", 0.07, 0.002)) == "7.00% ± 0.20%"
    assert value_text(MetricValue("pit_ad", np.nan)) == "none"
    definitions = {title: words for title, _, words in metric_cells(samples.table())}
    assert definitions["interval coverage"] == "zmin ≤ z_spec ≤ zmax; the names claim 68%"


def test_the_card_shows_a_table_and_no_figure() -> None:
    shown, caption, _numbers = detail_body("metric_table", samples.table())
    said = text_of(shown)
    assert "σ_NMAD" in said
    assert "1.4826 median(|dz - median(dz)|)" in said
    assert "js-plotly" not in repr(shown)
    assert "90 with a PDF" in text_of(caption)
    row = FIGURES["metric_table"]
    assert row.numbers(samples.table()).rows[0][:5] == ("bias", -0.028571, 0.0004, "", "")
    assert row.finding(samples.table()).startswith("bias -0.02857 ± 0.00040, σ_NMAD")
