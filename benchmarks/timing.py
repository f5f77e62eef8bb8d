"""Paired timing: both sides in turn, medians of several rounds, so that a busy machine slows both alike."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: ours against a baseline, and the target."""

    name: str
    ours: float
    baseline: float | None
    baseline_name: str
    target: float
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


def one_file(way: str, path: Path) -> tuple[float, float]:
    """Seconds from start to end of a new process that takes a file one way, and its peak memory in MiB."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.one_file", way, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, float(done.stdout)
