"""Compiled loops made ready before anybody waits for them."""

from __future__ import annotations

import numpy as np

from services.compiling import compiling_alone
from services.statistics.kernels import (
    NO_SENTINELS,
    Array,
    collect_cells,
    fine_histogram,
    histogram_1d_masked,
    histogram_2d,
    keep_in_range,
)
from services.statistics.live_kernel import warm_live_kernels
from services.statistics.moment_kernel import summarise
from services.statistics.two_samples import warm_walk


def warm_kernels() -> None:
    """Compile, or load from disk, what the first product page and the first cut need.

    Columns come as read-only arrays of either width, integers as double precision that may be written to. All other
    loops are those of ``services.jobs.rehearsal``.
    """
    with compiling_alone():
        _warm()


def _warm() -> None:
    warm_live_kernels()
    wide, everything, edges = (-np.inf, np.inf), np.empty(0, np.bool_), np.array([0.0, 1.0, 2.0])
    lent: list[Array] = [np.ones(2, np.float32), np.ones(2)]
    for values in lent:
        values.flags.writeable = False
    for values in (*lent, np.ones(2)):
        histogram_1d_masked(values, everything, edges, *wide, NO_SENTINELS, np.zeros(2, np.int64))
        summarise(values, *wide, NO_SENTINELS)
        fine_histogram(values, 0.0, 2.0, 1.0, *wide, NO_SENTINELS, np.zeros(2, np.int64))
        collect_cells(values, 0.0, 2.0, 1.0, np.ones(2, np.bool_), *wide, NO_SENTINELS, np.empty(2))
        limits = (wide, wide, NO_SENTINELS, NO_SENTINELS)
        histogram_2d(values, values, everything, edges, edges, *limits, np.zeros((2, 2), np.int64))
        keep_in_range(values, *wide, (True, False), np.ones(2, np.bool_))
    warm_walk()
