"""The automatic checks of a product as JSON."""

from __future__ import annotations

from typing import Any, Literal

from api.endpoints import Resource
from api.wire import UtcTime, Wire
from services.container import Container
from services.context import current_actor
from services.models.quality import QualityReport


class CheckWire(Wire):
    """What one check found: ``example_rows`` are numbered from 1 in file order."""

    name: str
    column: str
    level: Literal["ok", "info", "warn", "serious"]
    count: int
    fraction: float
    example_rows: list[int]
    message: str
    advice: str


class QualityWire(Wire):
    """All checks; the verdict is that of the worst."""

    verdict: Literal["good", "check", "serious"]
    version: int
    computed_at: UtcTime
    checks: list[CheckWire]


def quality_resource(container: Container) -> Resource:
    """The route of the report."""
    routes = Resource("quality", tag="Data of a product")

    @routes.get(
        "/products/<identifier:product_id>/quality/",
        answers={200: QualityWire},
        errors=(202, 422),
        summary="Automatic checks of the table",
    )
    def quality(product_id: int) -> Any:
        """Checks flag and never block. 202 while the file is being read, 422 for products without a table."""
        return quality_wire(container.quality.report(current_actor(), product_id))

    return routes


def quality_wire(report: QualityReport) -> QualityWire:
    """Report as it travels."""
    checks = [
        CheckWire(
            name=check.name,
            column=check.column,
            level=check.level.value,
            count=check.count,
            fraction=check.fraction,
            example_rows=list(check.example_rows),
            message=check.message,
            advice=check.advice,
        )
        for check in report.checks
    ]
    return QualityWire(
        verdict=report.verdict.value, version=report.version, computed_at=report.computed_at, checks=checks
    )
