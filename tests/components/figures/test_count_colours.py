"""Colours of maps of counts, as a browser works them out from the scale: linear between its stops."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.colors import sample_colorscale

from components.figures.count_colours import colour_marks, log_colours, span_of
from components.figures.density import density_map
from components.figures.sky_fields import cell_deg2, fields_map
from components.figures.template import DENSITY_COLOURS
from tests.components.figures import statistics_samples as samples

LAST = DENSITY_COLOURS[-1]


def rgba(colour: str) -> list[float]:
    parts = [float(part) for part in re.findall(r"[\d.]+", colour)]
    return parts if len(parts) == 4 else [*parts, 1.0]


def colour_of(trace: go.Heatmap, count: float) -> np.ndarray:
    """RGBA of a cell of so many objects."""
    places, colours = zip(*trace.colorscale, strict=True)
    at = min(max((count - trace.zmin) / (trace.zmax - trace.zmin), 0.0), 1.0)
    above = max(int(np.searchsorted(places, at)), 1)  # places may be equal: a step
    low, high = (np.array(rgba(colours[place])) for place in (above - 1, above))
    span = places[above] - places[above - 1]
    return low + (high - low) * ((at - places[above - 1]) / span if span else 1.0)


@pytest.mark.parametrize("top", [3, 100, 12_345, 5_000_000])
def test_colours_follow_the_logarithm_and_empty_cells_are_not_drawn(top: int) -> None:
    low, high = span_of(top)
    trace = go.Heatmap(zmin=0, zmax=10**high, colorscale=log_colours(low, high))
    assert colour_of(trace, 0)[3] == 0
    for count in (1, 2, 3, top / 7, top / 2, top):
        share = np.log10(max(count, 1)) / high
        wanted = rgba(sample_colorscale(DENSITY_COLOURS, [share])[0])
        np.testing.assert_allclose(colour_of(trace, max(count, 1)), wanted, atol=2.5)


def test_a_map_sends_counts_alone_and_its_bar_their_decades() -> None:
    cells, marks = density_map(samples.density()).data
    assert cells.z[0, 0] == 0
    assert cells.z[1, 1] == 100
    assert cells.z.dtype == np.uint8
    assert cells.customdata is None
    assert colour_of(cells, 0)[3] == 0
    np.testing.assert_allclose(colour_of(cells, 100), rgba(LAST))
    assert (marks.marker.cmin, marks.marker.cmax) == (0, pytest.approx(2))
    bar: Any = marks.marker.colorbar
    assert dict(zip(bar.ticktext, bar.tickvals, strict=True))["100"] == pytest.approx(2)
    assert marks.x == (None,)


def test_colours_of_fields_count_objects_per_square_degree() -> None:
    sample = samples.fields()
    grids = [field.grid for field in sample.fields[:2]]
    *panels, marks = fields_map(sample).data
    deg2 = [cell_deg2(grid) for grid in grids]
    top = max(grid.counts.max() / area for grid, area in zip(grids, deg2, strict=True))
    assert marks.marker.cmax == pytest.approx(np.log10(top))
    for panel, area in zip(panels, deg2, strict=True):
        np.testing.assert_allclose(colour_of(panel, top * area), rgba(LAST), atol=0.5)
        assert colour_of(panel, 0)[3] == 0
    # As many objects per square degree have one colour in cells of any size.
    shades = [colour_of(panel, 0.3 * top * area) for panel, area in zip(panels, deg2, strict=True)]
    np.testing.assert_allclose(shades[0], shades[1], atol=2.5)


def test_the_trace_of_the_bar_is_no_data() -> None:
    marks = colour_marks(0.0, 2.0, {})
    assert marks.showlegend is False
    assert marks.hoverinfo == "skip"
