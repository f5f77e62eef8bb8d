"""Fine cells for dz, and the compiled loops that put values there: counts in them tell where each quantile lies.

A cell holds all values of one sign whose first bits agree: its width is 1/128 or less of its values, from a millionth
to sixteen, and zero has a cell of its own. So the cell of a value never falls as the value grows, without any rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from services.statistics.kernels import Array, compiled

_BITS = 7
_SHIFT = 52 - _BITS
_LOWEST, _HIGHEST = -20, 4
"""Powers of two between which cells are fine."""
_BASE = (1023 + _LOWEST) << _BITS
_OVER = ((_HIGHEST - _LOWEST) << _BITS) + 1
"""Number, on either side, of the cell of what is larger; 0 is that of what is smaller."""
ZERO = _OVER + 1
"""Cell of zero; half of the cells lie on either side."""
N_CELLS = 2 * ZERO + 1


def _ends() -> tuple[Array, Array]:
    steps = np.arange(_BASE, _BASE + _OVER, dtype=np.int64) << _SHIFT
    low = np.concatenate([[0.0], steps.view(np.float64)])
    high = np.append(low[1:], np.inf)
    return np.concatenate([-high[::-1], [0.0], low]), np.concatenate([-low[::-1], [0.0], high])


LOW, HIGH = _ends()
"""Ends of the cells; both may belong to them."""
MIDDLE = np.where(np.isinf(LOW + HIGH), np.clip(LOW, HIGH[0], LOW[-1]), (LOW + HIGH) / 2)
"""Values that stand for the cells."""


@compiled
def cells_of(dz: Array, cells: Array) -> None:
    """Fill in the cell (int32) of each value (float64); -1 for NaN."""
    bits = np.abs(dz).view(np.int64)
    for i in range(dz.size):
        steps = min(max((bits[i] >> _SHIFT) - _BASE + 1, 0), _OVER)
        cell = ZERO + 1 + steps if dz[i] > 0.0 else ZERO - 1 - steps
        cells[i] = (ZERO if dz[i] == 0.0 else cell) if dz[i] == dz[i] else -1


@compiled
def group_of(value: float, edges: Array, start: float, every: float) -> Any:
    """Number of the stretch of edges that holds a value, -1 for none. ``start`` and ``every`` make the first guess."""
    n = edges.size - 1
    if not (edges[0] <= value < edges[n]):
        return -1
    k: Any = min(max(np.int64((value - start) / every), 0), n - 1)
    while value < edges[k]:
        k -= 1
    while value >= edges[k + 1]:
        k += 1
    return k


@compiled
def count_cells(
    dz: Array,
    cells: Array,
    by: Array,
    edges: Array,
    guess: tuple[float, float],
    limit: float,
    counts: Array,
    squares: Array,
    beyond: Array,
) -> int:
    """Add values by group and cell to ``counts``, their squares, and how many are larger than the limit.

    Gives how many values have a number to be grouped by, in a group or not.
    """
    n_known = 0
    for i in range(dz.size):
        if cells[i] < 0 or by[i] != by[i]:
            continue
        n_known += 1
        group = group_of(by[i], edges, guess[0], guess[1])
        if group >= 0:
            counts[group, cells[i]] += np.uint32(1)
            squares[group] += dz[i] * dz[i]
            beyond[group] += abs(dz[i]) > limit
    return n_known


@compiled
def collect_values(
    dz: Array,
    cells: Array,
    by: Array,
    edges: Array,
    guess: tuple[float, float],
    is_nested: bool,
    wanted: Array,
    values: Array,
    groups: Array,
) -> int:
    """Copy values whose cell is wanted in their group, and the group; gives how many. Nested: in all below, too."""
    n = 0
    for i in range(dz.size):
        if cells[i] < 0:
            continue
        last = group_of(by[i], edges, guess[0], guess[1])
        for group in range(0 if is_nested else max(last, 0), last + 1):
            if wanted[group, cells[i]]:
                values[n], groups[n] = dz[i], group
                n += 1
    return n
