"""Cone diagram of a catalogue: where its objects lie in right ascension and redshift, over all rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.models.cone import ConeDensity, field_offsets, opening_deg
from services.models.details import AnyStatistic
from services.models.roles import RoleMap
from services.models.statistics import Density, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.cone_kernel import to_plane
from services.statistics.cuts import EVERY_ROW
from services.statistics.kernels import NO_SENTINELS, histogram_1d_masked, histogram_2d
from services.statistics.measured import Measured, any_redshift
from services.statistics.metrics import valid_or_nan
from services.statistics.sky import ANYWHERE, TURN_DEG, Positions, positions

Floats = NDArray[np.float64]

RA_EDGES = np.linspace(0.0, TURN_DEG, 36_001)
"""Cells of 0.01 deg in which the ends of the field are looked for."""
Z_EDGES = np.linspace(0.0, 12.0, 12_001)
Z_PART = 0.995
"""Part of the redshifts that the wedge holds."""
STRAYS = 0.001
"""Part of the rows beyond either end of the field that may be strays."""
COMPACT = 0.8
"""Strays are left out where the rest of the field is narrower than this part of the whole."""
GAP_OF_OPENING = 0.1
"""Gaps wider than this part of the opening may part two fields."""
MOST_FILLED = 0.5
"""Part of the opening that fields fill together, at most, when they are moved together."""
CELLS = 240
"""Cells along the longer side."""
STRETCHES = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000)
WIDEST_STRETCHED_DEG = 60.0
"""Opening that a stretched wedge does not exceed."""


def cone(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> ConeDensity | None:
    """Counts over the wedge; None without a row that has position and redshift. Under a cut the wedge stays."""
    where, redshift = positions(roles), any_redshift(roles)
    if where is None or redshift is None:
        return None
    if isinstance(whole, ConeDensity):
        wedge: _Wedge | None = _Wedge(whole.fields, whole.stretch, whole.z_max)
    else:
        wedge = _wedge(table, where, redshift)
    return None if wedge is None else _counted(table, where, redshift, wedge)


@dataclass(frozen=True, slots=True)
class _Wedge:
    """Fields, stretch and length of the wedge."""

    fields: tuple[tuple[float, float], ...]
    stretch: float
    z_max: float

    @property
    def edges(self) -> tuple[Floats, Floats]:
        """Square cells over the wedge."""
        half = math.radians(min(opening_deg(self.fields) / 2 * self.stretch, 180.0))
        width = 2 * self.z_max * (1.0 if half > math.pi / 2 else math.sin(half))
        low = min(0.0, self.z_max * math.cos(half))
        step = max(width, self.z_max - low) / CELLS
        n_x, n_y = max(math.ceil(width / step - 1e-9), 1), max(math.ceil((self.z_max - low) / step - 1e-9), 1)
        columns, rows = np.arange(n_x + 1, dtype=np.float64), np.arange(n_y + 1, dtype=np.float64)
        return step * (columns - n_x / 2), low + step * rows


@dataclass(slots=True)
class _Found:
    """Counts of one thread: RA, redshift."""

    ra: NDArray[np.int64]
    z: NDArray[np.int64]


def _wedge(table: CanonicalTable, where: Positions, redshift: Measured) -> _Wedge | None:
    """The wedge that holds the field, after its largest gap in RA, and 99.5 % of the redshifts."""

    def step(state: _Found, chunk: tuple[NDArray[Any], ...]) -> None:
        ra, _ = where.valid(chunk[0], chunk[1])
        z = valid_or_nan(chunk[2], redshift)
        both = ~np.isnan(ra + z)
        histogram_1d_masked(ra, both, RA_EDGES, *ANYWHERE, NO_SENTINELS, state.ra)
        histogram_1d_masked(np.maximum(z, 0.0), both, Z_EDGES, *ANYWHERE, NO_SENTINELS, state.z)

    def start() -> _Found:
        return _Found(np.zeros(RA_EDGES.size - 1, np.int64), np.zeros(Z_EDGES.size - 1, np.int64))

    parts = table.tallied([*where.wanted, (redshift.column, redshift.transform)], start, step)
    ra, z = (np.sum([getattr(part, name) for part in parts], axis=0) for name in ("ra", "z"))
    if not ra.any():
        return None
    fields = _fields(ra)
    return _Wedge(fields, _stretch(opening_deg(fields)), _readable_end(_quantile(z)))


def _fields(counts: NDArray[np.int64]) -> tuple[tuple[float, float], ...]:
    """Fields (first and last RA in deg) in turn, beginning after the largest gap; strays may be left out.

    One field for most catalogues; several where gaps between them take most of the opening.
    """
    filled = np.flatnonzero(counts)
    gaps = np.diff(np.append(filled, filled[0] + counts.size))
    start = int(filled[(int(np.argmax(gaps)) + 1) % filled.size])
    first, last = _without_strays(np.roll(counts, -start))
    places = np.flatnonzero(np.roll(counts, -start)[first : last + 1]) + first
    breaks = np.flatnonzero(np.diff(places) > GAP_OF_OPENING * (last + 1 - first))
    lows, highs = places[np.append(0, breaks + 1)], places[np.append(breaks, places.size - 1)] + 1
    if (highs - lows).sum() > MOST_FILLED * (last + 1 - first):
        lows, highs = np.array([first]), np.array([last + 1])
    cell = TURN_DEG / counts.size
    firsts = (start + lows) % counts.size * cell
    return tuple(zip(firsts.tolist(), (firsts + (highs - lows) * cell).tolist(), strict=True))


def _without_strays(turned: NDArray[np.int64]) -> tuple[int, int]:
    """First and last cell; without the outermost thousandths where they make the field much wider."""
    last = int(np.flatnonzero(turned)[-1])
    total = np.cumsum(turned)
    beyond = int(STRAYS * total[-1])
    low, high = np.searchsorted(total, (beyond, total[-1] - beyond), side="right").tolist()
    return (low, min(high, last)) if min(high, last) - low < COMPACT * last else (0, last)


def _quantile(counts: NDArray[np.int64]) -> float:
    total = np.cumsum(counts)
    return float(Z_EDGES[int(np.searchsorted(total, Z_PART * total[-1])) + 1])


def _readable_end(z: float) -> float:
    """The next number of two digits."""
    step = 10.0 ** (math.floor(math.log10(z)) - 1)
    return round(math.ceil(z / step - 1e-9) * step, 9)


def _stretch(width_deg: float) -> float:
    """Factor by which the opening of a narrow field is drawn wider."""
    fitting = [factor for factor in STRETCHES if width_deg * factor <= WIDEST_STRETCHED_DEG]
    return float(fitting[-1]) if fitting else 1.0


@dataclass(slots=True)
class _Part:
    """Counts of one thread, and rows without position or redshift."""

    counts: NDArray[np.int64]
    missing: int = 0


def _counted(table: CanonicalTable, where: Positions, redshift: Measured, wedge: _Wedge) -> ConeDensity:
    edges = wedge.edges
    limits = (ANYWHERE, ANYWHERE, NO_SENTINELS, NO_SENTINELS)
    lows, widths, offsets = (np.array(values) for values in _places(wedge.fields))

    def step(state: _Part, chunk: tuple[NDArray[Any], ...]) -> None:
        ra, _ = where.valid(chunk[0], chunk[1])
        z = valid_or_nan(chunk[2], redshift)
        to_plane(ra, z, lows, widths, offsets, math.radians(wedge.stretch), wedge.z_max)
        state.missing += histogram_2d(ra, z, EVERY_ROW, *edges, *limits, state.counts)

    shape = edges[1].size - 1, edges[0].size - 1
    wanted = [*where.wanted, (redshift.column, redshift.transform)]
    parts = table.tallied(wanted, lambda: _Part(np.zeros(shape, np.int64)), step)
    counts = np.sum([part.counts for part in parts], axis=0)
    missing, shown = sum(part.missing for part in parts), int(counts.sum())
    tally = Tally(table.n_rows, shown, missing, table.n_rows - shown - missing)
    z = redshift.label
    grid = Density(f"{z} sin", f"{z} cos", where.ra.column, redshift.column, *edges, counts, tally)
    columns = (where.ra.column, where.dec.column, redshift.column, redshift.label)
    return ConeDensity(grid, *columns, wedge.fields, wedge.stretch, wedge.z_max)


def _places(fields: tuple[tuple[float, float], ...]) -> tuple[list[float], list[float], tuple[float, ...]]:
    """First right ascension, width and offset of every field."""
    return [low for low, _ in fields], [high - low for low, high in fields], field_offsets(fields)
