"""The numbers behind a plot, as rows for a table and as CSV text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.figures.density import readable
from services.models.statistics import (
    CategoryCounts,
    Density,
    Histogram,
    HistogramSet,
    PointMetrics,
    SkyDensity,
    Statistic,
)

Cell = float | int | str

_FORMULA = re.compile(r"[=+\-@\t\r]")
"""How a text begins that spreadsheets would run as a formula."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A small table: names of the columns, rows of the same length."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def binned_numbers(statistic: Statistic) -> Numbers:
    """Every bin, filled cell or value of a statistic.

    Densities list filled cells only, in the cells that are drawn, fullest first; a histogram lists empty bins too.
    """
    header, rows = _table(statistic)
    return Numbers(tuple(header), tuple(rows))


def numbers_csv(numbers: Numbers, words: str, cut: str = "") -> str:
    """Numbers as CSV text; a comment line says what was counted, under which cut. Edges are in full precision."""
    text = io.StringIO()
    words = f"{words} · cut {cut}" if cut else words
    text.write(f"# {' '.join(words.split())}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(_inert, numbers.header))
    writer.writerows(map(_inert, row) for row in numbers.rows)
    return text.getvalue()


def _inert(cell: Cell) -> Cell:
    """A cell that spreadsheets show and do not run: words that look like a formula get an apostrophe in front."""
    if not isinstance(cell, str) or not _FORMULA.match(cell) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _table(statistic: Statistic) -> tuple[Iterable[str], Iterator[tuple[Cell, ...]]]:
    match statistic:
        case Histogram():
            return ("bin_low", "bin_high", "count", "err_low", "err_high"), _histogram_rows(statistic)
        case HistogramSet():
            names = [item.band or item.label for item in statistic.items]
            return ("bin_low", "bin_high", *(f"count_{name}" for name in names)), _set_rows(statistic)
        case SkyDensity():
            return ("ra_low_deg", "ra_high_deg", "dec_low_deg", "dec_high_deg", "count"), _density_rows(statistic.grid)
        case Density():
            x, y = statistic.x_label, statistic.y_label
            return (f"{x}_low", f"{x}_high", f"{y}_low", f"{y}_high", "count"), _density_rows(statistic)
        case CategoryCounts():
            return (statistic.label, "count"), _category_rows(statistic)
        case _:
            return ("metric", "value"), _metric_rows(statistic)


def _histogram_rows(histogram: Histogram) -> Iterator[tuple[Cell, ...]]:
    edges = histogram.edges.tolist()
    errors = zip(histogram.err_low.tolist(), histogram.err_high.tolist(), strict=True)
    for low, high, count, (err_low, err_high) in zip(
        edges[:-1], edges[1:], histogram.counts.tolist(), errors, strict=True
    ):
        yield low, high, count, round(err_low, 4), round(err_high, 4)


def _set_rows(histograms: HistogramSet) -> Iterator[tuple[Cell, ...]]:
    if not histograms.items:
        return
    edges = histograms.items[0].edges.tolist()
    counts = np.column_stack([item.counts for item in histograms.items]).tolist()
    for low, high, row in zip(edges[:-1], edges[1:], counts, strict=True):
        yield low, high, *row


def _density_rows(drawn: Density) -> Iterator[tuple[Cell, ...]]:
    density = readable(drawn)
    rows, columns = np.nonzero(density.counts)
    counts = density.counts[rows, columns]
    order = np.argsort(-counts, kind="stable")
    x, y = density.x_edges.tolist(), density.y_edges.tolist()
    for row, column, count in zip(rows[order].tolist(), columns[order].tolist(), counts[order].tolist(), strict=True):
        yield x[column], x[column + 1], y[row], y[row + 1], count


def _category_rows(categories: CategoryCounts) -> Iterator[tuple[Cell, ...]]:
    yield from zip(categories.values, categories.counts, strict=True)
    if categories.n_other:
        yield "all others", categories.n_other


def _metric_rows(metrics: PointMetrics) -> Iterator[tuple[Cell, ...]]:
    for name in ("n", "n_dropped", "bias", "sigma_nmad", "sigma_68", "sigma_iqr", "rms", "outlier_fraction"):
        value: Any = getattr(metrics, name)
        yield name, value
