"""Progress bars of long transfers: in a terminal and in a notebook, never in a log file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pzserver.console import in_notebook

QUIET_S = 1.0
"""A transfer that is over by then shows no bar."""


@contextmanager
def progress_bar(
    label: str, total_bytes: int, *, wanted: bool = True, done_bytes: int = 0
) -> Iterator[Callable[[int], None]]:
    """Function that is told how many bytes have come (or gone) since the last call."""
    if not (wanted and (sys.stderr.isatty() or in_notebook())):
        yield lambda _: None
        return
    from tqdm import tqdm

    with tqdm(
        total=total_bytes, initial=done_bytes, desc=label, unit="B", unit_scale=True, delay=QUIET_S, leave=False
    ) as bar:

        def advance(n_bytes: int) -> None:
            bar.update(n_bytes)

        yield advance
