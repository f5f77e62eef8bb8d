"""View bar above the plots: split, counts or normalised, which plots, and how to take all of it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from components.figures.registry import FIGURES
from components.view_bar.view import View
from services.models.binnings import SplitChoice

NO_SPLIT = "none"
"""Word of the field for no split; an empty one would not be shown as chosen."""


class Ids:
    """Ids of the view bar; fields of bin widths are pairs of type and plot."""

    bar = "view-bar"
    split = "view-split"
    normalised = "view-normalised"
    requirements = "view-requirements"
    plots = "view-plots"
    reset = "view-reset"
    copy = "view-copy"
    left_out = "view-left-out"
    width = "view-width"
    actions = "view-actions"


def view_bar(view: View, notes: Sequence[str], *, has_metrics: bool = False) -> html.Section:
    """The bar as an address has it; what can be chosen comes once it is known what the table holds.

    With ``has_metrics`` what surveys require of them can be drawn.
    """
    return html.Section(
        [
            html.Div(
                [
                    _split_field(view),
                    dbc.Switch(id=Ids.normalised, label="Normalise", value=view.normalised, class_name="view-switch"),
                    html.Div(_requirements_field(view), hidden=not has_metrics),
                    _plots_field(view),
                    html.Div(
                        [
                            html.Button("Reset view", id=Ids.reset, type="button", className=_BUTTON),
                            html.Button("Copy link", type="button", className=_BUTTON, **{"data-copy-address": ""}),
                        ],
                        id=Ids.actions,
                        className="view-actions",
                    ),
                ],
                className="view-line",
            ),
            *(html.P(note, className="view-note") for note in notes),
            html.P(id=Ids.left_out, className="view-note", role="status"),
        ],
        id=Ids.bar,
        className="view-bar",
        hidden=True,
        **{"aria-label": "View"},
    )


_BUTTON = "btn btn-outline-secondary btn-sm"


def _requirements_field(view: View) -> Any:
    return dbc.Switch(id=Ids.requirements, label="Requirements", value=view.requirements, class_name="view-switch")


def _split_field(view: View) -> html.Div:
    known = [SplitChoice(view.split, view.split)] if view.split else []
    select = dbc.Select(
        id=Ids.split, options=split_options(known), value=view.split or NO_SPLIT, size="sm", class_name="view-select"
    )
    return html.Div(
        [html.Label("Split by", htmlFor=Ids.split, className="view-label"), select],
        className="view-field",
    )


def _plots_field(view: View) -> html.Details:
    return html.Details(
        [
            html.Summary("Choose plots", className=_BUTTON),
            html.Div(
                [
                    html.P("Show only the plots that are ticked; none ticked shows all.", className="form-text"),
                    dbc.Checklist(
                        id=Ids.plots,
                        options=plot_options(view.plots),
                        value=list(view.plots),
                        class_name="view-choices",
                    ),
                ],
                className="view-popover",
            ),
        ],
        className="view-plots",
    )


def split_options(choices: Sequence[SplitChoice]) -> list[dict[str, str]]:
    """Choices of the field, the first one is not to split."""
    return [
        {"label": "nothing", "value": NO_SPLIT},
        *({"label": choice.title, "value": choice.word} for choice in choices),
    ]


def plot_options(names: Sequence[str]) -> list[dict[str, str]]:
    """Plots a table can show."""
    return [{"label": FIGURES[name].title, "value": name} for name in names]


def width_field(name: str, view: View, automatic: float) -> Any:
    """Width of the bins of one histogram; empty for the automatic one, which stands in it pale."""
    return html.Label(
        [
            "Bin ",
            html.Span(f"width of {FIGURES[name].title}", className="visually-hidden"),
            dbc.Input(
                id={"type": Ids.width, "index": name},
                type="number",
                min=0,
                step="any",
                debounce=True,
                value=view.widths.get(name),
                placeholder=f"{automatic:.3g}",
                class_name="view-width",
            ),
        ],
        className="plot-width",
    )
