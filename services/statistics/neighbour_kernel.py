"""The compiled loop that compares positions sorted by strips of declination and, in each, by right ascension."""

from __future__ import annotations

import math

from services.statistics.kernels import Array, compiled


@compiled
def separation(ra1: float, dec1: float, ra2: float, dec2: float) -> float:
    """Great-circle distance of positions in degrees (haversine formula, exact for small angles)."""
    rad = math.pi / 180.0
    up = math.sin((dec2 - dec1) * rad / 2)
    across = math.sin((ra2 - ra1) * rad / 2)
    a = up * up + math.cos(dec1 * rad) * math.cos(dec2 * rad) * across * across
    return 2 * math.asin(math.sqrt(min(max(a, 0.0), 1.0))) / rad


@compiled
def window_deg(dec: float, radius_deg: float) -> float:
    """Half width in right ascension of a circle around a position: arcsin(sin r / cos Dec), all around at a pole.

    Taken two radii nearer to the pole and one per cent wider, so that it holds the circles of the strips beside too.
    """
    rad = math.pi / 180.0
    highest = min(abs(dec) + 2 * radius_deg, 90.0)
    ratio = math.sin(radius_deg * rad) / max(math.cos(highest * rad), 1e-12)
    return 1.01 * math.asin(ratio) / rad if ratio < 1 else 180.0


@compiled
def _compare(i: int, j: int, ra: Array, dec: Array, radius_deg: float, n: int, left: Array, right: Array) -> int:
    """Note a pair if it is close, as far as there is room; gives how many there are now."""
    if separation(ra[i], dec[i], ra[j], dec[j]) > radius_deg:
        return n
    if n < left.size:
        left[n], right[n] = i, j
    return n + 1


@compiled
def near_pairs(strips: Array, ra: Array, dec: Array, radius_deg: float, most: int, left: Array, right: Array) -> int:
    """Fill in index pairs closer than the radius; gives how many there are, which may be more than there is room for.

    ``strips`` (int64) number stretches of declination as high as the radius. At most ``most`` partners in its own strip
    and in the next one are looked at for one position.
    """
    n, start, size = 0, 0, strips.size
    while start < size:
        stop = start
        while stop < size and strips[stop] == strips[start]:
            stop += 1
        end = stop
        while end < size and strips[end] == strips[start] + 1:
            end += 1
        low = strips[start] * radius_deg - 90.0
        window = max(window_deg(low, radius_deg), window_deg(low + radius_deg, radius_deg))
        p = stop
        for i in range(start, stop):
            j = i + 1
            while j < stop and j <= i + most and ra[j] - ra[i] <= window:
                n = _compare(i, j, ra, dec, radius_deg, n, left, right)
                j += 1
            while p < end and ra[p] < ra[i] - window:
                p += 1
            j = p
            while j < end and j < p + most and ra[j] - ra[i] <= window:
                n = _compare(i, j, ra, dec, radius_deg, n, left, right)
                j += 1
        start = stop
    return n
