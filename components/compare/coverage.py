"""Coverage of the other products by the first, when that is a training set: computed when somebody opens it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from components.compare.coverage_numbers import coverage_facts, coverage_notes
from components.compare.layout import Ids, plain_table
from components.figures.coverage import coverage_map, distance_histogram, som_map, weighted_redshifts
from components.figures.template import HEIGHT_PX
from services.context import current_actor, portal
from services.models.coverage import COVERAGE_DEFINITIONS, CoverageReport, SourcedCoverage
from services.models.products import Product

SAMPLE_WORDS = (
    "From seeded random samples of at most 12,000 rows of each, so percentages are good to about half a percent; the "
    "same rows each time. Bands are matched by what the columns mean."
)
TERMS = {
    "features": "Features",
    "neighbours": "Nearest neighbour",
    "redshifts": "Weights",
    "som": "Self-organising map",
}
"""Heading by part of the report; ``COVERAGE_DEFINITIONS`` says what each is."""


def coverage_section(products: Sequence[Product], opened: Sequence[str] = ()) -> html.Section | None:
    """One fold for each product that the first could train for; nothing when it is no training set."""
    actor, service = current_actor(), portal().coverage
    targets = [one for one in products[1:] if service.is_offered(actor, products[0].id, one.id)]
    if not targets:
        return None
    return html.Section(
        [
            html.H2(f"Coverage by {products[0].display_name}", id="compare-coverage-title", className="plot-title"),
            html.P("How well the first product could train photo-z for another one."),
            *(_fold(one, is_open=one.internal_name in opened or str(one.id) in opened) for one in targets),
        ],
        className="plot-card compare-card",
        **{"aria-labelledby": "compare-coverage-title"},
    )


def _fold(target: Product, *, is_open: bool) -> html.Details:
    """A fold that ``assets/js/compare.js`` asks to be filled once it is open; the number tells it from earlier ones."""
    name, drawn = target.internal_name, str(time.monotonic_ns())
    waiting = html.P("Computed from samples: a few seconds …", role="status", **{"data-compare-waiting": drawn})
    return html.Details(
        [
            html.Summary(f"Coverage of {target.display_name}"),
            html.Div(waiting, id={"type": Ids.coverage, "index": name}),
            dcc.Store(id={"type": Ids.coverage_asked, "index": name}),
        ],
        open=is_open,
        className="compare-fold",
        **{"data-compare-fold": name},
    )


def coverage_body(found: SourcedCoverage) -> list[Any]:
    """Numbers first, then the four plots, then what they are."""
    cards = [_plot(name, found.target.product, *drawn) for name, drawn in _plots(found.report).items()]
    notes = [html.P(note, className="field-error") for note in coverage_notes(found)]
    terms = [html.Div([html.Dt(TERMS[name]), html.Dd(words)]) for name, words in COVERAGE_DEFINITIONS.items()]
    return [
        *notes,
        _facts(found),
        html.Div(cards, className="plot-grid compare-coverage"),
        html.P(SAMPLE_WORDS),
        html.Details([html.Summary("What these numbers are"), html.Dl(terms, className="compare-terms")]),
    ]


def _facts(found: SourcedCoverage) -> html.Div:
    table = plain_table(("Coverage", "Value"), coverage_facts(found.report))
    table.className = "table table-sm numbers-table compare-facts"
    tools = html.Div(_csv_button("numbers", "the numbers", found.target.product), className="plot-tools")
    heading = html.H3("Numbers", className="plot-title")
    return html.Div([html.Div([heading, tools], className="plot-head compare-facts-head"), table])


def _csv_button(part: str, words: str, target: Product) -> html.Button:
    return html.Button(
        "CSV",
        id={"type": Ids.coverage_csv, "part": part, "index": target.internal_name},
        type="button",
        n_clicks=0,
        className="plot-tool",
        **{"aria-label": f"CSV of {words}"},
    )


def _plots(report: CoverageReport) -> dict[str, tuple[str, go.Figure, str]]:
    """Title, figure and what it says, by name."""
    near, som, z = report.neighbours, report.som, report.redshifts
    return {
        "distances": (
            "Distances",
            distance_histogram(near),
            f"{near.covered:.1%} of the target lie within d_ref; the last bin holds all beyond.",
        ),
        "map": (
            "Covered share in magnitude and colour",
            coverage_map(report.map),
            f"Cells with three objects of the target or more; not detected stands at {report.limit_mag:g} mag.",
        ),
        "som": (
            "Self-organising map",
            som_map(som),
            f"{som.n_uncovered} of {som.n_with_target} cells with target hold no spec-z (crossed).",
        ),
        "weighted": (
            "N(z) weighted to the target",
            weighted_redshifts(z),
            f"Effective N {round(z.effective_n):,} of {z.n:,}.",
        ),
    }


def _plot(name: str, target: Product, title: str, figure: go.Figure, words: str) -> html.Section:
    plot, heading = f"coverage-{name}", f"coverage-{name}-{target.id}"
    graph = dcc.Graph(
        figure=figure,
        config={"displayModeBar": False, "displaylogo": False, "responsive": True},
        responsive=True,
        className="plot-graph",
        style={"height": f"{HEIGHT_PX}px"},
    )
    images = [_tool(plot, title, action) for action in ("png", "svg")]
    tools = html.Div([_csv_button(name, title, target), *images], className="plot-tools")
    return html.Section(
        [
            html.Div([html.H3(title, id=heading, className="plot-title"), tools], className="plot-head"),
            html.Div(graph, role="img", **{"aria-label": f"{title}. {words}"}),
            html.P(words, className="plot-caption"),
        ],
        className="plot-card",
        **{"aria-labelledby": heading, "data-plot": plot},
    )


def _tool(plot: str, title: str, action: str) -> html.Button:
    facts = {"data-plot-action": action, "data-plot-name": plot, "aria-label": f"{action.upper()} of {title}"}
    return html.Button(action.upper(), type="button", className="plot-tool", **facts)
