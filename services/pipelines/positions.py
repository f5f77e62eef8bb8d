"""Objects near each other on the sky: groups within a radius, and the nearest ones of another table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from services.pipelines.base import PipelineFailed

Angles = NDArray[np.float64]
Indices = NDArray[np.int64]

ARCSEC_PER_RAD = 180 * 3600 / np.pi
MAX_PAIRS = 50_000_000
"""More neighbours than any catalogue of galaxies has within an arcsecond; a table of one position has more."""


def unit_vectors(ra_deg: Angles, dec_deg: Angles) -> NDArray[np.float64]:
    """Directions as vectors of length one, shape (n, 3): distances between them do not care about the poles."""
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=1)


def chord(angle_arcsec: float) -> float:
    """Straight distance of two unit vectors at an angle: 2 sin(angle / 2)."""
    return float(2 * np.sin(angle_arcsec / ARCSEC_PER_RAD / 2))


def separation_arcsec(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angle of two unit vectors at a straight distance; the inverse of ``chord``."""
    return 2 * np.arcsin(np.minimum(distance / 2, 1.0)) * ARCSEC_PER_RAD


def groups_within(ra_deg: Angles, dec_deg: Angles, radius_arcsec: float) -> Indices:
    """Number of the group of every row: rows linked by steps of at most the radius share one (friends of friends).

    Rows without a position are alone. Numbers start at 0 and have no gaps.

    Raises
    ------
    PipelineFailed
        If so many rows share their position that groups have no meaning.
    """
    placed = np.flatnonzero(np.isfinite(ra_deg) & np.isfinite(dec_deg))
    tree = cKDTree(unit_vectors(ra_deg[placed], dec_deg[placed]))
    reach = chord(radius_arcsec)
    if len(placed) and tree.count_neighbors(tree, reach) > MAX_PAIRS + len(placed):
        raise PipelineFailed(
            f"Too many objects lie within {radius_arcsec:g} arcsec of each other to look for duplicates. "
            "Check the positions of the inputs, or use combine_type concatenate."
        )
    pairs = tree.query_pairs(reach, output_type="ndarray") if len(placed) else np.empty((0, 2), np.int64)
    first, second = placed[pairs[:, 0]], placed[pairs[:, 1]]
    links = coo_array((np.ones(len(pairs), np.int8), (first, second)), shape=(len(ra_deg), len(ra_deg)))
    _, labels = connected_components(links, directed=False)
    return labels.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Nearest:
    """Nearest rows of a table, shape (n, k), nearest first; ``row`` is -1 where there are fewer than k."""

    row: Indices
    separation_arcsec: NDArray[np.float64]


def nearest_rows(
    ra_deg: Angles, dec_deg: Angles, table: Iterator[tuple[Angles, Angles]], k: int, radius_arcsec: float
) -> Nearest:
    """Up to ``k`` rows of a table within the radius of each position; the table is walked once, in pieces.

    Parameters
    ----------
    ra_deg, dec_deg : array of float64, shape (n,)
        Finite positions to look around.
    table : iterator of (ra_deg, dec_deg)
        Positions of the table, piece by piece; NaN where a row has none.
    """
    around = unit_vectors(ra_deg, dec_deg)
    row = np.full((len(around), k), -1, dtype=np.int64)
    distance = np.full((len(around), k), np.inf)
    n_before = 0
    for piece_ra, piece_dec in table:
        placed = np.flatnonzero(np.isfinite(piece_ra) & np.isfinite(piece_dec))
        if len(placed) and len(around):
            found = _in_piece(around, unit_vectors(piece_ra[placed], piece_dec[placed]), k, chord(radius_arcsec))
            row, distance = _closer(row, distance, np.append(placed + n_before, -1)[found[1]], found[0])
        n_before += len(piece_ra)
    return Nearest(row, separation_arcsec(distance))


def _in_piece(
    around: NDArray[np.float64], places: NDArray[np.float64], k: int, reach: float
) -> tuple[NDArray[np.float64], Any]:
    distance, index = cKDTree(places).query(around, k=list(range(1, k + 1)), distance_upper_bound=reach)
    return np.asarray(distance), np.asarray(index)


def _closer(
    row: Indices, distance: NDArray[np.float64], other_row: Indices, other_distance: NDArray[np.float64]
) -> tuple[Indices, NDArray[np.float64]]:
    """The nearest of two sets, row by row; at equal distance the earlier row of the table."""
    rows, distances = np.hstack([row, other_row]), np.hstack([distance, other_distance])
    order = np.argsort(distances, axis=1, kind="stable")[:, : row.shape[1]]
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(distances, order, axis=1)
