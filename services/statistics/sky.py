"""Objects on the sky: a grid for the eye, HEALPix pixels for the numbers, fields across 0h in one piece."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hpgeom
import numpy as np
from numpy.typing import NDArray

from services.models.roles import RoleMap
from services.models.statistics import Density, SkyDensity, Tally
from services.statistics.canonical import CanonicalTable, Wanted
from services.statistics.cuts import EVERY_ROW
from services.statistics.edges import MOST_BINS, map_edges
from services.statistics.kernels import NO_SENTINELS, histogram_2d
from services.statistics.measured import Measured, measured_role
from services.statistics.row_kernels import mark_bins, valid_positions, widen

FloatArray = NDArray[np.float64]

TURN_DEG = 360.0
SPHERE_DEG2 = 129_600 / math.pi
"""Area of the whole sky."""

FINEST_NSIDE = 4096
PIXEL_OBJECTS = 5
"""Objects the median occupied pixel holds at least."""

MOST_PIXELS = 200_000
"""Occupied pixels kept at most: more than a map can show, few enough to send."""

GAP_BINS = 3600
"""Right ascension is looked through for its largest gap in bins of 0.1 deg."""

MOST_CELLS = MOST_BINS - 20
"""Cells of a map along its longer side."""

ANYWHERE = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Positions:
    """The columns that hold right ascension and declination."""

    ra: Measured
    dec: Measured

    def chunks(self, table: CanonicalTable) -> Iterator[tuple[FloatArray, FloatArray]]:
        """RA in 0..360 and Dec in degrees per row group; both NaN where either is missing, or both are exactly 0."""
        for ra_raw, dec_raw in table.columns_chunks(self.wanted):
            yield self.valid(ra_raw, dec_raw)

    @property
    def wanted(self) -> tuple[Wanted, Wanted]:
        """The two columns with their transforms."""
        return (self.ra.column, self.ra.transform), (self.dec.column, self.dec.transform)

    def valid(self, ra_raw: NDArray[Any], dec_raw: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
        """One chunk as ``chunks`` gives it, from the numbers of the two columns."""
        ra_deg, dec_deg = np.empty(ra_raw.size), np.empty(ra_raw.size)
        ra, dec = self.ra.quantity, self.dec.quantity
        limits = (ra.low, ra.high), (dec.low, dec.high)
        sentinels = self.ra.sentinels(ra_raw.dtype), self.dec.sentinels(dec_raw.dtype)
        valid_positions(ra_raw, dec_raw, *limits, *sentinels, ra_deg, dec_deg)
        return ra_deg, dec_deg


def positions(roles: RoleMap) -> Positions | None:
    """Position columns of a table; None unless both are known."""
    ra, dec = measured_role(roles, "ra"), measured_role(roles, "dec")
    return Positions(ra, dec) if ra and dec else None


def sky(table: CanonicalTable, roles: RoleMap) -> SkyDensity | None:
    """Density of all objects on the sky, computed once per open table; None without a single valid position."""
    where = positions(roles)
    if where is None:
        return None
    key = ("sky", where.wanted)
    if key not in table.memo:
        table.memo[key] = sky_density(table, where)
    found: SkyDensity | None = table.memo[key]
    return found


def sky_density(table: CanonicalTable, where: Positions, nside: int | None = None) -> SkyDensity | None:
    """Density on the sky, over all rows.

    Parameters
    ----------
    nside : int, optional
        HEALPix resolution; chosen so that the median occupied pixel holds at least 5 objects when not given.
    """
    start_deg = largest_gap_end(table, where)
    extent = _extent(table, where, start_deg)
    return None if extent is None else sky_counts(table, where, grid_edges(extent), nside, start_deg)


def sky_counts(
    table: CanonicalTable,
    where: Positions,
    edges: tuple[FloatArray, FloatArray],
    nside: int | None = None,
    start_deg: float | None = None,
) -> SkyDensity:
    """Density on the sky on given edges of RA and Dec; RA below ``start_deg`` (the first edge) goes on past 360."""
    start_deg = float(edges[0][0]) if start_deg is None else start_deg
    counts = np.zeros((edges[1].size - 1, edges[0].size - 1), np.int64)
    pixels = PixelCounter(nside)
    missing = 0
    for ra_deg, dec_deg in where.chunks(table):
        limits = (ANYWHERE, ANYWHERE, NO_SENTINELS, NO_SENTINELS)
        missing += histogram_2d(run_on(ra_deg, start_deg), dec_deg, EVERY_ROW, *edges, *limits, counts)
        present = ~np.isnan(ra_deg)
        pixels.add(ra_deg[present], dec_deg[present])
    shown = int(counts.sum())
    tally = Tally(table.n_rows, shown, missing, table.n_rows - shown - missing)
    return _assembled(where, edges, counts, tally, pixels)


def _assembled(
    where: Positions,
    edges: tuple[FloatArray, FloatArray],
    counts: NDArray[np.int64],
    tally: Tally,
    pixels: PixelCounter,
) -> SkyDensity:
    grid = Density(
        x_label="RA",
        y_label="Dec",
        x_column=where.ra.column,
        y_column=where.dec.column,
        x_edges=edges[0],
        y_edges=edges[1],
        counts=counts,
        tally=tally,
        x_unit="deg",
        y_unit="deg",
    )
    nside, numbers, found = pixels.result()
    area_deg2 = numbers.size * pixel_deg2(nside)
    return SkyDensity(grid=grid, nside=nside, pixels=numbers, counts=found, area_deg2=area_deg2)


def largest_gap_end(table: CanonicalTable, where: Positions) -> float:
    """Right ascension (deg) just after the largest empty stretch: a field that starts there is never torn apart."""
    occupied = np.zeros(GAP_BINS, np.bool_)
    for ra_deg, _ in where.chunks(table):
        mark_bins(ra_deg, GAP_BINS / TURN_DEG, occupied)
    filled = np.flatnonzero(occupied)
    if filled.size in {0, GAP_BINS}:
        return 0.0
    gaps = np.diff(np.append(filled, filled[0] + GAP_BINS))
    return float(filled[(int(np.argmax(gaps)) + 1) % filled.size]) * TURN_DEG / GAP_BINS


def run_on(ra_deg: FloatArray, cut_deg: float) -> FloatArray:
    """Right ascensions with those below ``cut_deg`` going on past 360."""
    return np.where(ra_deg < cut_deg, ra_deg + TURN_DEG, ra_deg)


def _extent(table: CanonicalTable, where: Positions, cut_deg: float) -> tuple[float, float, float, float] | None:
    ends = np.array([np.inf, -np.inf, np.inf, -np.inf])
    for ra_deg, dec_deg in where.chunks(table):
        widen(ra_deg, dec_deg, cut_deg, ends)
    ra_low, ra_high, dec_low, dec_high = ends.tolist()
    return (ra_low, ra_high, dec_low, dec_high) if ra_low <= ra_high else None


def grid_edges(
    extent: tuple[float, float, float, float], most_cells: int = MOST_CELLS
) -> tuple[FloatArray, FloatArray]:
    """Edges in RA and Dec of cells that are about square on the sky: a step in RA is the step in Dec over cos(Dec).

    ``extent`` is RA from, to, Dec from, to (deg); ``most_cells`` lie along the longer side.
    """
    ra_low, ra_high, dec_low, dec_high = extent
    shrink = max(math.cos(math.radians((dec_low + dec_high) / 2)), 0.02)
    width = max((ra_high - ra_low) * shrink, dec_high - dec_low, 1e-3)
    middle = (dec_low + dec_high) / 2
    square = map_edges(middle - width / 2, middle + width / 2, most_cells)
    step = float(square[1] - square[0])
    dec_edges = square[(square > dec_low - step) & (square < dec_high + 2 * step)]
    ra_step = step / shrink
    n_ra = int((ra_high - ra_low) / ra_step) + 1
    start = (ra_low + ra_high - n_ra * ra_step) / 2
    return start + ra_step * np.arange(n_ra + 1, dtype=np.float64), dec_edges


def pixel_deg2(nside: int) -> float:
    """Area of one HEALPix pixel, square degrees."""
    return SPHERE_DEG2 / (12 * nside * nside)


class PixelCounter:
    """Objects per HEALPix pixel (nested), coarser by itself while there are too many pixels and no nside was asked."""

    def __init__(self, nside: int | None) -> None:
        self._asked = nside is not None
        self._nside = nside or FINEST_NSIDE
        self._pixels = np.empty(0, np.int64)
        self._counts = np.empty(0, np.int64)

    @property
    def n_pixels(self) -> int:
        """Occupied pixels so far."""
        return int(self._pixels.size)

    def add(self, ra_deg: FloatArray, dec_deg: FloatArray) -> None:
        """Count some objects, given by positions in degrees."""
        if ra_deg.size == 0:
            return
        found = hpgeom.angle_to_pixel(self._nside, ra_deg % TURN_DEG, dec_deg, nest=True, lonlat=True, degrees=True)
        numbers, counts = np.unique(found, return_counts=True)
        self._merge(np.concatenate([self._pixels, numbers]), np.concatenate([self._counts, counts]))
        while self._pixels.size > MOST_PIXELS and not self._asked:
            self._coarsen()

    def _merge(self, numbers: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        order = np.argsort(numbers, kind="stable")  # two sorted runs are merged in one go
        ranked = numbers[order]
        first = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
        self._pixels, self._counts = ranked[first], np.add.reduceat(counts[order], first)

    def _coarsen(self) -> None:
        """Halve nside: in nested order four children share the number of their parent."""
        self._nside //= 2
        self._merge(self._pixels >> 2, self._counts)

    def result(self) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
        """Resolution, numbers of the occupied pixels and the objects in each."""
        while not self._asked and self._nside > 1 and np.median(self._counts) < PIXEL_OBJECTS:
            self._coarsen()
        return self._nside, self._pixels, self._counts
