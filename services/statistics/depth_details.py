"""Number counts and errors of magnitudes as plots: of a table with many filters the best known ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.models.depth import BandDepth, DepthReport
from services.models.details import AnyStatistic
from services.models.roles import BandColumn, RoleMap
from services.statistics.canonical import CanonicalTable
from services.statistics.depth import EDGES, band_depths, number_counts
from services.statistics.histograms import histogram
from services.statistics.measured import REFERENCE_BANDS, measured_band
from services.statistics.sky import positions
from services.statistics.sky_pixels import sky_pixels

MOST_BANDS = 10
"""Lines that one plot can hold so that they are told apart."""
FEWEST_PIXELS = 30
"""Occupied pixels below which their area says nothing about the footprint."""


def plotted_bands(roles: RoleMap) -> tuple[tuple[BandColumn, ...], int]:
    """The bands of a plot in the order of wavelength, and how many are left out: the best known ones stay."""
    known = [band for band in roles.bands if measured_band(band) is not None]
    ranked = sorted(known, key=lambda band: (band.band not in REFERENCE_BANDS, known.index(band)))
    kept = ranked[:MOST_BANDS]
    return tuple(band for band in known if band in kept), len(known) - len(kept)


def band_counts(table: CanonicalTable, roles: RoleMap, whole: AnyStatistic | None = None) -> DepthReport | None:
    """Objects per half magnitude in every band, and the area they lie in; under a cut the area of what is left."""
    bands, n_left_out = plotted_bands(roles)
    found = tuple(table.each(bands, _counted))
    if not any(one.tally.n_shown for one in found):
        return None
    report = DepthReport(found, n_left_out=n_left_out)
    nside = whole.nside if isinstance(whole, DepthReport) else None
    return _with_area(table, roles, report, nside)


def _counted(table: CanonicalTable, band: BandColumn) -> BandDepth:
    magnitude = measured_band(band)
    assert magnitude is not None
    found = histogram(table, magnitude, EDGES)
    counts = found.counts.astype(np.int64, copy=False)
    return BandDepth(band.band, band.column, band.error_column, found.tally, number_counts(counts, EDGES))


def _with_area(table: CanonicalTable, roles: RoleMap, report: DepthReport, nside: int | None) -> DepthReport:
    """The report with the area of its objects, unless they are so few that single pixels decide it."""
    where = positions(roles)
    if where is None:
        return report
    pixels = sky_pixels(table, where, nside, None)
    if pixels.pixels.size < FEWEST_PIXELS:
        return report
    return replace(report, area_deg2=pixels.area_deg2, nside=pixels.nside)


def band_errors(table: CanonicalTable, roles: RoleMap, _whole: AnyStatistic | None = None) -> DepthReport | None:
    """Errors against magnitude and the 5-sigma depth of every band with errors."""
    bands, n_left_out = plotted_bands(roles)
    found = band_depths(table, [band for band in bands if band.error_column])
    has_errors = any(one.limit is not None and one.limit.faintest is not None for one in found)
    return DepthReport(found, n_left_out=n_left_out) if has_errors else None
