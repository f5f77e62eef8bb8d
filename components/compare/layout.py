"""Compare page: products, controls, the plot with its tools, tables of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.compare.address import CompareView, parameters_of
from components.compare.numbers import (
    TWO_SAMPLE_TITLES,
    finding,
    item_caption,
    two_sample_cells,
)
from components.figures.comparison import HEIGHT_PX, comparison_figure, short_name
from components.product_summary.layout import product_address
from components.quantities import count_text, number_text
from components.shell.page import empty_state, skeleton
from services.cuts.tree import MOST_CHARACTERS
from services.models.comparison import MOST_PRODUCTS, ComparedProduct, Comparison, SharedQuantity
from services.models.products import Product
from services.statistics.two_samples import DEFINITIONS

EXAMPLE = "mag_i < 24 and redshift between 0.2 and 1.2"
NORMALISED, COUNTS = "norm", "counts"


class Ids:
    """Ids of the Compare page; those of buttons of one product are pairs of type and product."""

    view = "compare-view"
    written = "compare-written"
    products = "compare-products"
    remove = "compare-remove"
    first = "compare-first"
    search = "compare-search"
    found = "compare-found"
    add = "compare-add"
    quantity = "compare-quantity"
    width = "compare-width"
    scale = "compare-scale"
    log = "compare-log"
    cut = "compare-cut"
    apply = "compare-apply"
    message = "compare-message"
    notes = "compare-notes"
    panel = "compare-panel"
    numbers = "compare-numbers"
    drawn = "compare-drawn"
    more = "compare-more"
    csv = "compare-csv"
    csv_button = "compare-csv-button"
    depth_summary = "compare-depth-summary"
    depth = "compare-depth"
    coverage = "compare-coverage"
    coverage_asked = "compare-coverage-asked"
    coverage_csv = "compare-coverage-csv"
    opened = "compare-opened"


def compare_frame(view: CompareView, notes: Sequence[str]) -> html.Div:
    """The page before its numbers are there; ``notes`` say what of the address was passed over."""
    return html.Div(
        [
            dcc.Store(id=Ids.view, data=parameters_of(replace(view, coverage=()))),
            dcc.Store(id=Ids.opened, data=list(view.coverage)),
            dcc.Store(id=Ids.written),
            dcc.Download(id=Ids.csv),
            note_list(notes),
            html.Section([_product_part(), _controls(view)], className="compare-bar", **{"aria-label": "Comparison"}),
            html.Div(id=Ids.notes, role="status"),
            html.Div(skeleton(HEIGHT_PX + 96, "The comparison is on its way"), id=Ids.panel),
            html.Div(id=Ids.numbers),
            dcc.Store(id=Ids.drawn),
            html.Div(id=Ids.more),
        ]
    )


def note_list(notes: Sequence[str]) -> Any:
    """What was left out or ignored; nothing when all was as expected."""
    if not notes:
        return None
    return html.Div(html.Ul([html.Li(note) for note in notes]), className="strip strip-warning compare-notes")


def _product_part() -> html.Div:
    search = html.Div(
        [
            html.Label("Add a product", htmlFor=Ids.search, className="form-label"),
            dbc.Input(
                id=Ids.search,
                type="search",
                placeholder="Words of its name, description, owner or columns",
                autocomplete="off",
                debounce=0.4,
                maxlength=200,
            ),
            html.Ul(id=Ids.found, className="compare-found", **{"aria-label": "Products found"}),
        ],
        className="compare-add",
    )
    products = html.Ol(id=Ids.products, className="compare-products", **{"aria-label": "Compared products"})
    return html.Div([products, search], className="compare-chosen")


def _controls(view: CompareView) -> html.Div:
    quantity = dbc.Select(id=Ids.quantity, options=[], value=view.x or None, class_name="compare-select")
    width = dbc.Input(
        id=Ids.width, type="number", min=0, step="any", debounce=True, value=view.width, class_name="compare-width"
    )
    scale = dbc.RadioItems(
        id=Ids.scale,
        options=[{"label": "Normalised", "value": NORMALISED}, {"label": "Counts", "value": COUNTS}],
        value=NORMALISED if view.is_normalised else COUNTS,
        inline=True,
    )
    log = dbc.Checkbox(id=Ids.log, value=view.is_log, label="Logarithmic")
    return html.Div(
        [
            html.Div(
                [
                    _labelled("Quantity", Ids.quantity, quantity),
                    _labelled("Bin width", Ids.width, width),
                    html.Div([scale, log], className="compare-scale", role="group", **{"aria-label": "Vertical axis"}),
                ],
                className="compare-controls",
            ),
            _cut_field(view),
        ]
    )


def _labelled(words: str, target: str, control: Any) -> html.Div:
    return html.Div([html.Label(words, htmlFor=target, className="form-label"), control])


def _cut_field(view: CompareView) -> html.Div:
    field = dbc.Input(
        id=Ids.cut,
        value=view.cut,
        placeholder=EXAMPLE,
        maxlength=MOST_CHARACTERS,
        autocomplete="off",
        class_name="cut-field",
    )
    button = html.Button("Apply", id=Ids.apply, type="button", n_clicks=0, className="btn btn-primary btn-sm")
    return html.Div(
        [
            html.Label("Count only rows where", htmlFor=Ids.cut, className="form-label"),
            html.Div([field, button], className="cut-line"),
            html.P(id=Ids.message, className="field-error", **{"aria-live": "polite"}),
        ],
        className="compare-cut",
    )


def product_items(products: Sequence[Product]) -> list[html.Li]:
    """Compared products in their order, each with its line in the plot, a link, and a way out."""
    return [_product_item(place, product) for place, product in enumerate(products)]


def _product_item(place: int, product: Product) -> html.Li:
    facts = f"{product.product_type_title} · {count_text(product.n_rows)} rows"
    role: Any = html.Span("first", className="chip")
    if place:
        role = _product_button("Make first", Ids.first, product, f"Make first: {product.display_name}")
    remove = _product_button("Remove", Ids.remove, product, f"Remove {product.display_name}")
    link = dcc.Link(product.display_name, href=product_address(product), className="product-name")
    words = html.Div([link, html.Span(facts, className="quiet")], className="compare-words")
    return html.Li([_line_sample(place), words, html.Div([role, remove], className="compare-item-actions")])


def _product_button(words: str, kind: str, product: Product, label: str) -> html.Button:
    return html.Button(
        words,
        id={"type": kind, "index": product.internal_name},
        type="button",
        n_clicks=0,
        className="plot-tool",
        **{"aria-label": label},
    )


def _line_sample(place: int) -> html.Span:
    return html.Span(className=f"compare-line compare-line-{place}", **{"aria-hidden": "true"})


def found_items(products: Sequence[Product], *, is_full: bool) -> list[html.Li]:
    """Products that could be added."""
    if is_full:
        return [html.Li(f"{MOST_PRODUCTS} products are the most: remove one first.", className="quiet")]
    if not products:
        return [html.Li("No other product with a table fits.", className="quiet")]
    return [html.Li(_found_item(product)) for product in products]


def _found_item(product: Product) -> html.Button:
    facts = f"{product.product_type_title} · {count_text(product.n_rows)} rows"
    return html.Button(
        [html.Span(f"Add {product.display_name}"), html.Span(facts, className="quiet")],
        id={"type": Ids.add, "index": product.internal_name},
        type="button",
        n_clicks=0,
        className="compare-choice",
    )


def quantity_options(quantities: Sequence[SharedQuantity]) -> list[dict[str, str]]:
    """Choices of the quantity."""
    return [{"label": quantity.title, "value": quantity.word} for quantity in quantities]


def width_hint(comparison: Comparison) -> str:
    """Bin width in use, shown where none was chosen."""
    return number_text(float(f"{comparison.edges[1] - comparison.edges[0]:.6g}"))


def too_few(n_products: int) -> html.Div:
    """What is there to do with fewer than two products."""
    words = "Add a product to compare with." if n_products else "Add two products to compare them."
    return empty_state(words, html.P("Or tick two to four products in a list and choose Compare.", className="quiet"))


def comparison_panel(comparison: Comparison, *, is_log: bool) -> list[Any]:
    """The plot with everything around it."""
    return [_plot_card(comparison, is_log=is_log)]


def _plot_card(comparison: Comparison, *, is_log: bool) -> html.Section:
    graph = dcc.Graph(
        figure=comparison_figure(comparison, is_log=is_log),
        config={"displayModeBar": False, "displaylogo": False, "responsive": True},
        responsive=True,
        className="plot-graph compare-graph",
        style={"height": f"{HEIGHT_PX}px"},
    )
    return html.Section(
        [
            html.Div(
                [html.H2(comparison.quantity.title, id="compare-title", className="plot-title"), _tools()],
                className="plot-head",
            ),
            html.Div(graph, role="img", **{"aria-label": finding(comparison)}),
            _captions(comparison),
        ],
        className="plot-card compare-card",
        **{"aria-labelledby": "compare-title", "data-plot": "comparison"},
    )


def _tools() -> html.Div:
    csv = html.Button(
        "CSV",
        id=Ids.csv_button,
        type="button",
        n_clicks=0,
        className="plot-tool",
        title="Download the numbers of this plot",
        **{"aria-label": "CSV of the comparison"},
    )
    return html.Div([csv, _tool("PNG", "png"), _tool("SVG", "svg")], className="plot-tools")


def _tool(words: str, action: str) -> html.Button:
    label = {"data-plot-action": action, "data-plot-name": "comparison", "aria-label": f"{words} of the comparison"}
    return html.Button(words, type="button", className="plot-tool", **label)


def _captions(comparison: Comparison) -> html.Ul:
    return html.Ul([_caption(place, item) for place, item in enumerate(comparison.items)], className="compare-captions")


def _caption(place: int, item: ComparedProduct) -> html.Li:
    note = html.Div(item.cut_note, className="field-error") if item.cut_note else None
    words = [html.Strong(short_name(item.product.display_name)), f" {item_caption(item)}", note]
    return html.Li([_line_sample(place), html.Div(words)])


def numbers_card(comparison: Comparison) -> html.Section:
    """How far the products are from the first."""
    return html.Section(
        [
            html.H2("Two-sample numbers", id="compare-numbers-title", className="plot-title"),
            scrolling(_two_sample_table(comparison), "Two-sample numbers"),
            _definitions(),
        ],
        className="plot-card compare-card",
        **{"aria-labelledby": "compare-numbers-title"},
    )


def scrolling(table: html.Table, label: str) -> html.Div:
    """A table that scrolls sideways on its own where it does not fit."""
    return html.Div(table, className="numbers-scroll", tabIndex="0", role="region", **{"aria-label": label})


def _two_sample_table(comparison: Comparison) -> html.Table:
    heading = ("Product", "n", "Median", "Mean", *TWO_SAMPLE_TITLES.values())
    return plain_table(heading, [_two_sample_row(item) for item in comparison.items])


def _two_sample_row(item: ComparedProduct) -> list[Any]:
    name = short_name(item.product.display_name)
    sample = item.sample
    start = [name, "–", "–", "–"]
    if sample is not None:
        start = [name, count_text(sample.n), _rounded(sample.median), _rounded(sample.mean)]
    if item.two_sample is None:
        return [*start, *["first"] * len(TWO_SAMPLE_TITLES)]
    return [*start, *two_sample_cells(item.two_sample)]


def _rounded(value: float) -> str:
    return number_text(float(f"{value:.5g}"))


def plain_table(heading: Sequence[str], rows: Sequence[Sequence[Any]]) -> html.Table:
    """Table whose first column names its rows."""
    head = html.Thead(html.Tr([html.Th(words, scope="col") for words in heading]))
    body = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in rows]
    return html.Table([head, html.Tbody(body)], className="table table-sm numbers-table compare-table")


def _definitions() -> html.Details:
    terms = [html.Div([html.Dt(TWO_SAMPLE_TITLES[name]), html.Dd(words)]) for name, words in DEFINITIONS.items()]
    exact = (
        "All but KL are exact over all rows that count, whatever the bins. When one of the products holds the "
        "quantity in single precision, all are compared in single precision."
    )
    return html.Details(
        [html.Summary("What these numbers are"), html.Dl(terms, className="compare-terms"), html.P(exact)]
    )
