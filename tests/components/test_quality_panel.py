"""The Quality tab: the worst first, rows and advice with every finding, a reason when there is no report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dash.development.base_component import Component

from components.quality_panel.callbacks import show_report
from components.quality_panel.layout import report_view
from services.context import RequestContext, use_context
from services.models.quality import Level, QualityCheck, QualityReport
from services.statistics.range_words import CutWords
from tests.components.tree import elements, find, words
from tests.components.values import product
from tests.support.ingests import catalogue_csv, ingested
from tests.support.products import person, published

WORDS = CutWords({"Z": "float64", "zb": "float64"}, {"redshift": "Z", "z_phot": "zb"}, redshifts=("zb", "Z"))


def check(name: str, level: Level, rows: tuple[int, ...] = ()) -> QualityCheck:
    advice = "" if level is Level.OK else f"Advice of {name}."
    return QualityCheck(name, "Z", level, len(rows), 0.1, rows, f"Message of {name}.", advice)


def report(*checks: QualityCheck) -> QualityReport:
    return QualityReport(checks, 1, datetime(2026, 3, 4, tzinfo=UTC))


def children(one: Component) -> list[object]:
    """Children of a component; the browser takes no list within a list."""
    found = getattr(one, "children", None)
    return found if isinstance(found, list) else []


def test_findings_come_worst_first_and_what_is_fine_is_folded() -> None:
    shown = report_view(
        product(),
        report(
            check("stars", Level.OK),
            check("error_floor", Level.INFO),
            check("duplicates", Level.SERIOUS, (3, 1234)),
            check("missing_redshift", Level.WARN),
        ),
        WORDS,
    )
    found = [article.__dict__["data-check"] for article in find(shown, "Article")]
    assert found == ["duplicates", "missing_redshift", "error_floor"]
    text = words(shown)
    assert "Duplicates on the sky" in text
    assert "First rows concerned:" in text
    assert "Advice of duplicates." in text
    links = [(words(link), link.__dict__["href"]) for link in find(shown, "Link")]
    assert links == [
        ("3", "/product/7_deep_field?tab=table&row=3"),
        ("1,234", "/product/7_deep_field?tab=table&row=1234"),
    ]
    (folded,) = find(shown, "Details")
    assert "Stars" in words(folded)
    assert not [one for one in elements(shown) if any(isinstance(part, list) for part in children(one))]


@pytest.mark.parametrize(
    ("level", "verdict"), [(Level.OK, "Good"), (Level.INFO, "Good"), (Level.WARN, "Check"), (Level.SERIOUS, "Serious")]
)
def test_the_verdict_is_said_in_words_and_offered_as_json(level: Level, verdict: str) -> None:
    shown = report_view(product(), report(check("stars", level)), WORDS)
    assert f"Verdict: {verdict}." in words(shown)
    assert find(shown, "A", href="/api/products/7/quality/")


def test_the_tab_asks_the_services(sqlite_container) -> None:
    owner = person(sqlite_container, "owner1")
    with use_context(RequestContext(sqlite_container, owner, "test")):
        table = ingested(sqlite_container, owner, catalogue_csv())
        assert "Verdict:" in words(show_report("", table.id))
        described = published(sqlite_container, owner)
        assert "no main file" in words(show_report("", described.id))


def test_rows_that_a_cut_can_name_are_shown_by_it() -> None:
    outliers = replace(check("point_quality", Level.WARN), column="zb, Z", count=3)
    found = report(check("stars", Level.WARN, (5,)), check("redshift_range", Level.WARN, (6,)), outliers)
    shown = report_view(product(), found, WORDS)
    addresses = [link.__dict__["href"] for link in find(shown, "Link") if words(link) == "Show all in the table"]
    assert addresses == [
        "/product/7_deep_field?tab=table&cut=Z+%3C+0.002",
        "/product/7_deep_field?tab=table&cut=Z+is+outside",
        "/product/7_deep_field?tab=table&cut=dz+%3C+-0.15+or+dz+%3E+0.15",
    ]
