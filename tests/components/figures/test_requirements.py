"""Requirements of surveys over plots of metrics: there when asked for, where they belong, with their source."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import pytest

from components.figures.binned_metrics import PANELS, axis_name
from components.figures.registry import FIGURES, PLAIN, Style, draw
from services.requirements import DESC_MEANS, LSST
from tests.components.figures.test_registry import SAMPLES

ASKED = Style(requirements=True)
WITH_METRICS = ("metrics_by_z_spec", "metrics_by_z_phot", "metrics_by_magnitude", "odds_cut")


def _levels(figure: go.Figure) -> dict[str, set[float]]:
    """Heights of the dashed lines on each axis."""
    found: dict[str, set[float]] = {}
    for trace in figure.data:
        if trace.line.dash == "dash":
            found.setdefault(trace.yaxis, set()).update(trace.y)
    return found


@pytest.mark.parametrize("name", WITH_METRICS)
def test_every_panel_has_the_line_of_its_metric(name: str) -> None:
    sample = {name: SAMPLES[name]}
    figure = draw(name, sample, ASKED)
    axes = {panel[0]: axis_name(place) for place, panel in enumerate(PANELS, start=1)}
    bias, scatter, outliers = (axes[name] for name in ("bias", "sigma_nmad", "outlier_fraction"))
    assert _levels(figure) == {bias: {0.003, -0.003}, scatter: {0.02}, outliers: {0.1}}
    labels = [note.text.replace("&lt;", "<") for note in figure.layout.annotations]
    assert labels == [one.words for one in LSST]
    assert "Graham et al. 2018" in FIGURES[name].line_under(SAMPLES[name], ASKED)


def test_means_of_tomographic_bins_have_bands() -> None:
    sample: Any = SAMPLES["tomography"]
    bands = draw("tomography", {"tomography": sample}, ASKED).layout.shapes
    expected = [limit * (1 + one.mean) for one in sample.bins if one.n for _, limit in DESC_MEANS]
    assert [(band.x1 - band.x0) / 2 for band in bands] == pytest.approx(expected)
    assert "arXiv:1809.01669" in FIGURES["tomography"].line_under(sample, ASKED)


@pytest.mark.parametrize("name", [*WITH_METRICS, "tomography"])
def test_nobody_sees_them_unasked(name: str) -> None:
    sample = {name: SAMPLES[name]}
    plain = draw(name, sample, PLAIN)
    asked = draw(name, sample, ASKED)
    assert len(plain.data) + len(plain.layout.shapes) < len(asked.data) + len(asked.layout.shapes)
    assert not plain.layout.annotations
    assert FIGURES[name].line_under(SAMPLES[name], PLAIN) == FIGURES[name].caption(SAMPLES[name])
