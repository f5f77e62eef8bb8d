"""Pairs of objects within 1 arcsec, their separations and whether their redshifts agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.models.details import AnyStatistic
from services.models.duplicates import CONFLICT_DZ, DUPLICATE_RADIUS_ARCSEC, CloseObjects
from services.models.roles import RoleMap
from services.models.statistics import Density, Tally
from services.statistics.canonical import CanonicalTable
from services.statistics.edges import multiples
from services.statistics.measured import Measured, any_redshift
from services.statistics.neighbours import ARCSEC_PER_DEG, close_pairs, separation_deg, values_at
from services.statistics.sky import positions

Floats = NDArray[np.float64]

EDGES = multiples(0.05, 0, 20)
"""Separations in arcsec."""
MOST_LISTED = 2000
"""Pairs that are drawn and listed one by one."""
DZ_EDGES = multiples(0.1, -50, 10)
"""log10 of |dz| / (1 + z); smaller ones are counted in the first bin, larger ones in the last."""


def duplicates(table: CanonicalTable, roles: RoleMap, _whole: AnyStatistic | None = None) -> CloseObjects | None:
    """All pairs of rows within 1 arcsec on the sphere; None without a position."""
    where = positions(roles)
    if where is None:
        return None
    n_placed = sum(int(np.count_nonzero(~np.isnan(ra))) for ra, _ in where.chunks(table))
    if not n_placed:
        return None
    found = close_pairs(table, where.ra, where.dec, DUPLICATE_RADIUS_ARCSEC)
    rows = np.concatenate([found.first, found.second])
    ra, dec = (values_at(table, one, rows).reshape(2, -1) for one in (where.ra, where.dec))
    separation = separation_deg(ra[0], dec[0], ra[1], dec[1]) * ARCSEC_PER_DEG
    redshift = any_redshift(roles)
    z = values_at(table, redshift, rows) if redshift else np.full(rows.size, np.nan)
    numbers = table.numbers_in_file(rows).reshape(2, -1) + 1
    tally = Tally(table.n_rows, n_placed, table.n_rows - n_placed)
    columns = (where.ra.column, where.dec.column)
    return _assembled(columns, redshift, (numbers[0], numbers[1]), separation, z.reshape(2, -1), tally)


def scaled_differences(z: Floats) -> Floats:
    """|dz| / (1 + z) of pairs (2, n), by the smaller redshift; NaN where one is missing."""
    found: Floats = np.abs(z[0] - z[1]) / (1 + np.minimum(z[0], z[1]))
    return found


def _assembled(
    columns: tuple[str, str],
    redshift: Measured | None,
    numbers: tuple[NDArray[np.int64], NDArray[np.int64]],
    separation: Floats,
    z: Floats,
    tally: Tally,
) -> CloseObjects:
    differences = scaled_differences(z)
    conflicts = differences > CONFLICT_DZ
    order = np.lexsort((separation, ~conflicts))[:MOST_LISTED]
    return CloseObjects(
        *columns,
        z_column=redshift.column if redshift else "",
        z_label=redshift.label if redshift else "",
        n_pairs=separation.size,
        n_compared=int(np.count_nonzero(~np.isnan(differences))),
        n_conflicts=int(np.count_nonzero(conflicts)),
        edges=EDGES,
        counts=np.histogram(np.minimum(separation, EDGES[-1]), EDGES)[0],
        first=numbers[0][order],
        second=numbers[1][order],
        separation=separation[order],
        z_first=z[0][order],
        z_second=z[1][order],
        tally=tally,
        grid=_grid(separation, differences, redshift) if separation.size > MOST_LISTED and redshift else None,
    )


def _grid(separation: Floats, differences: Floats, redshift: Measured) -> Density:
    """Separation against the difference in redshift of all pairs."""
    known = ~np.isnan(differences)
    logs = np.log10(np.maximum(differences[known], 10.0 ** DZ_EDGES[0]))
    heights = np.clip(logs, DZ_EDGES[0], DZ_EDGES[-1])
    counts = np.histogram2d(heights, np.minimum(separation[known], EDGES[-1]), [DZ_EDGES, EDGES])[0].astype(np.int64)
    return Density(
        x_label="separation",
        y_label="log10 |dz|/(1+z)",
        x_column="",
        y_column=redshift.column,
        x_edges=EDGES,
        y_edges=DZ_EDGES,
        counts=counts,
        tally=Tally(separation.size, int(counts.sum()), int(np.count_nonzero(~known))),
        x_unit="arcsec",
    )
