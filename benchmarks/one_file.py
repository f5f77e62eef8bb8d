"""``python -m benchmarks.one_file WAY PATH [CORES [warm]]``: one file, one process; prints seconds and peak MiB.

Imports nothing beyond what the chosen way needs, so that neither time nor memory of one way is blurred by another.
CORES 0 means all. A warm process rehearses on a small table before the clock starts, as the portal's reading
processes do.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

READ_BYTES = 2**20
KIB_PER_MIB = 1024


def ingest(path: Path) -> None:
    """The whole way: open, write the canonical table, guess roles, overview, count cube."""
    import tempfile

    from services.columns.matching import guess_roles, role_map
    from services.formats.registry import open_table
    from services.jobs.merging import merged_columns
    from services.statistics.canonical import CanonicalTable
    from services.statistics.canonical_writer import write_canonical
    from services.statistics.cube import build_cube, save_cube
    from services.statistics.overview import build_overview, save_overview

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        canonical = Path(folder) / "canonical.parquet"
        reader = open_table(path, path.name, hurried=True)
        profiles = write_canonical(reader, canonical).profiles
        reader.close()
        roles = role_map(merged_columns((), profiles, guess_roles(profiles, "training_set")))
        with CanonicalTable.open(canonical) as table:
            save_overview(build_overview(table, roles, "training_set"), Path(folder) / "overview.zip")
            if cube := build_cube(table, roles):
                save_cube(cube, Path(folder) / "cube.npz")


def polars_scan(path: Path) -> None:
    """Baseline for CSV: sum all columns."""
    import polars as pl

    pl.scan_csv(path).select(pl.all().sum()).collect(engine="streaming")


def plain_read(path: Path) -> None:
    """Baseline for FITS: every byte once."""
    with path.open("rb", buffering=0) as stream:
        while stream.read(READ_BYTES):
            pass


def rehearse(way: str, path: Path) -> None:
    """Load and compile what a way needs."""
    import tempfile

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        if way == "ingest":
            from services.jobs.warming import warm_up

            warm_up(Path(folder))
        elif way == "polars_scan":
            small = Path(folder) / "small.csv"
            small.write_text("a,b\n1,2\n")
            polars_scan(small)


def stay_on(n_cores: int) -> None:
    """Use so many cores, the last ones; 0 means all."""
    if n_cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-n_cores:])


WAYS = {"ingest": ingest, "polars_scan": polars_scan, "plain_read": plain_read}


def peak_mib() -> float:
    """Largest resident memory of this process so far (VmHWM; what getrusage tells includes the parent before exec)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / KIB_PER_MIB
    return float("nan")


def main(way: str, path: Path, n_cores: int = 0, *, is_warm: bool = False) -> None:
    """Take the file one way and say what it cost."""
    stay_on(n_cores)
    if is_warm:
        rehearse(way, path)
    start = time.perf_counter()
    WAYS[way](path)
    sys.stdout.write(f"{time.perf_counter() - start} {peak_mib()}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:4]), is_warm="warm" in sys.argv[4:])
