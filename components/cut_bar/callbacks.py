"""Changing the cut: by its text, its chips, its ranges, by drags and conditions on any column. The cut itself lives in
the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from components.cut_bar.drags import cut_of_drag, with_condition
from components.cut_bar.layout import Ids
from components.cut_bar.reading import read_cut, usable_cut
from components.cut_bar.sliders import slid
from components.product_summary.layout import Ids as SummaryIds
from services.context import current_actor, portal
from services.cuts.parts import RangeWord, range_of, with_range, without_part
from services.cuts.tree import Cut, CutError
from services.cuts.writing import written

Changed = tuple[Any, Any, Any]
"""New cut, words in the field, message beside it."""

ANY_COLUMN = (Ids.column, Ids.column_low, Ids.column_high, Ids.column_value)
"""Fields of a condition on any column."""


def apply_cut(_: int | None, _enter: int | None, text: str | None, product_id: int, cut: str | None) -> Changed:
    """The cut that was typed; a wrong one changes nothing but the message."""
    try:
        return _changed(product_id, read_cut(text), cut)
    except CutError as error:
        return no_update, no_update, error.message


def clear_cut(n_clicks: int | None) -> Changed:
    """No cut any more."""
    if not n_clicks:
        raise PreventUpdate
    return None, "", ""


def remove_part(place: int, product_id: int, cut: str | None) -> Changed:
    """The cut without one of its chips."""
    known, _ = usable_cut(product_id, cut)
    return _changed(product_id, without_part(known, place), cut)


def set_ranges(
    lows: Sequence[float | None],
    highs: Sequence[float | None],
    places: Sequence[Mapping[str, str]],
    product_id: int,
    cut: str | None,
) -> Changed:
    """The cut with the ranges as they stand in the fields of numbers."""
    known, _ = usable_cut(product_id, cut)
    words, new = _words(product_id), known
    for place, low, high in zip(places, lows, highs, strict=True):
        word = words.get(place["index"])
        if word is not None and range_of(new, word.names) != (low, high):
            new = with_range(new, word, (low, high))
    if new == known:
        raise PreventUpdate
    return _changed(product_id, new, cut)


def drag_cut(dragged: Mapping[str, Any] | None, product_id: int, cut: str | None) -> Changed:
    """The cut with what was dragged across a plot, or the bar that was clicked."""
    words = portal().previews.cut_words(current_actor(), product_id)
    known, _ = usable_cut(product_id, cut)
    new = cut_of_drag(known, dragged or {}, words)
    if new == known:
        raise PreventUpdate
    return _changed(product_id, new, cut)


def slide(change: Mapping[str, Any] | None, product_id: int, cut: str | None) -> Changed:
    """The cut after a slider was let go, or a flag was checked: exactly the bins between two edges."""
    actor = current_actor()
    words, plan = portal().previews.cut_words(actor, product_id), portal().live_cubes.plan(actor, product_id)
    known, _ = usable_cut(product_id, cut)
    new = slid(known, change or {}, plan, words)
    if new == known:
        raise PreventUpdate
    return _changed(product_id, new, cut)


def add_condition(
    n_clicks: int | None,
    name: str | None,
    low: float | None,
    high: float | None,
    value: str | None,
    product_id: int,
    cut: str | None,
) -> Changed:
    """The cut with a condition on any column: one more value it may have, or the range it must lie in."""
    if not n_clicks:
        raise PreventUpdate
    words = portal().previews.cut_words(current_actor(), product_id)
    known, _ = usable_cut(product_id, cut)
    try:
        return _changed(product_id, with_condition(known, words, name, (low, high), value), cut)
    except CutError as error:
        return no_update, no_update, error.message


def _words(product_id: int) -> Mapping[str, RangeWord]:
    found = portal().previews.range_words(current_actor(), product_id)
    return {word.statistic: word for word in found}


def _changed(product_id: int, cut: Cut | None, before: str | None) -> Changed:
    """What to show after a change; CutError is told beside the field."""
    if cut is None:
        return (None if before else no_update), "", ""
    text = written(cut)
    try:
        portal().previews.check_cut(current_actor(), product_id, cut)
    except CutError as error:
        return no_update, no_update, error.message
    return (text if text != before else no_update), text, ""


def _removed(_: list[int | None], product_id: int, cut: str | None) -> Changed:
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    return remove_part(ctx.triggered_id["index"], product_id, cut)


def register(app: Dash) -> None:
    """Attach the callbacks of the cut bar."""
    product, cut = State(SummaryIds.product, "data"), State(SummaryIds.cut, "data")
    changed = [
        Output(SummaryIds.cut, "data", allow_duplicate=True),
        Output(Ids.field, "value", allow_duplicate=True),
        Output(Ids.message, "children", allow_duplicate=True),
    ]
    lows, highs = ({"type": kind, "index": ALL} for kind in (Ids.low, Ids.high))
    asked: tuple[tuple[Any, list[Any]], ...] = (
        (apply_cut, [Input(Ids.apply, "n_clicks"), Input(Ids.field, "n_submit"), State(Ids.field, "value")]),
        (_removed, [Input({"type": Ids.part, "index": ALL}, "n_clicks")]),
        (set_ranges, [Input(lows, "value"), Input(highs, "value"), State(lows, "id")]),
        (drag_cut, [Input(Ids.dragged, "data")]),
        (slide, [Input(Ids.slid, "data")]),
        (add_condition, [Input(Ids.add, "n_clicks"), *(State(field, "value") for field in ANY_COLUMN)]),
    )
    for work, inputs in asked:
        app.callback(*changed, *inputs, product, cut, prevent_initial_call=True)(work)
    app.callback(*changed, Input(Ids.clear, "n_clicks"), prevent_initial_call=True)(clear_cut)
    app.clientside_callback(
        ClientsideFunction("cuts", "remember"), Output(Ids.undo, "disabled"), Input(SummaryIds.cut, "data")
    )
    app.clientside_callback(
        ClientsideFunction("cuts", "undo"), *changed[:2], Input(Ids.undo, "n_clicks"), prevent_initial_call=True
    )
