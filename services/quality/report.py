"""The report of all checks of one table: made, written as JSON, read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from services.models.quality import Level, QualityCheck, QualityReport
from services.models.roles import RoleMap
from services.quality.findings import Subject, note
from services.quality.registry import CHECKS, checks_version
from services.statistics.canonical import CanonicalTable
from services.statistics.overview import present_roles


def build_report(table: CanonicalTable, roles: RoleMap, product_type: str, notes: Sequence[str] = ()) -> QualityReport:
    """Run every check that applies, over all rows, in bounded memory.

    Parameters
    ----------
    notes : sequence of str
        What the reader noticed in the file; each becomes a warning.
    """
    subject = Subject(table, present_roles(table, roles), product_type)
    return QualityReport(tuple(_results(subject, notes)), checks_version(), datetime.now(UTC))


def _results(subject: Subject, notes: Sequence[str]) -> Iterator[QualityCheck]:
    for text in notes:
        yield note("reading", "", Level.WARN, text, "Look at the file there, and upload a mended one if it is wrong.")
    for row in CHECKS:
        if row.applies_to(subject.product_type):
            yield from row.run(subject)


def report_json(report: QualityReport) -> bytes:
    """Report as it is stored."""
    facts = asdict(report) | {"computed_at": report.computed_at.isoformat()}
    return json.dumps(facts).encode()


def report_from_json(data: bytes) -> QualityReport:
    """Report back from what ``report_json`` wrote."""
    facts: dict[str, Any] = json.loads(data)
    checks = tuple(
        QualityCheck(**{**one, "level": Level(one["level"]), "example_rows": tuple(one["example_rows"])})
        for one in facts["checks"]
    )
    return QualityReport(checks, facts["version"], datetime.fromisoformat(facts["computed_at"]))
