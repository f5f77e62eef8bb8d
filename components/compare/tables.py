"""What products of one kind have beside the plot: stored metrics of validations, depth of photometry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from components.compare.coverage import coverage_section
from components.compare.layout import Ids, plain_table, scrolling
from components.figures.comparison import short_name
from components.quantities import count_text, number_text
from services.context import current_actor, portal
from services.models.depth import BandDepth
from services.models.products import Product
from services.models.statistics import PointMetrics

METRIC_TITLES = {
    "bias": "Bias",
    "sigma_nmad": "σ_NMAD",
    "sigma_68": "σ_68",
    "sigma_iqr": "σ_IQR",
    "rms": "rms",
    "outlier_fraction": "Outliers",
}
METRIC_WORDS = (
    "Over all rows with both redshifts, without the cut: dz = (z_phot - z_spec) / (1 + z_spec), bias = median(dz), "
    "σ_NMAD = 1.4826 median(|dz - median(dz)|), outliers |dz| > 0.15."
)
DEPTH_WORDS = (
    "5-sigma depth in AB magnitudes over all rows, without the cut: median magnitude of objects with "
    "4.75 <= S/N <= 5.25. (e) is extrapolated from the errors of the faintest objects, > means deeper than the "
    "faintest object."
)


def side_by_side(products: Sequence[Product], opened: Sequence[str] = ()) -> list[Any]:
    """Tables that all these products can fill; ``opened`` names those whose coverage is shown at once."""
    cards = (_metrics_card(products), _depth_card(products), coverage_section(products, opened))
    return [card for card in cards if card is not None]


def _metrics_card(products: Sequence[Product]) -> html.Section | None:
    found = [portal().previews.overview(current_actor(), one.id).statistics.get("metrics") for one in products]
    if not all(isinstance(one, PointMetrics) for one in found):
        return None
    rows = [_metrics_row(product, one) for product, one in zip(products, found, strict=True)]
    table = plain_table(("Product", "n", "dropped", *METRIC_TITLES.values()), rows)
    return _card("compare-metrics", "Metrics of the photo-z", scrolling(table, "Metrics"), html.P(METRIC_WORDS))


def _metrics_row(product: Product, found: Any) -> list[str]:
    values = [number_text(float(f"{getattr(found, name):.4g}")) for name in METRIC_TITLES]
    return [short_name(product.display_name), count_text(found.n), count_text(found.n_dropped), *values]


def _depth_card(products: Sequence[Product]) -> html.Section | None:
    bands = [portal().catalog.role_map(current_actor(), product.id).bands for product in products]
    if not all(any(band.error_column for band in one) for one in bands):
        return None
    details = html.Details(
        [
            html.Summary("Compute the depth of each band", id=Ids.depth_summary, n_clicks=0),
            html.Div(id=Ids.depth),
            html.P(DEPTH_WORDS),
        ]
    )
    return _card("compare-depths", "Depth per band", details)


def depth_table(products: Sequence[Product]) -> html.Div:
    """Depth of each product (rows) in each band (columns)."""
    reports = [portal().comparison.depth(current_actor(), product.id) for product in products]
    bands = list(dict.fromkeys(band.band for report in reports for band in report.bands))
    rows = []
    for product, report in zip(products, reports, strict=True):
        known = {band.band: band for band in report.bands}
        rows.append([short_name(product.display_name), *(_depth_text(known.get(band)) for band in bands)])
    return scrolling(plain_table(("Product", *bands), rows), "Depth per band")


def _depth_text(band: BandDepth | None) -> str:
    if band is None or band.limit is None:
        return "–"
    limit = band.limit
    if limit.value is not None:
        return f"{limit.value:.3f}"
    if limit.extrapolated is None:
        return "–"
    return f"{'> ' if limit.is_beyond_faintest else ''}{limit.extrapolated:.3f} (e)"


def _card(card_id: str, title: str, *content: Any) -> html.Section:
    return html.Section(
        [html.H2(title, id=card_id, className="plot-title"), *content],
        className="plot-card compare-card",
        **{"aria-labelledby": card_id},
    )
