"""Metrics against a threshold of the odds: what a cut gains above, what it costs below."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go

from components.figures.binned_metrics import PANELS, Panel, add_panel, add_zero_line, metric_line, panel_line
from components.figures.captions import tally_text
from components.figures.numbers import Cell, Numbers
from components.figures.template import empty_figure, new_figure, plain_text
from services.models.validation import OddsCut, OddsStep
from services.statistics.metric_report import FEWEST_PAIRS

HEIGHT_PX = 620
KEPT: Panel = ("kept", "kept", "#7c8792", ".1%")
_NO_STEPS = f"no threshold of the odds leaves {FEWEST_PAIRS} pairs"
_ABOVE = "odds above %{x:.4~g}"
_DOMAINS = ((0.79, 1.0), (0.53, 0.74), (0.27, 0.48), (0.0, 0.21))


def odds_cut_panels(found: OddsCut) -> go.Figure:
    """Bias, scatter, outliers and the share of pairs that are kept, against the threshold."""
    if not found.steps:
        return empty_figure(f"{_NO_STEPS.capitalize()}.")
    figure = new_figure(height=HEIGHT_PX, showlegend=False)
    figure.update_xaxes(title={"text": plain_text(f"threshold of {found.odds_column}")}, anchor="y4")
    bins = [step.bin for step in found.steps]
    thresholds, kept = (np.array([getattr(step, name) for step in found.steps]) for name in ("threshold", "kept"))
    for place, panel in enumerate((*PANELS, KEPT), start=1):
        add_panel(figure, place, panel, _DOMAINS[place - 1])
        if panel is not KEPT:
            figure.add_trace(metric_line(panel, place, _ABOVE, bins, thresholds))
    n_pairs = np.array([[one.metrics.n] for one in bins])
    figure.add_trace(panel_line(KEPT, len(PANELS) + 1, _ABOVE, (thresholds, kept, n_pairs)))
    add_zero_line(figure)
    return figure


def odds_cut_caption(found: OddsCut) -> str:
    """Where every row went, and which columns were used."""
    columns = (found.odds_column, found.z_phot, found.z_spec)
    return f"{tally_text(found.tally)} · errors from at least 200 bootstrap resamples · columns {', '.join(columns)}"


def odds_cut_finding(found: OddsCut) -> str:
    """What the strictest threshold gains."""
    if not found.steps:
        return f"{_NO_STEPS}."
    first, last = found.steps[0], found.steps[-1]
    return (
        f"odds above {last.threshold:g} keep {last.kept:.1%} of the pairs; scatter goes from "
        f"{first.bin.metrics.sigma_nmad:.4f} to {last.bin.metrics.sigma_nmad:.4f}, outliers from "
        f"{first.bin.metrics.outlier_fraction:.2%} to {last.bin.metrics.outlier_fraction:.2%}."
    )


def odds_cut_numbers(found: OddsCut) -> Numbers:
    """A row for each threshold."""
    header = ["odds_above", "n", "kept_fraction"]
    for name, *_ in PANELS:
        header += [name, f"{name}_error"]
    return Numbers(tuple(header), tuple(tuple(_row(step)) for step in found.steps))


def _row(step: OddsStep) -> Iterator[Cell]:
    yield from (step.threshold, step.bin.metrics.n, step.kept)
    for name, *_ in PANELS:
        yield from (getattr(step.bin.metrics, name), step.bin.errors.get(name, ""))
