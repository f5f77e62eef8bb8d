"""All metrics of a product as rows of a table: title, value, error, definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.numbers import Numbers
from components.figures.template import PHOTOZ_COLOUR, new_figure
from services.models.validation import MetricTable, MetricValue


@dataclass(frozen=True, slots=True)
class MetricWords:
    """How a metric is called, what it is, and whether it is a share shown in per cent."""

    title: str
    definition: str
    is_share: bool = False


WORDS: Mapping[str, MetricWords] = MappingProxyType(
    {
        "bias": MetricWords("bias", "median of dz"),
        "bias_mean": MetricWords("mean bias", "mean of dz"),
        "bias_mean_iqr": MetricWords("bias inside the quartiles", "mean of dz between its quartiles"),
        "sigma_nmad": MetricWords("σ_NMAD", "1.4826 median(|dz - median(dz)|)"),
        "sigma_nmad_uncentred": MetricWords("σ_NMAD, not centred", "1.4826 median(|dz|)"),
        "sigma_iqr": MetricWords("σ_IQR", "(q75 - q25) / 1.349"),
        "sigma_68": MetricWords("σ_68", "(p84.1345 - p15.8655) / 2"),
        "rms": MetricWords("rms", "root of the mean of dz²"),
        "std": MetricWords("standard deviation", "about the mean of dz"),
        "outlier_fraction": MetricWords("outliers η", "|dz| > 0.15; 68 % Wilson interval", is_share=True),
        "outlier_fraction_lsst": MetricWords(
            "outliers, LSST style", "|dz - median(dz)| > max(0.06, 3 σ_IQR)", is_share=True
        ),
        "catastrophic_fraction": MetricWords("catastrophic", "|z_phot - z_spec| > 1", is_share=True),
        "interval_coverage": MetricWords("interval coverage", "z_low ≤ z_spec ≤ z_high", is_share=True),
        "cde_loss": MetricWords("CDE loss", "mean ∫p² dz - 2 mean p(z_spec); lower is better"),
        "crps": MetricWords("CRPS", "mean ∫(F - H)² dz, in z"),
        "pit_mean": MetricWords("mean PIT", "0.5 when calibrated"),
        "pit_std": MetricWords("standard deviation of PIT", "0.2887 when calibrated"),
        "pit_outlier_fraction": MetricWords("PIT outliers", "PIT < 0.0001 or > 0.9999", is_share=True),
        "pit_ks": MetricWords("KS of PIT", "max |F_emp - u|"),
        "pit_cvm": MetricWords("CvM of PIT", "1/(12 n) + Σ((2i - 1)/(2n) - u_i)²"),
        "pit_ad": MetricWords("AD of PIT", "n ∫(F_emp - u)²/(u(1 - u)) du on [0.01, 0.99]"),
    }
)
"""By the name of a metric, in no particular order: the value object has its own."""


def metric_cells(table: MetricTable) -> tuple[tuple[str, str, str], ...]:
    """Rows of the table for reading: title, value with its error, definition."""
    return tuple((WORDS[row.name].title, value_text(row), _definition(table, row)) for row in table.rows)


def _definition(table: MetricTable, row: MetricValue) -> str:
    words = WORDS[row.name].definition
    if row.name != "interval_coverage" or len(table.interval_columns) != 2:
        return words
    low, high = table.interval_columns
    claim = f"; the names claim {table.level:.0%}" if table.level else ""
    return f"{low} ≤ z_spec ≤ {high}{claim}"


def value_text(row: MetricValue) -> str:
    """Value and error, shares in per cent; ends of the interval where there are any."""
    if not np.isfinite(row.value):
        return "none"
    if WORDS[row.name].is_share:
        if row.low is not None and row.high is not None:
            return f"{row.value:.2%} ({row.low:.2%} to {row.high:.2%})"
        return f"{row.value:.2%}" + ("" if row.error is None else f" ± {row.error:.2%}")
    digits = 4 if row.error is None or row.error >= 0.0005 else 5
    return f"{row.value:.{digits}f}" + ("" if row.error is None else f" ± {row.error:.{digits}f}")


def metric_points(table: MetricTable) -> go.Figure:
    """The same as points with error bars, for where a figure is wanted; distances of PITs are left out."""
    rows = [row for row in reversed(table.rows) if not row.name.startswith("pit") and row.name != "cde_loss"]
    figure = new_figure(
        height=max(240, 60 + 26 * len(rows)),
        xaxis={"title": {"text": "value"}},
        yaxis={"tickvals": list(range(len(rows))), "ticktext": [WORDS[row.name].title for row in rows]},
        showlegend=False,
    )
    figure.add_scatter(
        x=[row.value for row in rows],
        y=list(range(len(rows))),
        error_x={"type": "data", "array": [row.error or 0.0 for row in rows], "thickness": 1.25, "width": 3},
        mode="markers",
        marker={"color": PHOTOZ_COLOUR, "size": 7},
        customdata=[value_text(row) for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
    )
    return figure


def metric_caption(table: MetricTable) -> str:
    """How many pairs and PDFs there are, how errors were made, and which columns were used."""
    pdfs = f" · {table.n_pdfs:,} with a PDF" if table.pdf_column else ""
    columns = dict.fromkeys(
        name for name in (table.z_phot, table.z_spec, *table.interval_columns, table.pdf_column) if name
    )
    errors = "dz = (z_phot - z_spec)/(1 + z_spec) · errors from at least 200 bootstrap resamples"
    return f"{tally_text(table.tally)}{pdfs} · {errors} · columns {', '.join(columns)}"


def metric_finding(table: MetricTable) -> str:
    """The three numbers people ask for first."""
    found = {name: table.value(name) for name in ("bias", "sigma_nmad", "outlier_fraction", "cde_loss", "crps")}
    words = [f"{WORDS[name].title} {value_text(row)}" for name, row in found.items() if row is not None]
    return f"{', '.join(words)}."


def metric_numbers(table: MetricTable) -> Numbers:
    """A row for each metric, in full precision."""
    header = ("metric", "value", "error", "low", "high", "definition")
    rows = (
        (row.name, row.value, *map(_cell, (row.error, row.low, row.high)), _definition(table, row))
        for row in table.rows
    )
    return Numbers(header, tuple(rows))


def _cell(value: float | None) -> float | str:
    return "" if value is None else value
