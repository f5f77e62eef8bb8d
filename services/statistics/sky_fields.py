"""The separate fields of a table, each on a grid of its own."""

from __future__ import annotations

from typing import Any

import hpgeom
import numpy as np
from numpy.typing import NDArray

from services.models.details import AnyStatistic
from services.models.roles import RoleMap
from services.models.sky_fields import SkyField, SkyFields
from services.models.statistics import Density, IntArray, Overview, SkyDensity, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import EVERY_ROW
from services.statistics.kernels import NO_SENTINELS, histogram_2d
from services.statistics.row_kernels import widen
from services.statistics.sky import ANYWHERE, TURN_DEG, Positions, grid_edges, positions, run_on
from services.statistics.sky_groups import FINEST_NSIDE, SkyGroups, sky_groups
from services.statistics.sky_pixels import sky_pixels

FloatArray = NDArray[np.float64]
Edges = tuple[FloatArray, FloatArray]

CELLS = 90
"""Cells of a field along its longer side: six of them are sent at once."""

NOWHERE = -1
"""Label of pixels that belong to no field with a grid."""


def has_fields(overview: Overview) -> bool:
    """Whether the objects of a table lie in more than one field, by the pixels of its overview."""
    sky = overview.statistics.get("sky")
    return isinstance(sky, SkyDensity) and sky_groups(sky.nside, sky.pixels, sky.counts) is not None


def is_one_field(overview: Overview) -> bool:
    """Whether they lie in a single field, which one map shows well."""
    return isinstance(overview.statistics.get("sky"), SkyDensity) and not has_fields(overview)


def sky_fields(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> SkyFields | None:
    """Density on the sky in each field of the whole table; None for a single field."""
    where = positions(roles)
    if where is None:
        return None
    if isinstance(whole, SkyFields):
        pixels = tuple(field.pixels for field in whole.fields)
        edges = [(_wide(field.grid.x_edges), _wide(field.grid.y_edges)) for field in whole.fields]
        return _counted(table, where, SkyGroups(whole.nside, whole.n_fields, pixels), edges)
    if (groups := _groups(table, where)) is None:
        return None
    return _counted(table, where, groups, _edges(table, where, groups))


def _wide(edges: NDArray[np.floating[Any]]) -> FloatArray:
    return edges.astype(np.float64, copy=False)


def _groups(table: CanonicalTable, where: Positions) -> SkyGroups | None:
    found = sky_pixels(table, where, FINEST_NSIDE, None)
    return sky_groups(found.nside, found.pixels, found.counts) if found.pixels.size else None


def _labels(groups: SkyGroups) -> NDArray[np.int8]:
    """Number of its field for every pixel of the sky."""
    labels = np.full(12 * groups.nside**2, NOWHERE, np.int8)
    for label, pixels in enumerate(groups.pixels):
        labels[pixels] = label
    return labels


def _field_of(labels: NDArray[np.int8], nside: int, ra_deg: FloatArray, dec_deg: FloatArray) -> NDArray[np.int8]:
    """Number of its field for every object; those without a position are nowhere."""
    found = np.full(ra_deg.size, NOWHERE, np.int8)
    here = ~np.isnan(ra_deg)
    if here.any():
        found[here] = labels[hpgeom.angle_to_pixel(nside, ra_deg[here] % TURN_DEG, dec_deg[here], nest=True)]
    return found


def _edges(table: CanonicalTable, where: Positions, groups: SkyGroups) -> list[Edges]:
    """Edges of each field around its objects."""
    starts = [_start_deg(groups.nside, pixels) for pixels in groups.pixels]
    ends = np.tile([np.inf, -np.inf, np.inf, -np.inf], (len(starts), 1))
    labels = _labels(groups)
    for ra_deg, dec_deg in where.chunks(table):
        fields = _field_of(labels, groups.nside, ra_deg, dec_deg)
        for label, start in enumerate(starts):
            mine = fields == label
            widen(ra_deg[mine], dec_deg[mine], start, ends[label])
    return [grid_edges((low, high, bottom, top), CELLS) for low, high, bottom, top in ends.tolist()]


def _start_deg(nside: int, pixels: IntArray) -> float:
    """Right ascension opposite the middle of a field: counted from there it is in one piece."""
    ra_deg, _ = hpgeom.pixel_to_angle(nside, pixels, nest=True)
    turned = np.exp(1j * np.radians(ra_deg)).mean()
    middle = float(np.degrees(np.angle(turned)))
    opposite = (middle + TURN_DEG / 2) % TURN_DEG
    # A field far from 0h keeps right ascensions below 360: nothing of it lies before its start and the start is 0.
    crosses = np.ptp(ra_deg) > TURN_DEG / 2
    return opposite if crosses else 0.0


def _counted(table: CanonicalTable, where: Positions, groups: SkyGroups, edges: list[Edges]) -> SkyFields:
    labels, counts, missing = _labels(groups), [_zeros(pair) for pair in edges], 0
    limits = (ANYWHERE, ANYWHERE, NO_SENTINELS, NO_SENTINELS)
    for ra_deg, dec_deg in where.chunks(table):
        missing += int(np.count_nonzero(np.isnan(ra_deg)))
        found = _field_of(labels, groups.nside, ra_deg, dec_deg)
        for label, (ra_edges, dec_edges) in enumerate(edges):
            mine = found == label
            ra = run_on(ra_deg[mine], float(ra_edges[0]))
            histogram_2d(ra, dec_deg[mine], EVERY_ROW, ra_edges, dec_edges, *limits, counts[label])
    grids = [_grid(table, where, pair, cells) for pair, cells in zip(edges, counts, strict=True)]
    fields = tuple(SkyField(grid, pixels) for grid, pixels in zip(grids, groups.pixels, strict=True))
    shown = sum(field.n_objects for field in fields)
    tally = Tally(table.n_rows, shown, missing, table.n_rows - shown - missing)
    return SkyFields(where.ra.column, where.dec.column, groups.nside, groups.n_groups, fields, tally)


def _zeros(edges: Edges) -> NDArray[np.int64]:
    return np.zeros((edges[1].size - 1, edges[0].size - 1), np.int64)


def _grid(table: CanonicalTable, where: Positions, edges: Edges, counts: NDArray[np.int64]) -> Density:
    tally = Tally(table.n_rows, int(counts.sum()))
    return Density("RA", "Dec", where.ra.column, where.dec.column, *edges, counts, tally, "deg", "deg")
