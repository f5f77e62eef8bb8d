"""Plots of the first look: each with its title, tools, caption, and its numbers behind one click."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from components.cut_bar.drags import Axes, drag_attributes, drag_layout, plot_words
from components.figures.numbers import Numbers
from components.figures.registry import FIGURES, Cells, FigureRow, draw, row_for
from components.figures.template import HEIGHT_PX
from components.quantities import count_text, number_text
from components.shell.page import empty_state, skeleton
from components.view_bar.layout import width_field
from components.view_bar.view import View
from services.models.details import AnyStatistic
from services.models.groups import GroupedHistogram
from services.models.products import Product
from services.models.statistics import Histogram, HistogramSet
from services.product_types import PRODUCT_TYPES
from services.statistics.range_words import CutWords

LONGEST_TABLE = 300
"""Rows of numbers shown on the page; the CSV holds all of them."""

SKELETONS = 4

ON_THE_SKY = ("sky", "sky_fields", "healpix")
"""Plots beside which the coverage map is offered."""

EVERYTHING = View()
"""The view everybody starts with."""


class Ids:
    """Ids of the Explore tab; those of single plots are pairs of type and statistic."""

    panel = "explore-panel"
    csv = "explore-csv"
    plot = "explore-plot"
    csv_button = "explore-csv-button"
    numbers_summary = "explore-numbers-summary"
    numbers = "explore-numbers"
    details = "explore-details"
    details_ready = "explore-details-ready"
    detail = "explore-detail"
    looked = "explore-looked"


def explore_panel(product: Product) -> html.Div:
    """Panel before the plots are there: skeletons of their size."""
    return html.Div(
        [
            dcc.Download(id=Ids.csv),
            html.Div(
                [html.Div(skeletons(product), id=Ids.panel), html.Div(id=Ids.details)],
                className="plot-grid explore-grid",
            ),
            dcc.Store(id=Ids.details_ready),
        ],
        **{"data-product": str(product.id)},
    )


def skeletons(product: Product) -> html.Div:
    """Grey fields as large as the plots that will come."""
    expected = min(len(PRODUCT_TYPES[product.product_type].plots), SKELETONS)
    return html.Div(
        [html.Div(skeleton(HEIGHT_PX + 96, "The plot is on its way"), className="plot-card") for _ in range(expected)],
        className="plot-grid",
    )


def plot_names(product: Product, statistics: Mapping[str, AnyStatistic]) -> tuple[str, ...]:
    """Statistics that can be shown, those of the product type first and in its order."""
    preferred = PRODUCT_TYPES[product.product_type].plots
    rest = (name for name in FIGURES if name not in preferred)
    return tuple(name for name in (*preferred, *rest) if name in statistics and name in FIGURES)


def plots(
    product: Product,
    statistics: Mapping[str, AnyStatistic],
    words: CutWords | None = None,
    view: View = EVERYTHING,
) -> html.Div:
    """Plots of a product, and what the reader noticed; with ``words`` dragging across them cuts."""
    names = plot_names(product, statistics)
    cards = [plot_card(row_for(name, statistics[name]), statistics, view, words) for name in names if view.shows(name)]
    grid = html.Div(cards, className="plot-grid")
    return html.Div([*reader_notes(product), grid if names else _nothing_to_plot(product)])


def plot_card(
    row: FigureRow, statistics: Mapping[str, AnyStatistic], view: View = EVERYTHING, words: CutWords | None = None
) -> html.Section:
    """One plot with everything around it; dragging across it cuts or zooms in."""
    body = html.Div(plot_body(row, statistics, view, words))
    return card(row, body, [*_width(row, statistics[row.statistic], view), *_tools(row, view)])


def card(row: FigureRow, body: Any, tools: Sequence[Any] | None = None) -> html.Section:
    """Title and tools of a plot around its body."""
    title_id = f"plot-title-{row.statistic}"
    title = html.H2(row.title, id=title_id, className="plot-title")
    tools_place = html.Div(list(_tools(row) if tools is None else tools), className="plot-tools")
    return html.Section(
        [html.Div([title, tools_place], className="plot-head"), body],
        className="plot-card",
        **{"aria-labelledby": title_id, "data-plot": row.statistic},
    )


def plot_body(
    row: FigureRow, statistics: Mapping[str, AnyStatistic], view: View = EVERYTHING, words: CutWords | None = None
) -> list[Any]:
    """A plot, the line under it, its numbers behind one click."""
    statistic = statistics[row.statistic]
    if row.table is not None:
        shown = cells_table(row.table(statistic), row.title)
    else:
        axes = plot_words(statistic, words)
        attributes = {"aria-label": row.summary(statistic), **drag_attributes(axes)}
        shown = html.Div(_graph(row, statistics, view, axes), role="img", **attributes)
    return [
        shown,
        html.P(row.line_under(statistic, view.style), className="plot-caption"),
        _numbers(row),
    ]


def cells_table(rows: Cells, title: str) -> html.Div:
    """A table in place of a figure: the first cell of a row is its heading, the last one explains it."""
    lines = [
        html.Tr([html.Th(heading, scope="row"), *map(html.Td, cells), html.Td(words, className="cells-words")])
        for heading, *cells, words in rows
    ]
    head = html.Thead(html.Tr([html.Th(word, scope="col") for word in ("Metric", "Value", "Definition")]))
    table = html.Table(
        [html.Caption(title, className="visually-hidden"), head, html.Tbody(lines)], className="cells-table"
    )
    return html.Div(table, className="cells-scroll", tabIndex="0", role="region", **{"aria-label": title})


def _graph(row: FigureRow, statistics: Mapping[str, AnyStatistic], view: View, axes: Axes) -> dcc.Graph:
    figure = draw(row.statistic, statistics, view.style)
    figure.update_layout(**drag_layout(axes))
    return dcc.Graph(
        id={"type": Ids.plot, "index": row.statistic},
        figure=figure,
        config={"displayModeBar": False, "displaylogo": False, "responsive": True},
        responsive=True,
        className="plot-graph",
        style={"height": f"{row.height_px}px"},
    )


def _width(row: FigureRow, statistic: AnyStatistic, view: View) -> list[Any]:
    """Field for the width of the bins, where there are any."""
    drawn = statistic.items[0] if isinstance(statistic, HistogramSet) and statistic.items else statistic
    whole = drawn.whole if isinstance(drawn, GroupedHistogram) else drawn
    if not row.has_bins or not isinstance(whole, Histogram):
        return []
    return [width_field(row.statistic, view, float(whole.edges[1] - whole.edges[0]))]


def _tools(row: FigureRow, view: View = EVERYTHING) -> list[Any]:
    csv = html.Button(
        "CSV",
        id={"type": Ids.csv_button, "index": row.statistic},
        type="button",
        className="plot-tool",
        title="Download the numbers of this plot",
        **{"aria-label": f"CSV of {row.title}"},
    )
    moc = [_tool("MOC", "moc", row, f"MOC, the covered sky, of {row.title}")] if row.statistic in ON_THE_SKY else []
    if row.table is not None:
        return [csv]
    return [
        *_log_tool(row, view),
        csv,
        *moc,
        _tool("PNG", "png", row, f"PNG of {row.title}"),
        _tool("SVG", "svg", row, f"SVG of {row.title}"),
        _tool("Expand", "expand", row, f"Expand {row.title}", **{"aria-pressed": "false"}),
    ]


def _log_tool(row: FigureRow, view: View) -> list[html.Button]:
    if not row.count_axis:
        return []
    pressed = str(row.statistic in view.log).lower()
    facts = {"data-plot-axis": row.count_axis, "aria-pressed": pressed}
    return [_tool("Log", "log", row, f"Log counts in {row.title}", **facts)]


def _tool(words: str, action: str, row: FigureRow, label: str, **facts: str) -> html.Button:
    attributes = {"data-plot-action": action, "aria-label": label, "data-plot-name": row.statistic, **facts}
    return html.Button(words, type="button", className="plot-tool", **attributes)


def _numbers(row: FigureRow) -> html.Details:
    return html.Details(
        [
            html.Summary("Numbers", id={"type": Ids.numbers_summary, "index": row.statistic}, n_clicks=0),
            html.Div(id={"type": Ids.numbers, "index": row.statistic}, className="plot-numbers"),
        ]
    )


def numbers_table(numbers: Numbers, title: str) -> html.Div:
    """Place in which ``assets/js/plots.js`` builds a table of the binned numbers, cut to what a person reads."""
    rows = [[_cell(value) for value in row] for row in numbers.rows[:LONGEST_TABLE]]
    is_cut = len(rows) < len(numbers.rows)
    caption_words = title + (f": first {len(rows)} of {count_text(len(numbers.rows))} rows" if is_cut else "")
    facts = {"caption": caption_words, "header": numbers.header, "rows": rows}
    return html.Div(
        tabIndex="0",
        role="region",
        className="numbers-scroll",
        **{"aria-label": f"Numbers: {title}", "data-numbers": json.dumps(facts)},
    )


def _cell(value: float | str) -> str:
    return value if isinstance(value, str) else number_text(value)


def reader_notes(product: Product) -> list[Any]:
    """What the reader noticed in the main file; nothing when all was as expected."""
    if not product.notes:
        return []
    notes = html.Ul([html.Li(note) for note in product.notes])
    return [html.Div([html.Strong("What the reader noticed"), notes], className="strip strip-warning")]


def _nothing_to_plot(product: Product) -> html.Div:
    columns = dcc.Link(
        "Say which column is which", href=f"/product/{product.internal_name}?tab=columns", className="btn btn-primary"
    )
    return empty_state("No column of this table is known to be a redshift, a magnitude or a position.", columns)


def no_plots(product: Product, reason: str = "") -> html.Div:
    """Why there is nothing to plot."""
    product_type = PRODUCT_TYPES[product.product_type]
    if product.main_file_name is None:
        reason = reason or "This product has no file stored here: it describes data kept elsewhere."
    elif not product_type.is_tabular:
        reason = f"{product_type.title} come in a free format, so there is no table to plot."
    files = dcc.Link(
        "See the files", href=f"/product/{product.internal_name}?tab=files", className="btn btn-outline-primary"
    )
    return empty_state(reason, files)
