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
    first = comparison.items[0].product.display_name
    parts = [
        f"{item.product.display_name} is {number_text(float(f'{item.two_sample.wasserstein:.3g}'))} from it "
        f"(Wasserstein), with KS D {number_text(float(f'{item.two_sample.ks:.3g}'))}"
        for item in comparison.items[1:]
        if item.two_sample is not None
    ]
    return f"Distributions of {comparison.quantity.title} against {first}: {'; '.join(parts)}."


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
