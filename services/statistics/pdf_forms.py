"""The ways PDFs are stored in a row of numbers, each turned into a distribution function that is linear in cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Vectors = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Curves:
    """m PDFs of k cells. ``nodes`` (m, k + 1) are redshifts, ``cumulative`` (m, k + 1) is F there.

    ``starts`` and ``ends`` (m, k) are the density at both ends of each cell, ``heights`` (m, points) the density at
    the points of ``Form.axis``.
    """

    nodes: FloatArray
    cumulative: FloatArray
    starts: FloatArray
    ends: FloatArray
    heights: FloatArray


@dataclass(frozen=True, slots=True)
class Form:
    """One way: ``excess`` is how many more numbers the grid has than a row.

    ``curves`` makes curves of the rows that are PDFs, and says which these are. ``axis`` are the redshifts all rows
    share, empty when each has its own.
    """

    curves: Callable[[Vectors, FloatArray], tuple[Curves, NDArray[np.bool_]]]
    axis: Callable[[FloatArray], FloatArray]
    excess: int = 0


def _densities(vectors: Vectors, grid: FloatArray) -> tuple[Curves, NDArray[np.bool_]]:
    """Densities at grid points, linear between; they integrate to one by the trapezoid rule."""
    values = _not_negative(vectors)
    totals = np.asarray(np.trapezoid(values, grid, axis=1))
    good = np.isfinite(totals) & (totals > 0)
    values = values[good] / totals[good, None]
    masses = (values[:, 1:] + values[:, :-1]) * (np.diff(grid) / 2)
    return Curves(_shared(grid, values), _summed(masses), values[:, :-1], values[:, 1:], values), good


def _steps(vectors: Vectors, grid: FloatArray) -> tuple[Curves, NDArray[np.bool_]]:
    """One density for each bin between the points of the grid."""
    values = _not_negative(vectors)
    totals = values @ np.diff(grid)
    good = np.isfinite(totals) & (totals > 0)
    values = values[good] / totals[good, None]
    return Curves(_shared(grid, values), _summed(values * np.diff(grid)), values, values, values), good


def _quantiles(vectors: Vectors, levels: FloatArray) -> tuple[Curves, NDArray[np.bool_]]:
    """Redshifts at which F takes the values of the grid; where two are equal there is no density."""
    nodes = vectors.astype(np.float64)
    good = np.asarray((np.diff(nodes, axis=1) > 0).all(axis=1) & np.isfinite(nodes).all(axis=1))
    nodes = nodes[good]
    heights = np.diff(levels) / np.diff(nodes, axis=1)
    return Curves(nodes, _shared(levels, nodes), heights, heights, np.empty((len(nodes), 0))), good


def _not_negative(vectors: Vectors) -> FloatArray:
    values = vectors.astype(np.float64)
    return np.maximum(values, 0, out=values)  # NaN stays NaN


def _shared(row: FloatArray, rows: FloatArray) -> FloatArray:
    return np.broadcast_to(row, (len(rows), row.size))


def _summed(masses: FloatArray) -> FloatArray:
    found = np.zeros((masses.shape[0], masses.shape[1] + 1))
    np.cumsum(masses, axis=1, out=found[:, 1:])
    return found


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "densities": Form(_densities, lambda grid: grid),
        "histogram": Form(_steps, lambda grid: (grid[1:] + grid[:-1]) / 2, excess=1),
        "quantiles": Form(_quantiles, lambda _: np.empty(0)),
    }
)
"""By the word of ``TableInfo.pdf_form``."""
