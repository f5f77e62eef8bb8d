"""Rows of a table that lie close together on the sky, found zone by zone in bounded memory.

Positions are sorted by strips of declination as high as the radius, then by right ascension; partners of a position
lie in its own strip or the next one, within a window of right ascension. Distances are exact (haversine).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.statistics.canonical import CanonicalTable
from services.statistics.measured import Measured
from services.statistics.metrics import valid_or_nan

ARCSEC_PER_DEG = 3600.0
ZONE_ROWS = 1_500_000
"""Positions sorted at a time: about 100 MiB."""
ZONE_STEP_DEG = 0.05
STRIP_KEY_DEG = 1000.0
"""Distance between strips in the sort key: more than any right ascension."""
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
    found = [
        _pairs_in_zone(_positions_in(table, ra, dec, low, high + radius_deg), radius_deg)
        for low, high in _zones(table, dec)
    ]
    empty = np.empty(0, np.int64)
    first, second = (np.concatenate([empty, *(pairs[side] for pairs in found)]) for side in (0, 1))
    return ClosePairs(*_distinct(first, second))


def _zones(table: CanonicalTable, dec: Measured) -> Iterator[tuple[float, float]]:
    """Zones of declination with at most ``ZONE_ROWS`` rows each, where the sky is not denser than that."""
    edges = np.linspace(-90, 90, round(180 / ZONE_STEP_DEG) + 1)
    counts = np.zeros(edges.size - 1, np.int64)
    for values in dec.chunks(table):
        counts += np.histogram(valid_or_nan(values, dec), edges)[0]
    start, held = 0, 0
    for place, count in enumerate(counts):
        if held and held + count > ZONE_ROWS:
            yield float(edges[start]), float(edges[place])
            start, held = place, 0
        held += int(count)
    if held:
        yield float(edges[start]), 91.0


def _positions_in(
    table: CanonicalTable, ra: Measured, dec: Measured, low: float, high: float
) -> tuple[Floats, Floats, Rows]:
    """Right ascension in 0..360, declination, row number of the positions with low <= dec < high."""
    parts: list[tuple[Floats, Floats, Rows]] = []
    first_row = 0
    for ra_values, dec_values in table.columns_chunks(((ra.column, ra.transform), (dec.column, dec.transform))):
        x, y = valid_or_nan(ra_values, ra), valid_or_nan(dec_values, dec)
        inside = np.isfinite(x) & (y >= low) & (y < high) & ~((x == 0) & (y == 0))
        parts.append((x[inside] % 360.0, y[inside], np.flatnonzero(inside) + first_row))
        first_row += x.size
    x, y, rows = (np.concatenate([part[side] for part in parts]) for side in range(3))
    return x, y, rows


def _pairs_in_zone(positions: tuple[Floats, Floats, Rows], radius_deg: float) -> tuple[Rows, Rows]:
    """Pairs within some positions; those where two zones overlap are found in both."""
    ra, dec, rows = _wrapped(*positions, radius_deg)
    key = np.floor((dec + 90) / radius_deg) * STRIP_KEY_DEG + ra
    order = np.argsort(key, kind="stable")
    key, ra, dec, rows = key[order], ra[order], dec[order], rows[order]
    window = _window_deg(dec, radius_deg)
    own = _matches(key, key, np.arange(1, key.size + 1), window)
    above = _matches(key, key + STRIP_KEY_DEG, None, window)
    pairs = [_exact(*found, ra, dec, radius_deg) for found in (own, above)]
    left, right = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    return _distinct(rows[left], rows[right])


def _wrapped(ra: Floats, dec: Floats, rows: Rows, radius_deg: float) -> tuple[Floats, Floats, Rows]:
    """Positions just right of 0h once more beyond 360 deg, so that windows need not wrap."""
    again = ra <= _window_deg(dec, radius_deg)
    return (
        np.concatenate([ra, ra[again] + 360.0]),
        np.concatenate([dec, dec[again]]),
        np.concatenate([rows, rows[again]]),
    )


def _window_deg(dec: Floats, radius_deg: float) -> Floats:
    """Half width in right ascension of a circle around positions: arcsin(sin r / cos Dec), all around at a pole.

    Taken two radii nearer to the pole and one per cent wider, so that it holds the circles of the strips beside too.
    """
    highest = np.radians(np.minimum(np.abs(dec) + 2 * radius_deg, 90.0))
    ratio = np.sin(np.radians(radius_deg)) / np.maximum(np.cos(highest), 1e-12)
    width = 1.01 * np.degrees(np.arcsin(np.minimum(ratio, 1.0)))
    return np.where(ratio < 1, width, 180.0)


def _matches(key: Floats, wanted: Floats, start: Rows | None, window: Floats) -> tuple[Rows, Rows]:
    """Index into ``wanted`` and place in ``key`` of what lies within the window of each, from ``start`` on if given."""
    low = np.searchsorted(key, wanted - window) if start is None else start
    high = np.searchsorted(key, wanted + window, side="right")
    n = np.clip(high - low, 0, MOST_PARTNERS)
    left = np.repeat(np.arange(wanted.size), n)
    offset = np.arange(left.size) - np.repeat(np.cumsum(n) - n, n)
    return left, low[left] + offset


def _exact(left: Rows, right: Rows, ra: Floats, dec: Floats, radius_deg: float) -> tuple[Rows, Rows]:
    near = separation_deg(ra[left], dec[left], ra[right], dec[right]) <= radius_deg
    return left[near], right[near]


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
