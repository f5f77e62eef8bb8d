"""Paired timing: both sides in turn, medians of several rounds, so that a busy machine slows both alike."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import psutil

ROUNDS = 5
RSS_EVERY_S = 0.005
MIB = 2**20


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


def in_fresh_process(work: Callable[..., Any], *args: Any) -> tuple[float, float]:
    """Seconds from start to end of a spawned process that does the work, and its peak memory in MiB."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    start = time.perf_counter()
    process = context.Process(target=_report_peak, args=(sender, work, args))
    process.start()
    peak_mib = receiver.recv()
    process.join()
    return time.perf_counter() - start, peak_mib


def _report_peak(sender: Connection, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    peak = _Peak()
    peak.start()
    work(*args)
    sender.send(peak.stop())


class _Peak(threading.Thread):
    """Largest resident memory of this process, sampled: the counter of the kernel would include that of the parent."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(os.getpid())
        self._peak = 0
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(RSS_EVERY_S):
            self._peak = max(self._peak, self._process.memory_info().rss)

    def stop(self) -> float:
        self._ended.set()
        self.join()
        return max(self._peak, self._process.memory_info().rss) / MIB
