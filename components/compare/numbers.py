"""The numbers of a comparison: as sentences, as rows of tables, and as CSV text."""

from __future__ import annotations

from collections.abc import Iterator

from components.figures.captions import tally_text
from components.figures.numbers import Cell, Numbers
from components.quantities import number_text
from services.models.comparison import ComparedProduct, Comparison, TwoSample

TWO_SAMPLE_TITLES = {
    "ks": "KS D",
    "ks_p": "KS p",
    "wasserstein": "Wasserstein-1",
    "kl": "KL [nats]",
    "median_difference": "Δ median",
    "mean_difference": "Δ mean",
}
"""Heading by name of the number; ``services.statistics.two_samples.DEFINITIONS`` says what each is."""


def item_caption(item: ComparedProduct) -> str:
    """Where every row of one product went and which column was used."""
    return f"{tally_text(item.histogram.tally)} · column {item.histogram.column}"


def two_sample_cells(found: TwoSample) -> list[str]:
    """Numbers of one product against the first, as people read them."""
    cells = [number_text(float(f"{getattr(found, name):.4g}")) for name in TWO_SAMPLE_TITLES]
    if found.ks_p == 0:
        cells[1] = "< 1e-300"
    return [*cells[:-1], f"{cells[-1]} ± {number_text(float(f'{found.mean_difference_err:.2g}'))}"]


def finding(comparison: Comparison) -> str:
    """The comparison in one sentence, for people who do not see the plot."""
    parts = [f"{item.product.display_name} peaks near {_peak(comparison, item)}" for item in comparison.items]
    return f"Distributions of {comparison.quantity.title}: {'; '.join(parts)}. How far they are apart is told below."


def _peak(comparison: Comparison, item: ComparedProduct) -> str:
    at = int(item.histogram.counts.argmax())
    return number_text(float(f"{(comparison.edges[at] + comparison.edges[at + 1]) / 2:.4g}"))


def comparison_numbers(comparison: Comparison) -> Numbers:
    """Every bin: counts, what is drawn of them with its errors, differences and ratios."""
    names: list[str] = ["bin_low", "bin_high"]
    for place, _ in enumerate(comparison.items, 1):
        names += [f"{word}_{place}" for word in ("count", "value", "err_low", "err_high")]
        if place > 1:
            names += [f"{kind}_{place}{end}" for kind in ("difference", "ratio") for end in _ENDS]
    return Numbers(tuple(names), tuple(_rows(comparison)))


_ENDS = ("", "_err_low", "_err_high")


def _rows(comparison: Comparison) -> Iterator[tuple[Cell, ...]]:
    edges = comparison.edges.tolist()
    columns = [column for item in comparison.items for column in _columns(item)]
    for row in zip(edges[:-1], edges[1:], *columns, strict=True):
        yield tuple("" if isinstance(cell, float) and cell != cell else cell for cell in row)


def _columns(item: ComparedProduct) -> Iterator[list[float]]:
    yield item.histogram.counts.tolist()
    for curve in (item.curve, item.difference, item.ratio):
        if curve is not None:
            yield from (part.tolist() for part in (curve.values, curve.err_low, curve.err_high))


def csv_words(comparison: Comparison) -> str:
    """First line of the CSV: which product is which, and what was counted."""
    products = "; ".join(
        f"{place}: {item.product.internal_name}, {item_caption(item)}{', whole' if item.cut_note else ''}"
        for place, item in enumerate(comparison.items, 1)
    )
    what = "values are counts / (n x width)" if comparison.is_normalised else "values are counts"
    return f"{comparison.quantity.title} · {products} · {what}"
