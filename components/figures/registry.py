"""Which figure draws which statistic: one row per name of ``services.statistics.registry`` and ``details``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go

from components.figures import colours, cone, depth, duplicates, failed, groups, healpix, missing, tomography
from components.figures.bars import category_bars
from components.figures.binned_metrics import (
    PANELS_HEIGHT_PX,
    binned_metrics,
    binned_metrics_caption,
    binned_metrics_finding,
    binned_metrics_numbers,
)
from components.figures.captions import caption, finding
from components.figures.density import density_map
from components.figures.magnitudes import magnitude_histograms
from components.figures.metric_table import (
    metric_caption,
    metric_cells,
    metric_finding,
    metric_numbers,
    metric_points,
)
from components.figures.numbers import Numbers, binned_numbers, numbers_csv
from components.figures.odds_cut import HEIGHT_PX as ODDS_HEIGHT_PX
from components.figures.odds_cut import odds_cut_caption, odds_cut_finding, odds_cut_numbers, odds_cut_panels
from components.figures.pdf_quality import (
    QQ_HEIGHT_PX,
    pit_caption,
    pit_histogram,
    pit_numbers,
    qq_caption,
    qq_numbers,
    qq_plot,
    quality_finding,
    stacked_caption,
    stacked_density,
    stacked_finding,
    stacked_numbers,
)
from components.figures.photoz_quality import photoz_against_truth
from components.figures.redshift import number_histogram, photoz_histogram, redshift_histogram
from components.figures.requirements import MEANS_OF_BINS, METRICS_BY_ODDS, METRICS_IN_BINS, Overlay
from components.figures.sky import sky_density
from components.figures.sky_fields import HEIGHT_PX as FIELDS_HEIGHT_PX
from components.figures.sky_fields import fields_caption, fields_finding, fields_map, fields_numbers
from components.figures.template import HEIGHT_PX, logarithmic
from services.models.details import AnyStatistic
from services.models.groups import GroupedHistogram
from services.models.statistics import PointMetrics

Drawing = Callable[..., go.Figure]
Cells = tuple[tuple[str, ...], ...]
"""Rows of a table for reading."""

TABLE_HEIGHT_PX = 420
"""Room of a table before it is there."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """How one statistic is shown: ``title`` above the plot, ``draw`` its figure function.

    ``companion`` names a second statistic that is handed over as well when the overview holds it; ``count_axis`` is
    the axis ("x" or "y") that counts objects and that a person may turn logarithmic, None when there is none;
    ``height_px`` is more than usual for square plots. ``caption`` tells where all rows went and which columns were
    used, ``finding`` in one sentence what the plot shows, ``numbers`` gives the table behind it. ``has_bins`` marks
    histograms, whose bins a person may choose and whose counts may be normalised.
    ``table`` gives cells that a card shows in place of the figure, which is then for reports only. ``overlay`` are
    requirements of surveys, drawn over it when a person asks for them.
    """

    statistic: str
    title: str
    draw: Drawing
    count_axis: str | None = None
    companion: str | None = None
    height_px: int = HEIGHT_PX
    caption: Callable[[Any], str] = caption
    finding: Callable[[Any], str] = finding
    numbers: Callable[[Any], Numbers] = binned_numbers
    table: Callable[[Any], Cells] | None = None
    has_bins: bool = False
    overlay: Overlay | None = None

    def summary(self, statistic: Any) -> str:
        """The plot in words, for people who do not see it."""
        return f"{self.title}: {self.finding(statistic)} {self.caption(statistic)}."

    def line_under(self, statistic: Any, style: Style) -> str:
        """The caption, with the source of the requirements that are drawn."""
        words = self.caption(statistic)
        return f"{words} · {self.overlay.source}" if style.requirements and self.overlay else words


def _in_bins(statistic: str, quantity: str) -> FigureRow:
    return FigureRow(
        statistic,
        f"Bias, scatter and outliers in bins of {quantity}",
        binned_metrics,
        height_px=PANELS_HEIGHT_PX,
        caption=binned_metrics_caption,
        finding=binned_metrics_finding,
        numbers=binned_metrics_numbers,
        overlay=METRICS_IN_BINS,
    )


def _by_group(name: str, title: str) -> FigureRow:
    return FigureRow(
        name,
        title,
        groups.grouped_histogram,
        count_axis="y",
        caption=groups.grouped_caption,
        finding=groups.grouped_finding,
        numbers=groups.grouped_numbers,
    )


_ROWS = (
    FigureRow("n_z", "Redshift distribution N(z)", redshift_histogram, count_axis="y", has_bins=True),
    FigureRow("n_z_phot", "Photo-z distribution N(z_phot)", photoz_histogram, count_axis="y", has_bins=True),
    FigureRow("magnitudes", "Magnitudes per band", magnitude_histograms, count_axis="y", has_bins=True),
    FigureRow("z_magnitude", "Redshift against magnitude", density_map),
    FigureRow("sky", "Sky density", sky_density),
    FigureRow("z_error", "Redshift errors", number_histogram, count_axis="y", has_bins=True),
    FigureRow("z_flag", "Quality flags", category_bars, count_axis="x"),
    FigureRow("survey", "Surveys", category_bars, count_axis="x"),
    FigureRow("z_phot_z_spec", "Photo-z against spec-z", photoz_against_truth, companion="metrics", height_px=460),
    FigureRow("odds", "Odds of the photo-z", number_histogram, count_axis="y", has_bins=True),
    FigureRow("dz", "Errors of the photo-z", number_histogram, count_axis="y"),
    FigureRow(
        "metric_table",
        "All metrics",
        metric_points,
        caption=metric_caption,
        finding=metric_finding,
        numbers=metric_numbers,
        table=metric_cells,
        height_px=TABLE_HEIGHT_PX,
    ),
    _in_bins("metrics_by_z_spec", "z_spec"),
    _in_bins("metrics_by_z_phot", "z_phot"),
    _in_bins("metrics_by_magnitude", "magnitude"),
    FigureRow(
        "tomography",
        "Tomographic bins",
        tomography.tomographic_bins,
        caption=tomography.tomography_caption,
        finding=tomography.tomography_finding,
        numbers=tomography.tomography_numbers,
        overlay=MEANS_OF_BINS,
    ),
    FigureRow(
        "number_counts",
        "Number counts",
        depth.number_counts,
        caption=depth.counts_caption,
        finding=depth.counts_finding,
        numbers=depth.counts_numbers,
    ),
    FigureRow(
        "mag_errors",
        "Magnitude errors and depth",
        depth.magnitude_errors,
        caption=depth.errors_caption,
        finding=depth.errors_finding,
        numbers=depth.errors_numbers,
    ),
    FigureRow("colour_magnitude", "Colour against magnitude", colours.colour_magnitude_map),
    FigureRow(
        "colour_colour",
        "Colour against colour",
        colours.colour_colour_map,
        caption=colours.colours_caption,
        finding=colours.colours_finding,
        numbers=colours.colours_numbers,
    ),
    FigureRow("z_colour", "Redshift against colour", density_map),
    FigureRow(
        "sky_fields",
        "Fields on the sky",
        fields_map,
        height_px=FIELDS_HEIGHT_PX,
        caption=fields_caption,
        finding=fields_finding,
        numbers=fields_numbers,
    ),
    FigureRow(
        "healpix",
        "HEALPix density",
        healpix.healpix_figure,
        caption=healpix.healpix_caption,
        finding=healpix.healpix_finding,
        numbers=healpix.healpix_numbers,
    ),
    FigureRow(
        "odds_cut",
        "Metrics against a threshold of the odds",
        odds_cut_panels,
        height_px=ODDS_HEIGHT_PX,
        caption=odds_cut_caption,
        finding=odds_cut_finding,
        numbers=odds_cut_numbers,
        overlay=METRICS_BY_ODDS,
    ),
    FigureRow(
        "pit",
        "Probability integral transforms (PIT)",
        pit_histogram,
        count_axis="y",
        caption=pit_caption,
        finding=quality_finding,
        numbers=pit_numbers,
    ),
    FigureRow(
        "qq",
        "Quantiles of the PIT (QQ)",
        qq_plot,
        height_px=QQ_HEIGHT_PX,
        caption=qq_caption,
        finding=quality_finding,
        numbers=qq_numbers,
    ),
    FigureRow(
        "z_phot_failed",
        "Objects without a photo-z",
        failed.failed_estimates,
        caption=failed.failed_caption,
        finding=failed.failed_finding,
        numbers=failed.failed_numbers,
    ),
    FigureRow(
        "stacked_pdf",
        "Stacked PDF",
        stacked_density,
        caption=stacked_caption,
        finding=stacked_finding,
        numbers=stacked_numbers,
    ),
    _by_group("z_flag_n_z", "N(z) by quality flag"),
    _by_group("survey_n_z", "N(z) by survey"),
    FigureRow(
        "cone",
        "Cone diagram",
        cone.cone_diagram,
        height_px=460,
        caption=cone.cone_caption,
        finding=cone.cone_finding,
        numbers=cone.cone_numbers,
    ),
    FigureRow(
        "duplicates",
        "Objects within 1 arcsec",
        duplicates.close_objects,
        height_px=460,
        caption=duplicates.close_caption,
        finding=duplicates.close_finding,
        numbers=duplicates.close_numbers,
    ),
    FigureRow(
        "missing_map",
        "Missing values",
        missing.missing_values,
        height_px=missing.HEIGHT_PX,
        caption=missing.missing_caption,
        finding=missing.missing_finding,
        numbers=missing.missing_numbers,
    ),
)


def _by_name(rows: tuple[FigureRow, ...]) -> Mapping[str, FigureRow]:
    table: dict[str, FigureRow] = {}
    for row in rows:
        if row.statistic in table:
            raise ValueError(f"statistic {row.statistic} has two figures")
        table[row.statistic] = row
    return MappingProxyType(table)


FIGURES = _by_name(_ROWS)


SPLIT = FigureRow(
    "split",
    "Split",
    groups.grouped_histogram,
    count_axis="y",
    caption=groups.grouped_caption,
    finding=groups.grouped_finding,
    numbers=groups.grouped_numbers,
    has_bins=True,
)
"""How any histogram is shown once it is split."""


def row_for(name: str, statistic: AnyStatistic) -> FigureRow:
    """How a statistic is shown: by its name, but a histogram that was split as such."""
    row = FIGURES[name]
    if isinstance(statistic, GroupedHistogram) and row.draw is not groups.grouped_histogram:
        return replace(SPLIT, statistic=name, title=f"{row.title}, split by {_lower(statistic.label)}")
    return row


def plot_csv(name: str, statistic: AnyStatistic, cut: str = "") -> str:
    """The numbers behind a plot as CSV text, under a line that says what was counted."""
    if isinstance(statistic, PointMetrics):  # they accompany a plot: no figure of their own, but a name
        return numbers_csv(binned_numbers(statistic), caption(statistic), cut)
    row = row_for(name, statistic)
    return numbers_csv(row.numbers(statistic), row.caption(statistic), cut)


def _lower(label: str) -> str:
    """A label inside a title: names of columns stay as they are."""
    return label[0].lower() + label[1:] if label.startswith("Bins ") else label


@dataclass(frozen=True, slots=True)
class Style:
    """How a person wants plots drawn: histograms with area 1, plots with logarithmic counts, by name, and with what
    surveys require."""

    normalised: bool = False
    log: frozenset[str] = frozenset()
    requirements: bool = False


PLAIN = Style()


def draw(name: str, statistics: Mapping[str, AnyStatistic], style: Style = PLAIN) -> go.Figure:
    """Figure of the statistic ``name`` out of an overview's statistics."""
    row = row_for(name, statistics[name])
    arguments: list[Any] = [statistics[name]]
    if row.companion and isinstance(companion := statistics.get(row.companion), PointMetrics):
        arguments.append(companion)
    figure = row.draw(*arguments, normalised=True) if row.has_bins and style.normalised else row.draw(*arguments)
    if style.requirements and row.overlay is not None:
        row.overlay.add(figure, statistics[name])
    return logarithmic(figure, row.count_axis) if row.count_axis and name in style.log else figure
