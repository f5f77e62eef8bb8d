"""Ticking products of a list to compare them; ``assets/js/compare.js`` keeps the ticks and opens the comparison."""

from __future__ import annotations

from dash import html

from services.models.comparison import FEWEST_PRODUCTS, MOST_PRODUCTS
from services.models.products import Product

NO_TABLE = "There is no table to compare."


def tick_box(product: Product) -> html.Span:
    """Box in front of a name; a product without a table has one that cannot be ticked, with the reason."""
    can_tick = product.n_columns is not None
    facts = {"data-compare-tick": product.internal_name, "data-compare-name": product.display_name} if can_tick else {}
    box = html.Button(
        html.Span(className="tick-mark", **{"aria-hidden": "true"}),
        type="button",
        role="checkbox",
        disabled=not can_tick,
        className="tick-box",
        **{"aria-checked": "false", "aria-label": f"Tick {product.display_name} to compare it", **facts},
    )
    return html.Span(box, className="tick", title="Tick to compare" if can_tick else NO_TABLE)


def compare_bar() -> html.Div:
    """Button that opens the comparison of what is ticked, on this page or others; the words beside it say why not."""
    hint = f"Tick {FEWEST_PRODUCTS} to {MOST_PRODUCTS} products to compare them."
    go = html.Button(
        "Compare",
        type="button",
        disabled=True,
        className="btn btn-outline-primary btn-sm",
        **{"data-compare-go": "", "aria-describedby": "compare-hint"},
    )
    clear = html.Button("Clear", type="button", className="row-action compare-clear", **{"data-compare-clear": ""})
    words = html.Span(hint, id="compare-hint", role="status", **{"data-compare-hint": hint})
    return html.Div(
        [go, words, clear],
        className="compare-ticked",
        **{"data-compare-fewest": str(FEWEST_PRODUCTS), "data-compare-most": str(MOST_PRODUCTS)},
    )
