"""From a file on disk to a ready preview, in a fresh process, against merely reading the file."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.dataset import Dataset
from benchmarks.timing import Line, in_fresh_process

READ_BYTES = 2**20


def ingest(path: str) -> None:
    """The whole way: open, write the canonical table, guess roles, overview."""
    from services.columns.matching import guess_roles, role_map
    from services.formats.registry import open_table
    from services.jobs.merging import merged_columns
    from services.statistics.canonical import CanonicalTable
    from services.statistics.canonical_writer import write_canonical
    from services.statistics.overview import build_overview, save_overview

    with tempfile.TemporaryDirectory(dir=Path(path).parent) as folder:
        canonical = Path(folder) / "canonical.parquet"
        reader = open_table(Path(path), Path(path).name)
        profiles = write_canonical(reader, canonical).profiles
        reader.close()
        roles = role_map(merged_columns((), profiles, guess_roles(profiles, "training_set")))
        with CanonicalTable.open(canonical) as table:
            save_overview(build_overview(table, roles, "training_set"), Path(folder) / "overview.zip")


def polars_scan(path: str) -> None:
    """Baseline for CSV: sum all columns."""
    import polars as pl

    pl.scan_csv(path).select(pl.all().sum()).collect(engine="streaming")


def plain_read(path: str) -> None:
    """Baseline for FITS: every byte once."""
    with Path(path).open("rb", buffering=0) as stream:
        while stream.read(READ_BYTES):
            pass


def _lines(
    name: str, path: Path, against: tuple[Callable[[str], None], str], targets: tuple[float, float], rounds: int
) -> Iterator[Line]:
    baseline, baseline_name = against
    ours = [in_fresh_process(ingest, str(path))]
    theirs = [in_fresh_process(baseline, str(path))]
    for _ in range(rounds - 1):
        ours.append(in_fresh_process(ingest, str(path)))
        theirs.append(in_fresh_process(baseline, str(path)))
    size_mb = path.stat().st_size / 1e6
    times = statistics.median(t for t, _ in ours) * 1000, statistics.median(t for t, _ in theirs) * 1000
    yield Line(f"{name} to preview, {size_mb:,.0f} MB", *times, baseline_name, targets[0])
    yield Line(f"{name} peak memory", max(peak for _, peak in ours), None, "absolute, MiB", targets[1], "MiB")


def csv_ingest(data: Dataset, rounds: int) -> Iterator[Line]:
    """A CSV file."""
    yield from _lines("CSV", data.csv(), (polars_scan, "polars scan, sum of all"), (2.2, 512), rounds)


def fits_ingest(data: Dataset, rounds: int) -> Iterator[Line]:
    """A FITS binary table."""
    yield from _lines("FITS", data.fits(), (plain_read, "plain read"), (6, 300), rounds)


INGESTS = {"csv": csv_ingest, "fits": fits_ingest}
