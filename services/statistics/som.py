"""A small self-organising map (Kohonen 1982), trained on all points at once: the same points give the same map."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

N_SIDE = 20
EPOCHS = 20
LAST_RADIUS = 0.6
"""Reach of the neighbourhood at the end, in cells: hardly beyond the cell itself."""


def trained_map(points: FloatArray, n_side: int = N_SIDE, epochs: int = EPOCHS) -> FloatArray:
    """Places of the cells in the space of the points, (n_side ** 2, n_features).

    Batch rule: each cell moves to the mean of all points, weighted by exp(-r^2 / 2 s^2) of its distance r on the map
    from the cell each point is nearest to; s shrinks from half the map to LAST_RADIUS. It starts as the plane of the
    two directions in which the points spread most.
    """
    cells = _plane(points, n_side)
    grid = np.stack(np.meshgrid(np.arange(n_side), np.arange(n_side), indexing="ij"), axis=-1).reshape(-1, 2)
    apart = ((grid[:, None, :] - grid[None, :, :]) ** 2).sum(axis=-1)
    for epoch in range(epochs):
        radius = n_side / 2 * (LAST_RADIUS / (n_side / 2)) ** (epoch / max(epochs - 1, 1))
        reach = np.exp(-apart / (2 * radius**2))
        nearest = nearest_cells(points, cells)
        counts = np.bincount(nearest, minlength=len(cells)).astype(np.float64)
        sums = np.column_stack([np.bincount(nearest, column, minlength=len(cells)) for column in points.T])
        weights = reach @ counts
        moved = weights > 1e-9
        cells[moved] = (reach @ sums)[moved] / weights[moved, None]
    return cells


def _plane(points: FloatArray, n_side: int) -> FloatArray:
    centre = points.mean(axis=0)
    _, spread, directions = np.linalg.svd(points - centre, full_matrices=False)
    steps = np.linspace(-2, 2, n_side)
    axes = [spread[k] / math.sqrt(len(points)) * directions[k] if k < len(spread) else 0 * centre for k in (0, 1)]
    plane = centre + steps[:, None, None] * axes[0] + steps[None, :, None] * axes[1]
    flat: FloatArray = plane.reshape(n_side * n_side, -1)
    return flat


def nearest_cells(points: FloatArray, cells: FloatArray) -> IntArray:
    """Number of the nearest cell of each point, a few thousand points at a time."""
    squares = (cells**2).sum(axis=1)
    pieces = [points[at : at + 4096] for at in range(0, len(points), 4096)]
    found = [np.argmin(squares - 2 * (piece @ cells.T), axis=1) for piece in pieces]
    return np.concatenate([np.empty(0, np.int64), *found]).astype(np.int64)
