"""Colours against magnitude, against one another and against redshift: of the bands about the reference band."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from services.models.colours import USUAL_COLOURS, ColourColour
from services.models.details import AnyStatistic
from services.models.roles import RoleMap
from services.models.statistics import Density
from services.statistics.canonical import CanonicalTable
from services.statistics.depth_details import plotted_bands
from services.statistics.differences import Axis, Edges, central_ranges, pair_density
from services.statistics.edges import map_edges
from services.statistics.measured import REFERENCE_BANDS, Measured, any_redshift, measured_band
from services.statistics.metrics import valid_or_nan


def colour_magnitude(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> Density | None:
    """Colour of the two bands about the reference band (x) against the reference magnitude (y)."""
    bands = _bands(roles)
    pair = _same_axes(bands, whole) if isinstance(whole, Density) else _colour_and_magnitude(_with_values(table, bands))
    if pair is None or (edges := _edges(table, *pair, whole)) is None:
        return None
    return pair_density(table, *pair, edges)[0]


def colour_colour(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> ColourColour | None:
    """Two adjacent colours that end with the reference band, the bluer one on x."""
    bands = _bands(roles)
    known = whole.grid if isinstance(whole, ColourColour) else None
    pair = _same_axes(bands, known) if known else _adjacent_colours(_with_values(table, bands))
    if pair is None or (edges := _edges(table, *pair, known)) is None:
        return None
    return ColourColour(*pair_density(table, *pair, edges, USUAL_COLOURS))


def z_colour(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> Density | None:
    """The colour of ``colour_magnitude`` (x) against redshift (y)."""
    redshift, bands = any_redshift(roles), _bands(roles)
    if redshift is None:
        return None
    z = Axis(redshift.label, redshift)
    if isinstance(whole, Density):
        colour = _named(bands, whole.x_column)
    else:
        found = _colour_and_magnitude(_with_values(table, bands))
        colour = found[0] if found else None
    if colour is None or (edges := _edges(table, colour, z, whole, from_zero=True)) is None:
        return None
    return pair_density(table, colour, z, edges)[0]


def _bands(roles: RoleMap) -> tuple[Measured, ...]:
    """Magnitudes by wavelength, one for each band: those of known wavelength where they make a colour."""
    measured = [measured_band(band) for band in plotted_bands(roles)[0]]
    by_name = {one.band: one for one in reversed(measured) if one is not None}
    found = [one for one in measured if one is not None and by_name[one.band] is one]
    known = tuple(one for one in found if one.band in REFERENCE_BANDS)
    return known if len(known) > 1 else tuple(found)


def _with_values(table: CanonicalTable, bands: Sequence[Measured]) -> list[Measured]:
    """Bands with a valid value anywhere: mostly the first rows tell."""
    return [one for one in bands if any(np.isfinite(valid_or_nan(part, one)).any() for part in one.chunks(table))]


def _reference(bands: Sequence[Measured]) -> int:
    names = [one.band for one in bands]
    return next((names.index(name) for name in REFERENCE_BANDS if name in names), len(names) // 2)


def _colour_and_magnitude(bands: Sequence[Measured]) -> tuple[Axis, Axis] | None:
    if len(bands) < 2:
        return None
    at = _reference(bands)
    colour = Axis.difference(bands[max(at - 1, 0)], bands[min(at + 1, len(bands) - 1)])
    return colour, _magnitude(bands[at])


def _magnitude(band: Measured) -> Axis:
    return Axis(band.label, band, unit=band.unit)


def _adjacent_colours(bands: Sequence[Measured]) -> tuple[Axis, Axis] | None:
    if len(bands) < 3:
        return None
    first = max(_reference(bands) - 2, 0)
    blue, middle, red = bands[first : first + 3]
    return Axis.difference(blue, middle), Axis.difference(middle, red)


def _same_axes(bands: Sequence[Measured], whole: Density) -> tuple[Axis, Axis] | None:
    x, y = _named(bands, whole.x_column), _named(bands, whole.y_column)
    return (x, y) if x and y else None


def _named(bands: Sequence[Measured], words: str) -> Axis | None:
    """The axis of these columns."""
    axes = [*map(_magnitude, bands), *(Axis.difference(*pair) for pair in combinations(bands, 2))]
    return next((axis for axis in axes if axis.words == words), None)


def _edges(
    table: CanonicalTable, x: Axis, y: Axis, whole: AnyStatistic | None, *, from_zero: bool = False
) -> Edges | None:
    """Edges of the whole table under a cut; else those about the central 99.8 %."""
    if isinstance(whole, Density):
        return whole.x_edges.astype(np.float64, copy=False), whole.y_edges.astype(np.float64, copy=False)
    ranges = central_ranges(table, x, y)
    if ranges is None:
        return None
    low, high = ranges[1]
    return map_edges(*ranges[0]), map_edges(min(0.0, low) if from_zero else low, high)
