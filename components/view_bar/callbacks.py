"""Changing the view. It lives in one store, which the address follows; logarithmic axes in another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from components.product_summary.layout import Ids as SummaryIds
from components.view_bar.layout import NO_SPLIT, Ids
from components.view_bar.view import View, view_of, view_query

Query = dict[str, str]


def set_view(
    split: str | None,
    normalised: bool | None,
    plots: Sequence[str] | None,
    widths: Sequence[float | None],
    places: Sequence[Mapping[str, str]],
    query: Query,
    requirements: bool | None = False,
) -> Query:
    """The view as the fields have it; bins of plots that are not there stay as they are."""
    before = view_of(query)[0]
    named = dict(before.widths)
    for place, width in zip(places, widths, strict=True):
        named.pop(place["index"], None)
        if width:
            named[place["index"]] = float(width)
    after = replace(
        before,
        split="" if split is None or split == NO_SPLIT else split,
        normalised=bool(normalised),
        plots=tuple(plots or ()),
        widths=_in_order(named),
        requirements=bool(requirements),
    )
    if view_query(after) == view_query(before):
        raise PreventUpdate
    return view_query(after)


def _in_order(widths: Mapping[str, float]) -> dict[str, float]:
    return {name: widths[name] for name in sorted(widths)}


def reset_view(n_clicks: int | None, places: Sequence[Any]) -> tuple[Any, ...]:
    """The view everybody starts with, counts linear again, fields empty; the cut stays."""
    if not n_clicks:
        raise PreventUpdate
    return view_query(View()), [], NO_SPLIT, False, False, [], [None] * len(places)


def _set(
    split: str | None,
    normalised: bool | None,
    requirements: bool | None,
    plots: list[str] | None,
    widths: list[Any],
    places: Any,
    query: Query,
) -> Query:
    if not ctx.triggered_id:
        raise PreventUpdate
    return set_view(split, normalised, plots, widths, places, query or {}, requirements)


def register(app: Dash) -> None:
    """Attach the callbacks of the view bar."""
    widths = {"type": Ids.width, "index": ALL}
    view = State(SummaryIds.view, "data")
    app.callback(
        Output(SummaryIds.view, "data", allow_duplicate=True),
        Input(Ids.split, "value"),
        Input(Ids.normalised, "value"),
        Input(Ids.requirements, "value"),
        Input(Ids.plots, "value"),
        Input(widths, "value"),
        State(widths, "id"),
        view,
        prevent_initial_call=True,
    )(_set)
    app.callback(
        Output(SummaryIds.view, "data", allow_duplicate=True),
        Output(SummaryIds.log, "data", allow_duplicate=True),
        Output(Ids.split, "value"),
        Output(Ids.normalised, "value"),
        Output(Ids.requirements, "value"),
        Output(Ids.plots, "value"),
        Output(widths, "value"),
        Input(Ids.reset, "n_clicks"),
        State(widths, "id"),
        prevent_initial_call=True,
    )(reset_view)
    app.clientside_callback(
        ClientsideFunction("address", "keep"),
        Output({"type": SummaryIds.tab, "index": ALL}, "href"),
        Input(SummaryIds.cut, "data"),
        Input(SummaryIds.view, "data"),
        Input(SummaryIds.log, "data"),
        State({"type": SummaryIds.tab, "index": ALL}, "href"),
    )
