"""``python -m benchmarks``: prints the table of ratios. No assertion on time.

Ratios are ours over the baseline, both run in turn in this process (ingest: in fresh processes), medians.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator

from benchmarks.api_lists import LISTS
from benchmarks.api_transfer import TRANSFERS
from benchmarks.browser import BROWSER
from benchmarks.cube_browser import CUBES
from benchmarks.dataset import SIZE_2GB_ROWS, Dataset
from benchmarks.ingest import INGESTS
from benchmarks.pages import PAGES
from benchmarks.queries import QUERIES
from benchmarks.tables import TABLES
from benchmarks.timing import ROUNDS, Line
from benchmarks.workbench import WORKBENCH

PAGE_ROWS = 1_000_000
NAMES = (*QUERIES, *TABLES, *INGESTS, *PAGES, *WORKBENCH, *BROWSER, *CUBES, *TRANSFERS, *LISTS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows for the queries")
    parser.add_argument("--ingest-rows", type=int, default=1_000_000, help="rows of the ingested files")
    parser.add_argument("--large", action="store_true", help="also ingest files of about 2 GB")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, help="names of benchmarks to run")
    return parser.parse_args()


def _lines(chosen: argparse.Namespace) -> Iterator[Line]:
    for name in chosen.only:
        if name in QUERIES:
            yield from QUERIES[name](Dataset(chosen.rows))
        elif name in TABLES | WORKBENCH | CUBES:
            for n_rows in sorted({PAGE_ROWS, chosen.rows}):
                yield from (TABLES | WORKBENCH | CUBES)[name](Dataset(n_rows))
        elif name in INGESTS:
            yield from INGESTS[name](Dataset(chosen.ingest_rows), ROUNDS)
            if chosen.large:
                yield from INGESTS[name](Dataset(SIZE_2GB_ROWS[name]), 1)
        else:
            yield from (PAGES | BROWSER | TRANSFERS | LISTS)[name](Dataset(PAGE_ROWS))


def _print_table(lines: Iterable[Line]) -> None:
    print(f"{'what':46} {'ours':>12} {'baseline':>12} {'ratio':>8} {'target':>8} verdict against")
    for line in lines:
        baseline = f"{line.baseline:,.2f} {line.unit}" if line.baseline else "-"
        ratio = f"{line.ratio:.3f}" if line.baseline else "-"
        verdict = "-" if line.target is None else "met" if line.ratio <= line.target else "NOT MET"
        target = "-" if line.target is None else line.target
        ours = f"{line.ours:,.2f} {line.unit}"
        print(
            f"{line.name:46} {ours:>12} {baseline:>12} {ratio:>8} {target:>8} {verdict:7} {line.baseline_name}",
            flush=True,
        )


def _print_load(when: str) -> None:
    """How busy the machine is: ratios of a busy one are noisy, absolute numbers are wrong."""
    loads = ", ".join(f"{load:.2f}" for load in os.getloadavg())
    print(f"load {when} (1, 5, 15 minutes): {loads} on {os.cpu_count()} cores", flush=True)


if __name__ == "__main__":
    arguments = _arguments()
    _print_load("at the start")
    _print_table(_lines(arguments))
    _print_load("at the end")
