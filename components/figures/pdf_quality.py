"""PDFs against truth: histogram of the PITs, their quantiles, and the stacked PDF."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.numbers import Numbers
from components.figures.template import (
    COUNT_AXIS,
    LINE_COLOUR,
    PHOTOZ_COLOUR,
    TRUTH_COLOUR,
    empty_figure,
    new_figure,
    plain_text,
    smallest_ints,
)
from services.models.validation import PdfQuality, StackedPdf

QQ_HEIGHT_PX = 480
FLAT, TILTED, BENT = 0.1, 0.02, 0.03
"""KS distance up to which PITs count as uniform; mean and width off those of a uniform distribution."""
UNIFORM_STD = 12**-0.5
NEARLY_ALL = 0.9999
"""Part of the stacked PDF or of the true redshifts the axis holds."""


def pit_histogram(found: PdfQuality) -> go.Figure:
    """Counts of PITs in 20 bins, and the band in which those of calibrated PDFs would lie."""
    pit = found.metrics.pit
    figure = new_figure(
        xaxis={"title": {"text": "PIT = F(z_spec)"}, "range": [0, 1]},
        yaxis={"title": {"text": f"objects per {float(pit.edges[1]):g} bin"}, **COUNT_AXIS},
        showlegend=False,
    )
    figure.add_bar(
        x=(pit.edges[:-1] + pit.edges[1:]) / 2,
        y=smallest_ints(pit.counts),
        width=np.diff(pit.edges),
        marker={"color": PHOTOZ_COLOUR, "opacity": 0.75, "line": {"width": 0}},
        hovertemplate="PIT near %{x:.3f}<br>%{y:,} objects<extra></extra>",
    )
    low, high = found.band
    figure.add_shape(
        type="rect", x0=0, x1=1, y0=low, y1=high, line={"width": 0}, fillcolor=TRUTH_COLOUR, opacity=0.35, layer="above"
    )
    figure.add_shape(
        type="line",
        x0=0,
        x1=1,
        y0=found.metrics.n / pit.counts.size,
        y1=found.metrics.n / pit.counts.size,
        line={"color": LINE_COLOUR, "width": 1.5, "dash": "dash"},
    )
    return figure


def qq_plot(found: PdfQuality) -> go.Figure:
    """Quantiles of the PITs against those of a uniform distribution, and their difference below."""
    pit = found.metrics.pit
    figure = new_figure(height=QQ_HEIGHT_PX, showlegend=False)
    figure.update_xaxes(title={"text": "uniform quantile"}, range=[0, 1], anchor="y2")
    figure.update_layout(
        yaxis={"title": {"text": "quantile of PIT"}, "domain": [0.34, 1], "range": [0, 1]},
        yaxis2={"title": {"text": "difference"}, "domain": [0, 0.26], "nticks": 5},
    )
    rows = (
        (pit.quantiles, pit.levels, "y", "%{y:.4f}"),
        (pit.quantiles - pit.levels, 0 * pit.levels, "y2", "%{y:+.4f}"),
    )
    for values, ideal, axis, form in rows:
        figure.add_scatter(
            x=pit.levels,
            y=ideal,
            yaxis=axis,
            mode="lines",
            hoverinfo="skip",
            line={"color": LINE_COLOUR, "width": 1.5, "dash": "dash"},
        )
        figure.add_scatter(
            x=pit.levels,
            y=values,
            yaxis=axis,
            mode="lines",
            line={"color": PHOTOZ_COLOUR, "width": 2},
            hovertemplate=f"at %{{x:.3f}}: {form}<extra></extra>",
        )
    return figure


def quality_caption(found: PdfQuality) -> str:
    """Where every row went, which columns were used, and how many PITs are outliers."""
    outliers = f"PIT outliers (below 0.0001 or above 0.9999): {found.metrics.pit.outlier_fraction:.2%}"
    return f"{tally_text(found.tally)} · {outliers} · columns {found.pdf_column}, {found.z_spec}"


def qq_caption(found: PdfQuality) -> str:
    """The same, and how far from uniform the PITs are."""
    pit = found.metrics.pit
    return f"{quality_caption(found)} · KS {pit.ks:.4f}, CvM {pit.cvm:.4g}, AD {pit.ad:.4g}"


def pit_caption(found: PdfQuality) -> str:
    """The same, and what the band is."""
    return f"{quality_caption(found)} · band: 68 % Poisson interval of a uniform distribution"


def quality_finding(found: PdfQuality) -> str:
    """Shape of the PITs in words, distances to uniform, and the scores of the PDFs."""
    metrics, pit = found.metrics, found.metrics.pit
    return (
        f"{shape_words(found)}; mean PIT {pit.mean:.4f}, KS {pit.ks:.4f}, CvM {pit.cvm:.4g}, AD {pit.ad:.4g}; "
        f"CDE loss {metrics.cde_loss:.4g} ± {metrics.errors['cde_loss']:.2g}, "
        f"CRPS {metrics.crps:.4g} ± {metrics.errors['crps']:.2g}."
    )


def shape_words(found: PdfQuality) -> str:
    """What the shape of the PIT histogram says of the PDFs."""
    pit = found.metrics.pit
    words = []
    if abs(pit.std - UNIFORM_STD) > BENT:
        words.append("PDFs too broad (hump)" if pit.std < UNIFORM_STD else "PDFs too narrow (U shape)")
    if abs(pit.mean - 0.5) > TILTED:
        words.append("PDFs too low in z" if pit.mean > 0.5 else "PDFs too high in z")
    if not words:
        words.append("PITs nearly uniform" if pit.ks < FLAT else "PITs not uniform")
    return " and ".join(words)


def pit_numbers(found: PdfQuality) -> Numbers:
    """A row for each bin."""
    pit = found.metrics.pit
    rows = zip(pit.edges[:-1].tolist(), pit.edges[1:].tolist(), pit.counts.tolist(), strict=True)
    return Numbers(
        ("pit_low", "pit_high", "count", "band_low", "band_high"), tuple((*row, *found.band) for row in rows)
    )


def qq_numbers(found: PdfQuality) -> Numbers:
    """A row for each level."""
    pit = found.metrics.pit
    columns = (pit.levels, pit.quantiles, pit.quantiles - pit.levels)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return Numbers(("uniform_quantile", "pit_quantile", "difference"), tuple(rows))


def stacked_density(found: StackedPdf) -> go.Figure:
    """The mean PDF, and the true redshifts of the same rows as density."""
    if not found.stacked.size:
        return empty_figure(f"No PDF in {found.pdf_column}.")
    figure = new_figure(
        xaxis={"title": {"text": "redshift"}, "range": _axis(found)},
        yaxis={"title": {"text": "density"}, "rangemode": "tozero"},
        showlegend=True,
    )
    if found.truth is not None:
        truth = found.truth
        figure.add_bar(
            x=(truth.edges[:-1] + truth.edges[1:]) / 2,
            y=_density(found),
            width=np.diff(truth.edges),
            customdata=smallest_ints(truth.counts),
            name=plain_text(f"N({truth.label})"),
            marker={"color": TRUTH_COLOUR, "opacity": 0.55, "line": {"width": 0}},
            hovertemplate="near %{x:.3~f}: %{y:.4~f}<br>%{customdata:,} objects<extra>%{fullData.name}</extra>",
        )
    figure.add_scatter(
        x=found.grid,
        y=found.stacked.astype(np.float32),
        mode="lines",
        name="stacked PDF",
        line={"color": PHOTOZ_COLOUR, "width": 2},
        hovertemplate="%{x:.3~f}: %{y:.4~f}<extra>stacked PDF</extra>",
    )
    return figure


def _density(found: StackedPdf) -> np.ndarray:
    assert found.truth is not None
    return (found.truth.counts / max(int(found.truth.counts.sum()), 1) / np.diff(found.truth.edges)).astype(np.float32)


def _axis(found: StackedPdf) -> list[float]:
    """From 0, or from the first redshift below it, to where nearly all of the stacked PDF and of the truth lies."""
    mass = np.cumsum(found.stacked)
    end = float(found.grid[min(int(np.searchsorted(mass, NEARLY_ALL * mass[-1])), found.grid.size - 1)])
    start = min(0.0, float(found.grid[0]))
    if found.truth is not None and found.truth.counts.any():
        start, end = min(start, float(found.truth.edges[0])), max(end, float(found.truth.edges[-1]))
    return [start, end]


def stacked_caption(found: StackedPdf) -> str:
    """Where every row went, which columns were used, and what a stack is not."""
    columns = found.pdf_column if found.truth is None else f"{found.pdf_column}, {found.truth.column}"
    word = "column" if found.truth is None else "columns"
    return f"{tally_text(found.tally)} · a look, not an estimator of N(z) (Malz 2021) · {word} {columns}"


def stacked_finding(found: StackedPdf) -> str:
    """Where the stack peaks and what its mean is."""
    weight = found.stacked * np.gradient(found.grid)
    mean = float((found.grid * weight).sum() / weight.sum())
    peak = float(found.grid[int(found.stacked.argmax())])
    words = f"mean of the stack {mean:.4f}, highest at {peak:.3g}"
    if found.truth is None:
        return f"{words}."
    middles = (found.truth.edges[:-1] + found.truth.edges[1:]) / 2
    return f"{words}; mean of the true redshifts {float(np.average(middles, weights=found.truth.counts)):.3f}."


def stacked_numbers(found: StackedPdf) -> Numbers:
    """A row for each point of the stack, with the density of true redshifts in the bin it lies in."""
    rows = zip(found.grid.tolist(), found.stacked.tolist(), strict=True)
    if found.truth is None:
        return Numbers(("redshift", "stacked_pdf"), tuple(rows))
    places = np.searchsorted(found.truth.edges, found.grid, side="right") - 1
    counts = np.concatenate([_density(found), [0.0]])
    truth = counts[np.where((places >= 0) & (places < counts.size - 1), places, counts.size - 1)]
    both = zip(found.grid.tolist(), found.stacked.tolist(), truth.tolist(), strict=True)
    return Numbers(("redshift", "stacked_pdf", "z_spec_density"), tuple(both))
