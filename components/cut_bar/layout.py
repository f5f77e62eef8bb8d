"""Cut bar above the plots, and the line that tells the same cut above the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.product_summary.layout import product_address
from services.cuts.parts import RangeWord, parts_of, range_of
from services.cuts.tree import MOST_CHARACTERS, Cut
from services.cuts.writing import written
from services.models.products import Product
from services.models.statistics import CategoryCounts
from services.statistics.range_words import CutWords

MOST_SUGGESTED = 20
"""Values of a category that are suggested; any other can be written."""

EXAMPLE = "mag_i < 24 and redshift between 0.2 and 1.2"


class Ids:
    """Ids of the cut bar; fields of ranges are pairs of type and plot, chips of type and place."""

    bar = "cut-bar"
    field = "cut-field"
    apply = "cut-apply"
    clear = "cut-clear"
    message = "cut-message"
    ranges = "cut-ranges"
    low = "cut-low"
    high = "cut-high"
    chips = "cut-chips"
    part = "cut-part"
    counts = "cut-counts"
    undo = "cut-undo"
    dragged = "cut-dragged"
    slid = "cut-slid"
    column = "cut-column"
    column_low = "cut-column-low"
    column_high = "cut-column-high"
    column_value = "cut-column-value"
    add = "cut-add"
    columns = "cut-columns"
    values = "cut-values"


def cut_bar(product: Product, cut: str | None) -> html.Section:
    """Field, ranges, chips and counts; hidden until there is a table."""
    return html.Section(
        [
            _field(cut),
            html.P(id=Ids.message, className="field-error", **{"aria-live": "polite"}),
            html.Div(id=Ids.ranges, className="cut-ranges"),
            _any_column(),
            html.Ul(id=Ids.chips, className="chips cut-chips", hidden=True, **{"aria-label": "Cuts"}),
            html.P(id=Ids.counts, className="cut-counts", role="status", tabIndex="-1"),
            dcc.Store(id=Ids.dragged),
            dcc.Store(id=Ids.slid),
        ],
        id=Ids.bar,
        className="cut-bar",
        hidden=product.n_rows is None,
        **{"aria-label": "Cut"},
    )


def _field(cut: str | None) -> html.Div:
    control = dbc.Input(
        id=Ids.field,
        value=cut or "",
        placeholder=EXAMPLE,
        maxlength=MOST_CHARACTERS,
        autocomplete="off",
        class_name="cut-field",
    )
    hint = (
        "Names or roles of columns, differences as in mag_g - mag_r, or dz, "
        "with < <= = between, in, is missing; joined by and, or, not. "
    )
    return html.Div(
        [
            html.Label("Show only rows where", htmlFor=Ids.field, className="form-label"),
            html.Div(
                [
                    control,
                    html.Button("Apply", id=Ids.apply, type="button", className="btn btn-primary btn-sm"),
                    html.Button("Clear", id=Ids.clear, type="button", className="btn btn-outline-secondary btn-sm"),
                    _undo(),
                ],
                className="cut-line",
            ),
            html.Div(hint + "Or drag across a plot, or click a bar of a category.", className="form-text"),
            _drag_mode(),
        ]
    )


def _undo() -> html.Button:
    """Back to the cut before; ``assets/js/cuts.js`` remembers them."""
    return html.Button(
        "Undo",
        id=Ids.undo,
        type="button",
        disabled=True,
        className="btn btn-outline-secondary btn-sm",
        title="Back to the cut before",
    )


def _drag_mode() -> html.Div:
    """What dragging across a plot does; ``assets/js/drags.js`` remembers it in this browser."""
    modes = (("select", "cuts"), ("zoom", "zooms"))
    buttons = [
        html.Button(words, type="button", className="plot-tool", **{"data-drag-mode": mode, "aria-pressed": "false"})
        for mode, words in modes
    ]
    words = "Plots whose axes no cut can say always zoom. A double click shows the whole plot again."
    return html.Div(
        [html.Span("Dragging across a plot"), *buttons],
        className="cut-mode form-text",
        role="group",
        title=words,
        **{"aria-label": "Dragging across a plot"},
    )


def _any_column() -> html.Details:
    """Fields for a condition on any column: the way to every cut without a mouse or a language."""
    number = {"type": "number", "step": "any", "class_name": "cut-number", "autocomplete": "off"}
    text = {"class_name": "cut-name", "autocomplete": "off"}
    fields = (
        ("Column", dbc.Input(id=Ids.column, list=Ids.columns, **text)),
        ("lowest", dbc.Input(id=Ids.column_low, **number)),
        ("highest", dbc.Input(id=Ids.column_high, **number)),
        ("or equal to", dbc.Input(id=Ids.column_value, list=Ids.values, **text)),
    )
    button = html.Button("Add", id=Ids.add, type="button", className="btn btn-outline-primary btn-sm")
    line = html.Div([*(html.Label([html.Span(name), field]) for name, field in fields), button], className="cut-range")
    return html.Details([html.Summary("Cut on any column"), line], className="cut-any")


def choices(words: CutWords, statistics: Mapping[str, Any]) -> list[html.Datalist]:
    """What the fields for any column suggest: columns of numbers and categories, and values of the categories."""
    counted = [one for one in statistics.values() if isinstance(one, CategoryCounts)]
    named = [(word.text, one) for one in counted if (word := words.category(one.column)) is not None]
    columns = dict.fromkeys((*words.numbers, *(name for name, _ in named)))
    values = [(value, name) for name, one in named for value in one.values[:MOST_SUGGESTED]]
    return [
        html.Datalist([html.Option(value=name) for name in columns], id=Ids.columns),
        html.Datalist([html.Option(value=value, label=f"{name} = {value}") for value, name in values], id=Ids.values),
    ]


def range_fields(words: Sequence[RangeWord], cut: Cut | None) -> list[html.Fieldset]:
    """Two numbers for each column whose range can be set, as the cut has them."""
    return [_range(word, *range_of(cut, word.names)) for word in words]


def _range(word: RangeWord, low: float | None, high: float | None) -> html.Fieldset:
    return html.Fieldset(
        [
            html.Legend(word.title),
            _number("from", word, {"type": Ids.low, "index": word.statistic}, low),
            _number("to", word, {"type": Ids.high, "index": word.statistic}, high),
        ],
        className="cut-range",
    )


def _number(end: str, word: RangeWord, place: dict[str, str], value: float | None) -> html.Label:
    control = dbc.Input(id=place, type="number", step="any", debounce=True, value=value, class_name="cut-number")
    return html.Label([html.Span(f"{word.title} ", className="visually-hidden"), html.Span(end), control])


def chips(cut: Cut | None) -> list[html.Li]:
    """One chip with a button that removes it for each condition that must hold."""
    return [_chip(place, written(part)) for place, part in enumerate(parts_of(cut))]


def _chip(place: int, words: str) -> html.Li:
    button = html.Button(
        html.Span("×", **{"aria-hidden": "true"}),
        id={"type": Ids.part, "index": place},
        type="button",
        className="cut-remove",
        title="Remove",
        **{"aria-label": f"Remove {words}", "data-cut-remove": ""},
    )
    return html.Li([html.Span(words), button], className="chip cut-chip")


def counts_text(n_shown: int, n_total: int) -> str:
    """Where all rows went."""
    return f"{n_shown:,} shown / {n_total:,} total / {n_total - n_shown:,} cut away"


def ignored_note(reason: str) -> str:
    """What stands beside the field when an address brings a cut that cannot be used."""
    return f"The cut in the address was left out, so all rows are shown. {reason}"


def cut_line(product: Product, cut: Cut | None, note: str) -> Any:
    """The cut above the table, with the way back to where it is changed; nothing when there is none."""
    if note:
        return html.P(ignored_note(note), className="field-error", role="status")
    if cut is None:
        return None
    text = written(cut)
    return html.Div(
        [
            html.Ul(html.Li(text, className="chip"), className="chips", **{"aria-label": "Cut"}),
            dcc.Link("Change the cut in Explore", href=product_address(product, "explore", text)),
            dcc.Link("Show all rows", href=product_address(product, "table")),
        ],
        className="cut-above-table",
    )
