"""Coverage of the other products by the first, when that is a training set: computed when somebody opens it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from components.compare.layout import Ids, plain_table
from components.figures.coverage import coverage_map, distance_histogram, som_map, weighted_redshifts
from components.figures.template import HEIGHT_PX
from components.quantities import count_text, number_text
from services.context import current_actor, portal
from services.models.coverage import LEAST_EFFECTIVE, CoverageReport, SampleTally
from services.models.products import Product

SAMPLE_WORDS = (
    "From seeded random samples of at most 12,000 rows of each, so percentages are good to about half a percent; the "
    "same rows each time. Bands are matched by what the columns mean."
)
TERMS = (
    (
        "Features",
        "The i magnitude (else the band that reaches deepest) and the colours of neighbouring bands, standardised by "
        "mean and standard deviation of the training set. Objects that are not detected in a band stand at its "
        "limit; those not observed, or not detected in the first band, are left out.",
    ),
    (
        "Nearest neighbour",
        "d_ref is the 95th percentile of the distances from each training object to its nearest other one. An object "
        "of the target is covered when its nearest training object lies within d_ref: 95 % are when both are one "
        "population.",
    ),
    (
        "Weights",
        "w = N_target(within d_k) / k × N_train / N_target, d_k being the distance of a training object to its k-th "
        "neighbour (Lima et al. 2008). Effective N = (Σ w)² / Σ w²; errors of the weighted N(z) are √(Σ w²).",
    ),
    (
        "Self-organising map",
        "20 × 20 cells trained on the target's features (Masters et al. 2015). A cell is not covered when it holds "
        "objects of the target and none of the training sample. σ_z is the scatter of z_spec in a cell with three "
        "training objects or more.",
    ),
)


def coverage_section(products: Sequence[Product]) -> html.Section | None:
    """One fold for each product that the first could train for; nothing when it is no training set."""
    actor, service = current_actor(), portal().coverage
    targets = [one for one in products[1:] if service.is_offered(actor, products[0].id, one.id)]
    if not targets:
        return None
    return html.Section(
        [
            html.H2(f"Coverage by {products[0].display_name}", id="compare-coverage-title", className="plot-title"),
            html.P("How well the first product could train photo-z for another one."),
            *(_fold(target) for target in targets),
        ],
        className="plot-card compare-card",
        **{"aria-labelledby": "compare-coverage-title"},
    )


def _fold(target: Product) -> html.Details:
    summary = {"type": Ids.coverage_summary, "index": target.internal_name}
    place = {"type": Ids.coverage, "index": target.internal_name}
    waiting = html.P("Computed from samples: a few seconds …", role="status")
    return html.Details(
        [html.Summary(f"Coverage of {target.display_name}", id=summary, n_clicks=0), html.Div(waiting, id=place)],
        className="compare-fold",
    )


def coverage_body(report: CoverageReport, target: Product) -> list[Any]:
    """Numbers first, then the four plots, then what they are."""
    cards = [_plot(name, target, *drawn) for name, drawn in _plots(report).items()]
    notes = [html.P(note, className="field-error") for note in report.notes]
    terms = html.Dl([html.Div([html.Dt(term), html.Dd(words)]) for term, words in TERMS], className="compare-terms")
    return [
        *notes,
        _numbers(report),
        html.Div(cards, className="plot-grid compare-coverage"),
        html.P(SAMPLE_WORDS),
        html.Details([html.Summary("What these numbers are"), terms]),
    ]


def _numbers(report: CoverageReport) -> html.Table:
    table = plain_table(("Coverage", "Value"), _rows(report))
    table.className = "table table-sm numbers-table compare-facts"
    return table


def _rows(report: CoverageReport) -> list[tuple[str, str]]:
    near, som, z = report.neighbours, report.som, report.redshifts
    share = z.effective_n / z.n
    warning = f" – below {LEAST_EFFECTIVE:.0%}: few objects carry the weight" if z.is_poor else ""
    return [
        ("Features", ", ".join(report.features)),
        ("Training sample", _tally(report.train)),
        ("Target sample", _tally(report.target)),
        ("Covered by nearest neighbour", f"{near.covered:.1%} ± {near.covered_err:.1%}"),
        ("d_ref", _number(near.d_ref)),
        ("Median distance of the target", _number(near.median_target)),
        (f"Effective N of the weights (k = {z.k})", f"{count_text(round(z.effective_n))} = {share:.0%} of N{warning}"),
        ("Training objects of no weight", f"{z.zero_fraction:.1%}"),
        ("Map cells with target, without spec-z", f"{som.n_uncovered} of {som.n_with_target}"),
        ("Target in cells without spec-z", f"{som.uncovered_fraction:.1%}"),
        ("Median σ_z per cell, over the target", _number(som.median_sigma_z)),
        ("Mean |<z_spec> - <z_phot>| / (1 + z) per cell", _number(som.mean_offset)),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else number_text(float(f"{value:.4g}"))


def _tally(tally: SampleTally) -> str:
    words = f"{count_text(tally.n_used)} used of {count_text(tally.n_drawn)} drawn / {count_text(tally.n_total)} rows"
    return f"{words}, {count_text(tally.n_not_detected)} at the limit in some band"


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
    tools = html.Div([_tool(plot, title, action) for action in ("png", "svg")], className="plot-tools")
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
