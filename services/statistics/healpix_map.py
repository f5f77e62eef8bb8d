"""Objects per HEALPix pixel, drawn cell by cell: areas are equal everywhere on the sky, unlike those of RA and Dec."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import hpgeom
import numpy as np
from numpy.typing import NDArray

from services.models.details import AnyStatistic
from services.models.healpix import HealpixMap
from services.models.roles import RoleMap
from services.models.statistics import Density, IntArray, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.sky import TURN_DEG, grid_edges, pixel_deg2, positions, sky
from services.statistics.sky_pixels import sky_pixels

FloatArray = NDArray[np.float64]

CELLS = 240
"""Cells of the map along its longer side."""

CELLS_PER_PIXEL = 2.0
"""Cells that lie along the side of a pixel at least."""


def healpix_map(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> HealpixMap | None:
    """Density in HEALPix pixels; those of the whole table under a cut. None without a valid position."""
    if isinstance(whole, HealpixMap):
        return _under_cut(table, roles, whole)
    found = sky(table, roles)
    if found is None:
        return None
    edges = grid_edges(_extent(found.grid), CELLS)
    nside = _drawable(found.nside, _widest_step_deg(edges))
    pixels, counts = _coarser(found.nside, nside, found.pixels, found.counts)
    return _assembled(found.grid, edges, nside, pixels, counts, (found.nside, found.area_deg2), found.grid.tally)


def _under_cut(table: CanonicalTable, roles: RoleMap, whole: HealpixMap) -> HealpixMap | None:
    """The pixels that a cut leaves occupied, and their area as finely as that of the whole table."""
    where = positions(roles)
    if where is None:
        return None
    left = sky_pixels(table, where, whole.area_nside, None)
    pixels, counts = _coarser(left.nside, whole.nside, left.pixels, left.counts)
    edges = (_wide(whole.grid.x_edges), _wide(whole.grid.y_edges))
    return _assembled(whole.grid, edges, whole.nside, pixels, counts, (left.nside, left.area_deg2), left.tally)


def _wide(edges: NDArray[np.floating[Any]]) -> FloatArray:
    return edges.astype(np.float64, copy=False)


def _extent(grid: Density) -> tuple[float, float, float, float]:
    """RA from, to, Dec from, to (deg) of the cells that hold anything."""
    columns, rows = (np.flatnonzero(grid.counts.any(axis=axis)) for axis in (0, 1))
    x, y = grid.x_edges, grid.y_edges
    return float(x[columns[0]]), float(x[columns[-1] + 1]), float(y[rows[0]]), float(y[rows[-1] + 1])


def _widest_step_deg(edges: tuple[FloatArray, FloatArray]) -> float:
    """Longest side of a cell on the sky: one in RA is longest where the map comes nearest to the equator."""
    ra_step, dec_step = (float(edge[1] - edge[0]) for edge in edges)
    low, high = float(edges[1][0]), float(edges[1][-1])
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    return max(dec_step, ra_step * float(np.cos(np.radians(nearest))))


def _drawable(nside: int, step_deg: float) -> int:
    """The given resolution, or the finest one whose pixels are wide enough for cells of this step."""
    while nside > 1 and np.sqrt(pixel_deg2(nside)) < CELLS_PER_PIXEL * step_deg:
        nside //= 2
    return nside


def _coarser(nside: int, wanted: int, pixels: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    """Pixels of a smaller nside and their objects: in nested order four children share the number of their parent."""
    parents, places = np.unique(pixels // (nside // wanted) ** 2, return_inverse=True)
    return parents, np.bincount(places, weights=counts, minlength=parents.size).astype(np.int64)


def _assembled(
    like: Density,
    edges: tuple[FloatArray, FloatArray],
    nside: int,
    pixels: IntArray,
    counts: IntArray,
    area: tuple[int, float],
    tally: Tally,
) -> HealpixMap:
    ra_deg, dec_deg = _centres(nside, pixels)
    grid = replace(
        like,
        x_edges=edges[0],
        y_edges=edges[1],
        counts=_drawn(edges, nside, pixels, counts),
        tally=Tally(tally.n_total, int(counts.sum()), tally.n_missing, 0, tally.n_cut),
    )
    return HealpixMap(grid, nside, pixels, counts, ra_deg, dec_deg, *area, pixel_deg2(nside))


def _centres(nside: int, pixels: IntArray) -> tuple[FloatArray, FloatArray]:
    """RA and Dec (deg) of the middle of pixels."""
    if pixels.size == 0:
        return np.empty(0), np.empty(0)
    ra_deg, dec_deg = hpgeom.pixel_to_angle(nside, pixels, nest=True, lonlat=True, degrees=True)
    return ra_deg, dec_deg


def _drawn(edges: tuple[FloatArray, FloatArray], nside: int, pixels: IntArray, counts: IntArray) -> IntArray:
    """Objects of the pixel in which the centre of every cell lies, int64 of rows (Dec) by columns (RA)."""
    if pixels.size == 0:
        return np.zeros((edges[1].size - 1, edges[0].size - 1), np.int64)
    ra_deg, dec_deg = np.meshgrid(*((edge[:-1] + edge[1:]) / 2 for edge in edges))
    found = hpgeom.angle_to_pixel(nside, ra_deg % TURN_DEG, np.clip(dec_deg, -90.0, 90.0), nest=True)
    places = np.minimum(np.searchsorted(pixels, found), pixels.size - 1)
    return np.where(pixels[places] == found, counts[places], 0)
