"""From a file on disk to a ready preview, in a fresh process, against merely reading the file."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.dataset import Dataset
from benchmarks.timing import Line, one_file


def _lines(
    name: str, path: Path, against: tuple[str, str], targets: tuple[float, float], rounds: int
) -> Iterator[Line]:
    baseline, baseline_name = against
    ours = [one_file("ingest", path)]
    theirs = [one_file(baseline, path)]
    for _ in range(rounds - 1):
        ours.append(one_file("ingest", path))
        theirs.append(one_file(baseline, path))
    size_mb = path.stat().st_size / 1e6
    times = statistics.median(t for t, _ in ours) * 1000, statistics.median(t for t, _ in theirs) * 1000
    yield Line(f"{name} to preview, {size_mb:,.0f} MB", *times, baseline_name, targets[0])
    yield Line(f"{name} peak memory", max(peak for _, peak in ours), None, "absolute, MiB", targets[1], "MiB")


def csv_ingest(data: Dataset, rounds: int) -> Iterator[Line]:
    """A CSV file."""
    yield from _lines("CSV", data.csv(), ("polars_scan", "polars scan, sum of all"), (2.2, 512), rounds)


def fits_ingest(data: Dataset, rounds: int) -> Iterator[Line]:
    """A FITS binary table."""
    yield from _lines("FITS", data.fits(), ("plain_read", "plain read"), (6, 300), rounds)


INGESTS = {"csv": csv_ingest, "fits": fits_ingest}
