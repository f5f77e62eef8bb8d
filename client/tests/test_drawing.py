from __future__ import annotations

from typing import Any

import pytest

from pzserver.analysis import plot_of

HISTOGRAM = {"kind": "Histogram", "edges": [0, 0.5, 1], "counts": [3, 4], "err_low": [1, 1], "err_high": [2, 2]}
HISTOGRAM |= {"label": "z_spec", "column": "a $1 name", "unit": None}
GRID = {"kind": "Density", "counts": [[1, 0], [3, 4]], "x_edges": [359, 360, 361], "y_edges": [-1, 0, 1]}
GRID |= {"x_label": "RA", "x_column": "ra", "x_unit": "deg", "y_label": "Dec", "y_column": "dec", "y_unit": "deg"}
BIN = {
    "low": 0,
    "high": 1,
    "metrics": {"bias": 0.1, "sigma_nmad": 0.2, "outlier_fraction": 0.3},
    "errors": {"bias": 0.1},
}
VALUES: dict[str, dict[str, Any]] = {
    "Histogram": HISTOGRAM,
    "HistogramSet": {"items": [HISTOGRAM | {"band": "g"}, HISTOGRAM | {"band": "i"}]},
    "Tomography": {
        "z_spec": "z",
        "edges": HISTOGRAM["edges"],
        "bins": [{"low": 0, "high": 0.5}, {"low": 0.5, "high": 1}],
        "counts": [[1, 1], [0, 0]],
    },
    "GroupedHistogram": {"whole": HISTOGRAM, "groups": ["a", "b"], "counts": [[1, 1], [2, 3]]},
    "Density": GRID,
    "SkyDensity": {"grid": GRID},
    "ColourColour": {"grid": GRID},
    "HealpixMap": {"grid": GRID, "nside": 64},
    "SkyFields": {"fields": [{"grid": GRID}, {"grid": GRID}, {"grid": GRID}]},
    "CategoryCounts": {"values": ["3", "4"], "counts": [5, 6], "n_other": 1, "label": "Flag", "column": "f"},
    "BinnedMetrics": {"bins": [BIN], "label": "z_spec", "column": "z"},
    "OddsCut": {"steps": [{"threshold": 0.5, "bin": BIN}]},
}


def drawn(kind: str, value: dict[str, Any] | None) -> Any:
    answer = {"name": "a_plot", "title": "A plot", "provenance": {"cut": "z > 0"}}
    return plot_of(answer | {"value": None if value is None else value | {"kind": kind}}).draw()


@pytest.mark.parametrize("kind", VALUES)
def test_every_kind_is_drawn_under_its_title_and_cut(kind: str) -> None:
    figure = drawn(kind, VALUES[kind])
    assert figure.get_suptitle() == "A plot\nz > 0"
    assert any(axes.has_data() for axes in figure.axes)
    figure.canvas.draw()


def test_right_ascension_grows_to_the_left_and_starts_again_at_0h() -> None:
    axes = drawn("SkyDensity", {"grid": GRID}).axes[0]
    low, high = axes.get_xlim()
    assert low > high
    assert axes.xaxis.get_major_formatter()(360.5, 0) == "0.5"


@pytest.mark.parametrize(
    ("kind", "value"), [("Density", GRID | {"counts": [[0, 0], [0, 0]]}), ("Unknown", {}), ("", None)]
)
def test_nothing_to_draw_is_said(kind: str, value: dict[str, Any] | None) -> None:
    (text,) = drawn(kind, value).axes[0].texts
    assert text.get_text() in (
        "No row has both values",
        "Unknown: see plot.value",
        "No row holds what this plot is made from",
    )
