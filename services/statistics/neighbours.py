"""Rows of a table that lie close together on the sky, found zone by zone in bounded memory.

Positions are sorted by strips of declination as high as the radius, then by right ascension; partners of a position
lie in its own strip or the next one, within a window of right ascension. Distances are exact (haversine).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.statistics.binned import room
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import Measured
from services.statistics.metrics import valid_or_nan
from services.statistics.neighbour_kernel import near_pairs, window_deg
from services.statistics.row_kernels import count_bins, put_in_place
from services.statistics.sky import TURN_DEG, Positions

ARCSEC_PER_DEG = 3600.0
ZONE_ROWS = 1_500_000
"""Positions sorted at a time: about 100 MiB."""
ZONE_STEP_DEG = 0.05
STRIP_KEY_DEG = 1000.0
"""Distance between strips in the sort key: more than any right ascension."""
FIRST_ROOM = 65_536
"""Pairs of one zone for which there is room at first."""
MOST_PARTNERS = 64
"""Partners looked at for one position on each side: a table full of one position is told by another check."""

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class ClosePairs:
    """Row numbers (from 0): pairs ``first[k]``, ``second[k]``; ``rows`` are all that have a partner, sorted."""

    first: Rows
    second: Rows

    @property
    def rows(self) -> Rows:
        """Every row with a partner, once."""
        return np.unique(np.concatenate([self.first, self.second]))


def close_pairs(table: CanonicalTable, ra: Measured, dec: Measured, radius_arcsec: float) -> ClosePairs:
    """Pairs of rows whose positions are at most ``radius_arcsec`` apart. Positions at exactly (0, 0) are none."""
    radius_deg = radius_arcsec / ARCSEC_PER_DEG
    with ExitStack() as open_files:
        zoned = _by_zone(table, Positions(ra, dec), open_files)
        found = [_pairs_in_zone(zoned.reaching(k, radius_deg), radius_deg) for k in range(len(zoned.lows))]
    empty = np.empty(0, np.int64)
    first, second = (np.concatenate([empty, *(pairs[side] for pairs in found)]) for side in (0, 1))
    return ClosePairs(*_distinct(first, second))


@dataclass(frozen=True, slots=True)
class _Zoned:
    """Positions (RA, Dec, row number) laid out zone after zone; zone k begins at declination ``lows[k]``."""

    lows: Floats
    starts: Rows
    columns: tuple[Floats, Floats, Floats]

    def reaching(self, zone: int, radius_deg: float) -> tuple[Floats, Floats, Rows]:
        """Positions of a zone and those of the following ones that are less than a radius above it."""
        parts = [[np.array(values[slice(*self._ends(zone))]) for values in self.columns]]
        following = zone + 1
        while following < len(self.lows):
            top = self.lows[zone + 1] + radius_deg
            if self.lows[following] >= top:
                break
            near = self.columns[1][slice(*self._ends(following))] < top
            parts.append([values[slice(*self._ends(following))][near] for values in self.columns])
            following += 1
        ra, dec, rows = (np.concatenate(values) for values in zip(*parts, strict=True))
        return ra, dec, rows.astype(np.int64)

    def _ends(self, zone: int) -> tuple[int, int]:
        return int(self.starts[zone]), int(self.starts[zone + 1])


def _by_zone(table: CanonicalTable, where: Positions, open_files: ExitStack) -> _Zoned:
    """Positions by zones of declination with at most ``ZONE_ROWS`` rows each, where the sky is not denser than that."""
    n_steps = round(180 / ZONE_STEP_DEG)
    counts = np.zeros(n_steps, np.int64)
    for _, dec in where.chunks(table):
        count_bins(_steps(dec, n_steps), counts)
    zone_of_step, sizes = _zones(counts)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    spools = [open_files.enter_context(tempfile.TemporaryFile()) for _ in range(3)]  # noqa: SIM115 - the stack closes them
    columns = [room(int(starts[-1]), spool) for spool in spools]
    _lay_out(table, where, zone_of_step, starts, columns)
    lows = np.array([int(np.argmax(zone_of_step == zone)) for zone in range(sizes.size)]) * ZONE_STEP_DEG - 90
    return _Zoned(lows, starts, (columns[0], columns[1], columns[2]))


def _lay_out(
    table: CanonicalTable, where: Positions, zone_of_step: Rows, starts: Rows, columns: Sequence[Floats]
) -> None:
    free = [starts[:-1].copy() for _ in columns]
    first_row = 0
    for ra, dec in where.chunks(table):
        zones = np.append(zone_of_step, -1)[_steps(dec, zone_of_step.size)]
        numbers = np.arange(first_row, first_row + ra.size, dtype=np.float64)
        for values, column, places in zip((ra, dec, numbers), columns, free, strict=True):
            put_in_place(values, zones, places, np.asarray(column))
        first_row += ra.size


def _steps(dec: Floats, n_steps: int) -> Rows:
    """Number of the step of declination of every position; -1 where there is none."""
    steps = np.floor((np.where(np.isnan(dec), -100.0, dec) + 90) / ZONE_STEP_DEG)
    return np.clip(steps, -1, n_steps - 1).astype(np.int64)


def _zones(counts: Rows) -> tuple[Rows, Rows]:
    """Zone of every step of declination, and how many positions each zone holds."""
    zone_of_step, sizes = np.zeros(counts.size, np.int64), [0]
    for step, count in enumerate(counts.tolist()):
        if sizes[-1] and sizes[-1] + count > ZONE_ROWS:
            sizes.append(0)
        sizes[-1] += count
        zone_of_step[step] = len(sizes) - 1
    return zone_of_step, np.array(sizes, np.int64)


def _pairs_in_zone(positions: tuple[Floats, Floats, Rows], radius_deg: float) -> tuple[Rows, Rows]:
    """Pairs within some positions; those where two zones overlap are found in both."""
    ra, dec, rows = _wrapped(*positions, radius_deg)
    strips = np.floor((dec + 90) / radius_deg)
    order = np.argsort(strips * STRIP_KEY_DEG + ra)
    strips, ra, dec = strips[order].astype(np.int64), ra[order], dec[order]
    capacity = FIRST_ROOM
    while True:
        left, right = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
        n = near_pairs(strips, ra, dec, radius_deg, MOST_PARTNERS, left, right)
        if n <= capacity:
            return _distinct(rows[order[left[:n]]], rows[order[right[:n]]])
        capacity = n


def _wrapped(ra: Floats, dec: Floats, rows: Rows, radius_deg: float) -> tuple[Floats, Floats, Rows]:
    """Positions just right of 0h once more beyond 360 deg, so that windows need not wrap."""
    ra = np.where(ra >= TURN_DEG, ra - TURN_DEG, ra)
    highest = float(np.max(np.abs(dec), initial=0.0))
    again = ra <= window_deg(highest, radius_deg)
    return (
        np.concatenate([ra, ra[again] + TURN_DEG]),
        np.concatenate([dec, dec[again]]),
        np.concatenate([rows, rows[again]]),
    )


def separation_deg(ra1: Floats, dec1: Floats, ra2: Floats, dec2: Floats) -> Floats:
    """Great-circle distance (haversine formula, exact for small angles)."""
    ra1, dec1, ra2, dec2 = (np.radians(angle) for angle in (ra1, dec1, ra2, dec2))
    a = np.sin((dec2 - dec1) / 2) ** 2 + np.cos(dec1) * np.cos(dec2) * np.sin((ra2 - ra1) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(np.clip(a, 0, 1))))


def values_at(table: CanonicalTable, measured: Measured, rows: Rows) -> Floats:
    """Valid numbers of some rows (from 0, in any order), NaN elsewhere; one walk."""
    out = np.full(rows.size, np.nan)
    order = np.argsort(rows, kind="stable")
    ranked = rows[order]
    first = 0
    for values in measured.chunks(table):
        start, stop = np.searchsorted(ranked, (first, first + values.size)).tolist()
        if stop > start:
            out[order[start:stop]] = valid_or_nan(values, measured)[ranked[start:stop] - first]
        first += values.size
    return out


def _distinct(first: Rows, second: Rows) -> tuple[Rows, Rows]:
    """Pairs once each, the smaller row first, none with itself."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    pairs = np.unique(np.stack([low, high], axis=1)[low != high], axis=0)
    return pairs[:, 0], pairs[:, 1]
