"""Paired timing: both sides in turn, medians of several rounds, so that a busy machine slows both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: ours against a baseline, and the target; a row without one is for information."""

    name: str
    ours: float
    baseline: float | None
    baseline_name: str
    target: float | None
    unit: str = "ms"
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours over the baseline; the number itself where the target is absolute."""
        return self.ours / self.baseline if self.baseline else self.ours


def paired(ours: Callable[[], Any], baseline: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, float]:
    """Median milliseconds of both, run in turn after one warm-up each."""
    ours()
    baseline()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for collected, work in zip(times, (ours, baseline), strict=True):
            collected.append(milliseconds(work))
    return statistics.median(times[0]), statistics.median(times[1])


def median_ms(work: Callable[[], Any], rounds: int = 4 * ROUNDS) -> float:
    """Median milliseconds of one thing after a warm-up."""
    work()
    return statistics.median(milliseconds(work) for _ in range(rounds))


def milliseconds(work: Callable[[], Any]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
