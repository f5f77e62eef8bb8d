"""Compiled loops over one chunk of a column. All release the GIL; compiled code is kept on disk between processes.

Edge rule of every histogram: a value x, taken exactly as double, lies in bin k when ``edges[k] <= x < edges[k+1]``;
the last bin is closed. Counts equal ``numpy.histogram(x.astype(float64), edges)`` for every value, those on edges
included: a multiplication gives the bin, and where rounding could make it wrong the edges themselves are asked.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from services import compiling  # noqa: F401 - a lighter start, and a folder for compiled code

Array = NDArray[Any]

compiled = numba.njit(nogil=True, cache=True)

BLOCK = 2048
"""Values binned at a time: their cells stay in the first-level cache."""


@compiled
def is_sentinel(value: float, sentinels: Array) -> bool:
    """Whether a value is one of the sentinels."""
    for sentinel in sentinels:  # noqa: SIM110 - the compiler knows loops, not generators
        if value == sentinel:
            return True
    return False


@compiled
def quiet_gap(sentinels: Array) -> tuple[float, float]:
    """Open interval just above zero that holds no sentinel: most values are cleared by two comparisons."""
    below, above = -np.inf, np.inf
    for sentinel in sentinels:
        if sentinel <= 0.0 and sentinel > below:
            below = sentinel
        if sentinel > 0.0 and sentinel < above:
            above = sentinel
    return below, above


@compiled
def counts_as_value(value: float, low: float, high: float, sentinels: Array, below: float, above: float) -> bool:
    """Whether a value is inside its range and no sentinel; ``below`` and ``above`` are the quiet gap of these."""
    if not (low < value < high):
        return False
    if below < value < above:
        return True
    return not is_sentinel(value, sentinels)


@compiled
def _cell_rule(values: Array, edges: Array) -> tuple[float, float]:
    """How ``(x - first) * scale`` finds bins: the scale, and how near to a whole number the edges must be asked.

    The product never falls as x grows, so looking at the edges tells about every x. float32: when the smallest
    float32 of each bin lands at its number or above and the one before it lands below, the whole part is the bin and
    the edges need not be asked (distance -1). To get there the scale is a hair too large, far less than a step of
    float32. Otherwise each edge lands within some distance of its number, and only products as near can be wrong.
    """
    n_bins = edges.size - 1
    first = edges[0]
    scale = n_bins / (edges[n_bins] - first)
    if values.itemsize == 4:
        lifted = scale * (1.0 + 2.0**-48)
        exact = True
        for k in range(1, n_bins):
            start = np.float32(edges[k])
            if np.float64(start) < edges[k]:
                start = np.nextafter(start, np.float32(np.inf))
            before = np.nextafter(start, np.float32(-np.inf))
            exact &= (start - first) * lifted >= k and (before - first) * lifted < k
        if exact:
            return lifted, -1.0
    distance = 0.0
    for k in range(n_bins + 1):
        distance = max(distance, abs((edges[k] - first) * scale - k))
    return scale, distance


@compiled
def _fill_cells(
    values: Array, edges: Array, scale: float, low: float, high: float, gap: tuple[float, float], cells: Array
) -> int:
    """Cell of every value of a block: its bin, n bins for the last edge, then one for outside and one for missing.

    Gives how many values may be sentinels. Without branches, so that the compiler takes several values at once.
    """
    n_bins = edges.size - 1
    first, final = edges[0], edges[n_bins]
    outside, missing = np.int32(n_bins + 1), np.int32(n_bins + 2)
    suspects = 0
    for i in range(values.size):
        value = np.float64(values[i])
        inside = (value >= first) & (value <= final)
        valid = (value > low) & (value < high)
        product = ((value if inside else first) - first) * scale
        cells[i] = (min(np.int32(product), np.int32(n_bins)) if inside else outside) if valid else missing
        suspects += int(valid & ~((value > gap[0]) & (value < gap[1])))
    return suspects


@compiled
def _near_edges(values: Array, edges: Array, scale: float, distance: float) -> int:
    """How many values of a block inside the edges land so near to an edge that their bin must be asked for."""
    first, final = edges[0], edges[edges.size - 1]
    n = 0
    for i in range(values.size):
        value = np.float64(values[i])
        inside = (value >= first) & (value <= final)
        product = ((value if inside else first) - first) * scale
        part = product - np.float64(np.int32(product))
        n += inside & ((part <= distance) | (part >= 1.0 - distance))
    return n


@compiled
def _ask_edges(values: Array, edges: Array, cells: Array) -> None:
    """Move the cells of a block to where the edges themselves put the values, by at most one."""
    n_bins = np.int32(edges.size - 1)
    for i in range(values.size):
        if cells[i] <= n_bins:
            value = np.float64(values[i])
            k = min(np.uint32(cells[i]), np.uint32(n_bins - 1))
            k -= np.uint32(value < edges[k])
            k += np.uint32(value >= edges[k + np.uint32(1)])
            cells[i] = k


@compiled
def _cells(
    values: Array,
    edges: Array,
    rule: tuple[float, float],
    low: float,
    high: float,
    sentinels: Array,
    cells: Array,
) -> None:
    """Exact cells (int32) of a block, see ``_fill_cells``; values on the last edge are in the last bin."""
    scale, distance = rule
    n_bins = np.int32(edges.size - 1)
    suspects = _fill_cells(values, edges, scale, low, high, quiet_gap(sentinels), cells)
    if distance >= 0.0 and _near_edges(values, edges, scale, distance) > 0:
        _ask_edges(values, edges, cells)
    for i in range(values.size):
        cells[i] -= np.int32(cells[i] == n_bins)
    if suspects:
        for i in range(values.size):
            if is_sentinel(np.float64(values[i]), sentinels):
                cells[i] = n_bins + np.int32(2)


@compiled
def histogram_1d_masked(
    values: Array, keep: Array, edges: Array, low: float, high: float, sentinels: Array, counts: Array
) -> int:
    """Add one chunk (fewer than 2^32 values) to ``counts`` (int64, n bins); gives the number of missing values.

    Only rows where ``keep`` (bool) is true count; an empty array stands for all rows. Missing is what is not
    ``low < x < high`` or is a sentinel; values that count but lie beyond the edges are in neither number. ``edges`` are
    equally spaced to within a quarter of a bin.
    """
    n_bins = edges.size - 1
    rule = _cell_rule(values, edges)
    # Rows in turn go to two histograms, and rows cut away to eight cells: equal neighbours wait for one another.
    found = np.zeros((2, n_bins + 11), np.uint32)
    even, odd = found[0], found[1]
    one = np.uint32(1)
    cells = np.empty(BLOCK, np.int32)
    for start in range(0, values.size, BLOCK):
        block = values[start : start + BLOCK]
        _cells(block, edges, rule, low, high, sentinels, cells)
        if keep.size:
            kept = keep[start : start + BLOCK]
            for i in range(block.size):
                away = np.int32(n_bins + 3 + (i & 7))
                cells[i] = cells[i] if kept[i] else away
        for i in range(0, block.size - 1, 2):
            even[np.uint32(cells[i])] += one
            odd[np.uint32(cells[i + 1])] += one
        if block.size % 2:
            even[np.uint32(cells[block.size - 1])] += one
    total = found.sum(axis=0)
    for k in range(n_bins):
        counts[k] += np.int64(total[k])
    return int(total[n_bins + 2])


@compiled
def histogram_2d(
    x: Array,
    y: Array,
    keep: Array,
    x_edges: Array,
    y_edges: Array,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    x_sentinels: Array,
    y_sentinels: Array,
    counts: Array,
) -> int:
    """Add one chunk of pairs to ``counts`` (int64, n_y, n_x); gives the number of rows with x or y missing.

    ``keep`` (bool) says which rows count; an empty array stands for all.
    """
    n_x, n_y = np.int32(x_edges.size - 1), np.int32(y_edges.size - 1)
    x_rule, y_rule = _cell_rule(x, x_edges), _cell_rule(y, y_edges)
    columns, rows = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    missing = 0
    for start in range(0, x.size, BLOCK):
        xs, ys = x[start : start + BLOCK], y[start : start + BLOCK]
        _cells(xs, x_edges, x_rule, x_range[0], x_range[1], x_sentinels, columns)
        _cells(ys, y_edges, y_rule, y_range[0], y_range[1], y_sentinels, rows)
        kept = keep[start : start + BLOCK]
        for i in range(xs.size):
            if kept.size and not kept[i]:
                continue
            if columns[i] < n_x and rows[i] < n_y:
                counts[np.uint32(rows[i]), np.uint32(columns[i])] += 1
            else:
                missing += (columns[i] == n_x + 2) | (rows[i] == n_y + 2)
    return missing


@compiled
def keep_in_range(values: Array, low: float, high: float, closed: tuple[bool, bool], keep: Array) -> None:
    """Clear ``keep`` (bool) where a value is NaN or not between ``low`` and ``high``; ``closed``: which ends count."""
    for i in range(values.size):
        value = float(values[i])
        above = (value > low) | (closed[0] & (value == low))
        under = (value < high) | (closed[1] & (value == high))
        keep[i] &= above & under


@compiled
def fine_histogram(
    values: Array, start: float, stop: float, scale: float, low: float, high: float, sentinels: Array, counts: Array
) -> int:
    """Count the values of ``[start, stop]`` that count in equal cells; gives how many lie below ``start``.

    The cell of a value is a monotonic function of it, which is all that selecting by rank needs.
    """
    below, above = quiet_gap(sentinels)
    last = np.uint32(counts.size - 1)
    n_under = 0
    for i in range(values.size):
        value = float(values[i])
        if not counts_as_value(value, low, high, sentinels, below, above):
            continue
        if value < start:
            n_under += 1
        elif value <= stop:
            counts[min(np.uint32((value - start) * scale), last)] += 1
    return n_under


@compiled
def cell_extents(
    values: Array,
    start: float,
    stop: float,
    scale: float,
    places: Array,
    low: float,
    high: float,
    sentinels: Array,
    least: Array,
    most: Array,
) -> None:
    """Lower ``least`` and raise ``most`` to the values of some cells of ``fine_histogram``.

    ``places`` (int64 per cell) says where the cell stands in both, -1 for the cells that are not asked for.
    """
    below, above = quiet_gap(sentinels)
    last = np.uint32(places.size - 1)
    for i in range(values.size):
        value = float(values[i])
        if start <= value <= stop and counts_as_value(value, low, high, sentinels, below, above):
            place = places[min(np.uint32((value - start) * scale), last)]
            if place >= 0:
                least[place] = min(least[place], value)
                most[place] = max(most[place], value)


@compiled
def collect_cells(
    values: Array,
    start: float,
    stop: float,
    scale: float,
    wanted: Array,
    low: float,
    high: float,
    sentinels: Array,
    out: Array,
) -> int:
    """Copy the values whose cell of ``fine_histogram`` is wanted (bool per cell) to ``out``; gives how many."""
    below, above = quiet_gap(sentinels)
    last = np.uint32(wanted.size - 1)
    n = 0
    for i in range(values.size):
        value = float(values[i])
        if (
            start <= value <= stop
            and wanted[min(np.uint32((value - start) * scale), last)]
            and counts_as_value(value, low, high, sentinels, below, above)
        ):
            out[n] = value
            n += 1
    return n


NO_SENTINELS = np.empty(0, dtype=np.float64)
