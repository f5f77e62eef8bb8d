"""The Quality tab: verdict, what every check found, what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from dash import dcc, html

from components.product_summary.layout import product_address
from components.quantities import count_text, date_element
from components.shell.page import empty_state, skeleton
from services.models.products import Product
from services.models.quality import Level, QualityCheck, QualityReport, Verdict
from services.quality.cuts import cut_of
from services.quality.registry import check_title
from services.statistics.range_words import CutWords

VERDICTS = {
    Verdict.GOOD: ("strip-success", "Good", "No check found anything to worry about."),
    Verdict.CHECK: ("strip-warning", "Check", "Some findings deserve a look before you use this table."),
    Verdict.SERIOUS: ("strip-error", "Serious", "Some findings will spoil what you compute from this table."),
}
LEVELS = {Level.SERIOUS: "Serious", Level.WARN: "Check", Level.INFO: "Note", Level.OK: "Fine"}
"""Levels in the order they are shown, with their words."""


class Ids:
    """Ids of the Quality tab."""

    panel = "quality-panel"


def quality_panel() -> html.Div:
    """Panel before the report is there."""
    return html.Div(skeleton(300, "The checks are running"), id=Ids.panel)


def no_report(reason: str) -> html.Div:
    """Why nothing was checked."""
    return empty_state(reason)


def report_view(product: Product, report: QualityReport, words: CutWords) -> html.Div:
    """Verdict, then the findings, the worst first; ``words`` are those of cuts on its table."""
    order = {level: place for place, level in enumerate(LEVELS)}
    checks = sorted(report.checks, key=lambda check: order[check.level])
    groups = [(level, list(found)) for level, found in groupby(checks, key=lambda check: check.level)]
    return html.Div(
        [
            _verdict(product, report),
            *(_findings(product, level, found, words) for level, found in groups if level is not Level.OK),
            *(_passed(found) for level, found in groups if level is Level.OK),
        ],
        className="quality-report",
    )


def _verdict(product: Product, report: QualityReport) -> html.Div:
    style, word, sentence = VERDICTS[report.verdict]
    json_link = html.A(
        "JSON", href=f"/api/products/{product.id}/quality/", className="btn btn-outline-primary", download=""
    )
    counted = html.P(
        [f"{count_text(len(report.checks))} results over all rows, ", date_element(report.computed_at)],
        className="quiet",
    )
    return html.Div(
        [html.Div([html.Strong(f"Verdict: {word}. "), sentence, counted]), json_link],
        className=f"strip {style} quality-verdict",
        **{"data-verdict": report.verdict.value},
    )


def _findings(product: Product, level: Level, checks: Sequence[QualityCheck], words: CutWords) -> html.Section:
    title_id = f"quality-{level.value}"
    return html.Section(
        [
            html.H2(LEVELS[level], id=title_id, className="quality-level"),
            *(_finding(product, check, cut_of(check, words)) for check in checks),
        ],
        **{"aria-labelledby": title_id},
    )


def _finding(product: Product, check: QualityCheck, cut: str | None) -> html.Article:
    parts: list[Any] = [html.H3([check_title(check.name), *_column(check)], className="quality-title")]
    parts.append(html.P(check.message))
    if check.example_rows or cut:
        parts.append(_rows(product, check, cut))
    if check.advice:
        parts.append(html.P(check.advice, className="quality-advice"))
    return html.Article(parts, className=f"quality-check quality-{check.level.value}", **{"data-check": check.name})


def _rows(product: Product, check: QualityCheck, cut: str | None) -> html.P:
    """The first rows concerned, each a link into the table; all of them where a cut can say which."""
    links: list[Any] = ["First rows concerned: "] if check.example_rows else []
    for place, row in enumerate(check.example_rows):
        address = product_address(product, "table", view={"row": str(row)})
        links += [", "] if place else []
        links.append(dcc.Link(count_text(row), href=address, title=f"Row {count_text(row)} in the table"))
    if cut:
        links += [" · "] if links else []
        links.append(dcc.Link("Show all in the table", href=product_address(product, "table", cut)))
    return html.P(links, className="quiet")


def _column(check: QualityCheck) -> list[Any]:
    return [" ", html.Code(check.column)] if check.column else []


def _passed(checks: Sequence[QualityCheck]) -> html.Details:
    items = [
        html.Li(
            [html.Strong(check_title(check.name)), *_column(check), f": {check.message}"], **{"data-check": check.name}
        )
        for check in checks
    ]
    return html.Details([html.Summary(f"{LEVELS[Level.OK]}: {count_text(len(checks))} results"), html.Ul(items)])
