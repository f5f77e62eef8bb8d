"""From a file on disk to a ready preview against merely reading the file (docs/decisions/0036).

The targets are held against whole processes on one core, imports included on both sides. What all cores do, and a
process that has read a table before, stands below for information: the portal reads files in such a process.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dataset import Dataset
from benchmarks.timing import Line
from services.jobs.processes import LEAN_MEMORY

MS_PER_S = 1000


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of file, what it is compared with, and the targets."""

    name: str
    path: Path
    baseline: str
    baseline_name: str
    most_times: float
    most_mib: float


@dataclass(frozen=True, slots=True)
class Setting:
    """How both sides are run."""

    title: str
    cores: int
    is_warm: bool
    counts: bool


SETTINGS = (
    Setting("one core", 1, is_warm=False, counts=True),
    Setting("all cores", 0, is_warm=False, counts=False),
    Setting("warm process, one core", 1, is_warm=True, counts=False),
)


def one_file(way: str, path: Path, setting: Setting) -> tuple[float, float]:
    """Milliseconds a new process takes for a file (a warm one: without its start and a rehearsal), peak MiB."""
    command = [sys.executable, "-m", "benchmarks.one_file", way, str(path), str(setting.cores)]
    environment = {**os.environ, **LEAN_MEMORY}
    if setting.cores:
        environment["POLARS_MAX_THREADS"] = str(setting.cores)
    start = time.perf_counter()
    done = subprocess.run(
        command + ["warm"] * setting.is_warm, check=True, capture_output=True, text=True, env=environment
    )
    elapsed_s = time.perf_counter() - start
    inside_s, peak_mib = (float(word) for word in done.stdout.split())
    return (inside_s if setting.is_warm else elapsed_s) * MS_PER_S, peak_mib


def _lines(subject: Subject, rounds: int) -> Iterator[Line]:
    size_mb = subject.path.stat().st_size / 1e6
    for setting in SETTINGS:
        pairs = [
            (one_file("ingest", subject.path, setting), one_file(subject.baseline, subject.path, setting))
            for _ in range(rounds)
        ]
        ours, baseline = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
        target = subject.most_times if setting.counts else None
        name = f"{subject.name} to preview, {size_mb:,.0f} MB, {setting.title}"
        yield Line(name, ours, baseline, subject.baseline_name, target)
        if setting.counts or not (setting.cores or setting.is_warm):
            peak_mib = max(peak for (_, peak), _ in pairs)
            yield Line(
                f"{subject.name} peak, {setting.title}", peak_mib, None, "absolute, MiB", subject.most_mib, "MiB"
            )


def csv_ingest(data: Dataset, rounds: int) -> Iterator[Line]:
    """A CSV file."""
    yield from _lines(Subject("CSV", data.csv(), "polars_scan", "polars scan, sum of all", 2.2, 512), rounds)


def fits_ingest(data: Dataset, rounds: int) -> Iterator[Line]:
    """A FITS binary table."""
    yield from _lines(Subject("FITS", data.fits(), "plain_read", "plain read", 6, 300), rounds)


INGESTS = {"csv": csv_ingest, "fits": fits_ingest}
