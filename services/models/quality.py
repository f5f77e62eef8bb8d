"""The automatic checks of a table: what each found, and the verdict over all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters; none of them blocks anything."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    SERIOUS = "serious"


class Verdict(StrEnum):
    """The worst level in one word."""

    GOOD = "good"
    CHECK = "check"
    SERIOUS = "serious"


NOT_RUN = "not_run"
CHECK_STATES = (*(verdict.value for verdict in Verdict), NOT_RUN)
"""By what lists are filtered: a verdict, or that there is none."""


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """What one check found in one column (or in several, named in ``column`` with commas between).

    ``count`` rows are concerned, ``fraction`` of those looked at; ``example_rows`` are the first of them, counted
    from 1 in file order. ``advice`` is empty when there is nothing to do.
    """

    name: str
    column: str
    level: Level
    count: int
    fraction: float
    example_rows: tuple[int, ...]
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All checks of one table; ``version`` identifies the checks and their limits."""

    checks: tuple[QualityCheck, ...]
    version: int
    computed_at: datetime

    @property
    def verdict(self) -> Verdict:
        """Serious when any check is, else check when any warns, else good."""
        levels = {check.level for check in self.checks}
        if Level.SERIOUS in levels:
            return Verdict.SERIOUS
        return Verdict.CHECK if Level.WARN in levels else Verdict.GOOD
