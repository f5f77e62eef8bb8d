"""The report of the automatic checks of a product: made once per table and roles, then kept in the store."""

from __future__ import annotations

import io

from services.errors import NoTable, NotFound, StillRunning
from services.jobs.results import Result, signed_version
from services.models.identity import Actor
from services.models.quality import QualityReport, Verdict
from services.product_tables import ProductTable, ProductTables
from services.quality.registry import checks_version
from services.quality.report import build_report, report_from_json, report_json
from services.repositories.artifacts import QUALITY, Artifact
from services.statistics.overview import roles_signature


class QualityService:
    """Answers from the table of a product the actor may see; errors as ``ProductTables`` raises them."""

    def __init__(self, tables: ProductTables) -> None:
        self._tables = tables

    def report(self, actor: Actor, product_id: int) -> QualityReport:
        """The report over all rows; made now when there is none, or when roles or checks have changed since."""
        found = self._tables.find(actor, product_id)
        return self._stored(found) or self._computed(actor, product_id)

    def verdict(self, actor: Actor, product_id: int) -> Verdict | None:
        """Verdict of the kept report; None where there is none that is current. Nothing is worked out for it."""
        try:
            found = self._tables.find(actor, product_id)
        except (NoTable, StillRunning):
            return None
        stored = _current(found)
        return None if stored is None else Verdict(stored.verdict)

    def _stored(self, found: ProductTable) -> QualityReport | None:
        if (stored := _current(found)) is None:
            return None
        try:
            with self._tables.storage.open(stored.key) as stream:
                return report_from_json(stream.read())
        except NotFound:
            return None  # its bytes are lost: it can be made again

    def _computed(self, actor: Actor, product_id: int) -> QualityReport:
        """Make the report and keep it; of several who ask at once one makes it and the others wait."""
        with self._tables.work.doing(f"quality {product_id}"):
            found = self._tables.find(actor, product_id)
            if (stored := self._stored(found)) is not None:
                return stored
            product = found.product
            with self._tables.opened(found) as table:
                report = build_report(table, found.roles, product.product_type, product.notes)
            blob = self._tables.storage.put(io.BytesIO(report_json(report)))
            version, signature = _wanted(found)
            self._tables.keep(found, Result(QUALITY, blob, version, signature, report.verdict.value))
            return report


def _current(found: ProductTable) -> Artifact | None:
    """The kept report, when it says what would be found now and in a word beside it."""
    stored = found.artifacts.get(QUALITY)
    if stored is None or not stored.verdict:
        return None
    return stored if (stored.version, stored.signature) == _wanted(found) else None


def _wanted(found: ProductTable) -> tuple[int, str]:
    """Version and signature of a report that is up to date."""
    return report_version(), roles_signature(found.roles)


def report_version() -> int:
    """Version of the reports that say what would be found now."""
    return signed_version(checks_version())
