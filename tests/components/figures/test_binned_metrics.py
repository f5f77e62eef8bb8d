from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from components.figures.binned_metrics import binned_metrics
from components.figures.registry import FIGURES
from tests.components.figures.validation_samples import binned

ROW = FIGURES["metrics_by_z_spec"]


def test_three_panels_share_the_axis_and_carry_error_bars() -> None:
    figure = binned_metrics(binned())
    assert [trace.yaxis for trace in figure.data] == ["y", "y2", "y3"]
    assert figure.layout.xaxis.title.text == "z_spec (Z)"
    assert list(figure.layout.xaxis.range) == [0.0, 0.6]
    bias, scatter, _outliers = figure.data
    assert bias.x.tolist() == [0.1, 0.5]
    assert bias.y.tolist() == [-0.02, 0.01]
    assert np.asarray(scatter.error_y.array).tolist() == [0.003, 0.003]
    domains = [figure.layout[name].domain for name in ("yaxis3", "yaxis2", "yaxis")]
    assert all(below[1] < above[0] for below, above in itertools.pairwise(domains))


def test_no_bin_is_said_in_words() -> None:
    empty = replace(binned(), bins=())
    assert "No bin of z_spec holds 30 pairs" in binned_metrics(empty).layout.annotations[0].text
    assert "no bin" in ROW.finding(empty)


def test_words_and_numbers() -> None:
    assert ROW.title.endswith("in bins of z_spec")
    assert FIGURES["metrics_by_z_phot"].title.endswith("in bins of z_phot")
    assert ROW.caption(binned()).startswith("100 shown / 120 total / 13 missing · 7 in bins with fewer than 30 pairs")
    assert ROW.caption(binned()).endswith("columns zb, Z")
    assert ROW.finding(binned()) == "bias from -0.0200 to +0.0100, scatter largest (0.0700) for z_spec from 0.4 to 0.6."
    numbers = ROW.numbers(binned())
    assert numbers.header[:5] == ("z_spec_low", "z_spec_high", "n", "bias", "bias_error")
    assert numbers.rows[1] == (0.4, 0.6, 60, 0.01, 0.002, 0.07, 0.003, 0.08, 0.01)
