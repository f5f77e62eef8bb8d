"""Depth, number counts and errors of magnitudes: over all rows that pass a cut, in memory that does not grow.

S/N = 2.5 / ln(10) / mag_err = 1.0857362 / mag_err, or flux / flux_err; magnitudes of fluxes are AB by their zero point.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.columns.sentinels import MAGNITUDE_RANGE
from services.cuts.bound import Bound
from services.models.depth import BandDepth, DepthReport, ErrorBin, LimitingMagnitude, NumberCounts
from services.models.roles import BandColumn, RoleMap
from services.models.statistics import Tally
from services.statistics.binned import Binned, FloatArray, IntArray, laid_out
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import n_cut, walked
from services.statistics.depth_kernel import POGSON_ERROR, half_magnitude_bins, magnitudes_with_errors
from services.statistics.edges import multiples
from services.statistics.measured import Measured, measured_band
from services.statistics.metrics import CENTRAL_68
from services.statistics.quantiles import quantiles_of
from services.statistics.sky import positions
from services.statistics.sky_pixels import sky_pixels
from services.statistics.validity import quantity_of

Numbers = NDArray[np.floating[Any]]

WANTED_SNR = 5.0
SNR_WINDOW = (4.75, 5.25)
FEWEST = 10
"""Objects that make a bin of errors or a bin of the fit."""
FEWEST_NEAR = {"mag": 10, "flux": 5}
"""Objects about S/N = 5 that make a depth, by what is measured: the convention of the reference values."""
ERROR_SLOPE = 0.4
"""d log10(mag_err) / dm where the noise of the sky dominates: the error goes with the inverse of the flux."""
FAINT_PART = 0.1
"""Part of the objects with errors, the faintest, from which the extrapolation starts."""
PER_MAG = 2
EDGES = multiples(1 / PER_MAG, int(PER_MAG * MAGNITUDE_RANGE[0]), int(PER_MAG * MAGNITUDE_RANGE[1]))
FITTED_BINS = 6
"""Bins bright of the fullest one, at most, that the slope of the counts is fitted to."""


@dataclass(slots=True)
class _Band:
    """Walks over magnitudes and errors of the rows that pass; afterwards it knows what the last walk met."""

    table: CanonicalTable
    band: BandColumn
    magnitude: Measured
    cut: Bound | None
    n_cut: int = 0
    n_missing: int = 0
    faintest: float = -math.inf
    counts: IntArray = field(default_factory=lambda: np.zeros(EDGES.size - 1, np.int64))
    near: list[FloatArray] = field(default_factory=list)
    """Magnitudes of the objects about the wanted S/N."""

    def errors_by_bin(self) -> Iterator[tuple[FloatArray, IntArray]]:
        """Errors (NaN for none) with the bins of their magnitudes, in none where there is no error."""
        self.n_cut = self.n_missing = 0
        self.faintest = -math.inf
        self.counts[:] = 0
        self.near.clear()
        for mags, errors in self.pairs():
            bins, near = np.empty(mags.size, np.int64), np.empty(mags.size)
            rule = float(EDGES[0]), PER_MAG, SNR_WINDOW
            n_near, faintest = half_magnitude_bins(mags, errors, *rule, self.counts, bins, near)
            self.near.append(near[:n_near].copy())
            self.faintest = max(self.faintest, faintest)
            yield errors, bins

    def pairs(self) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Valid magnitudes and their errors in magnitudes, NaN for none."""
        of_flux = self.band.kind == "flux"
        error = Measured("error", self.band.error_column or "", quantity_of("flux_err" if of_flux else "mag_err"))
        names = [(self.magnitude.column, self.magnitude.transform)]
        if error.column:
            names += [(error.column, ""), *([(self.band.column, "")] if of_flux else [])]
        for numbers, keep in walked(self.table, names, self.cut):
            kept = [values[keep] if keep.size else values for values in numbers]
            found = _valid_pairs(self.magnitude, error, kept)
            self.n_cut += n_cut(keep)
            self.n_missing += kept[0].size - found[0].size
            yield found


def _valid_pairs(magnitude: Measured, error: Measured, numbers: Sequence[Numbers]) -> tuple[FloatArray, FloatArray]:
    """Valid magnitudes with their errors; ``numbers`` are magnitudes, errors if any, fluxes if those are of fluxes."""
    stored, errors_raw, flux = (*numbers, np.empty(0), np.empty(0))[:3]
    mags, errors = np.empty(stored.size), np.empty(stored.size)
    n = magnitudes_with_errors(
        *(stored, errors_raw, flux),
        *((magnitude.quantity.low, magnitude.quantity.high), magnitude.sentinels(stored.dtype)),
        *((error.quantity.low, error.quantity.high), error.sentinels(errors_raw.dtype)),
        *(mags, errors),
    )
    return mags[:n], errors[:n]


def depth_report(table: CanonicalTable, roles: RoleMap, cut: Bound | None) -> DepthReport:
    """Every band whose magnitudes are known, and the area of the sample where its positions are."""
    found = band_depths(table, roles.bands, cut)
    where = positions(roles)
    if where is None:
        return DepthReport(found)
    pixels = sky_pixels(table, where, None, cut)
    return DepthReport(found, pixels.area_deg2, pixels.nside)


def band_depths(table: CanonicalTable, bands: Sequence[BandColumn], cut: Bound | None = None) -> tuple[BandDepth, ...]:
    """The bands whose magnitudes are known, in the order given; two of them at a time."""
    known = [(band, magnitude) for band in bands if (magnitude := measured_band(band)) is not None]
    return tuple(table.each(known, lambda one, pair: _band_depth(_Band(one, *pair, cut))))


def _band_depth(walk: _Band) -> BandDepth:
    with tempfile.TemporaryFile() as spool:
        binned = laid_out(walk.errors_by_bin, EDGES.size - 1, spool)
        has_errors = walk.band.error_column is not None
        return BandDepth(
            band=walk.band.band,
            column=walk.band.column,
            error_column=walk.band.error_column,
            tally=Tally(walk.table.n_rows, int(walk.counts.sum()), walk.n_missing, 0, walk.n_cut),
            counts=number_counts(walk.counts, EDGES),
            errors=tuple(_error_bins(binned)),
            limit=_limit(walk, binned) if has_errors else None,
        )


def number_counts(counts: IntArray, edges: FloatArray) -> NumberCounts:
    """Counts with the place of their peak and the slope bright of it (unweighted line through log10 N)."""
    filled = np.flatnonzero(counts)
    if filled.size == 0:
        return NumberCounts(np.empty(0), np.empty(0, np.int64), None, None, 0)
    centres = (edges[:-1] + edges[1:]) / 2
    peak = int(np.argmax(counts))
    fitted = np.arange(max(peak - FITTED_BINS, 0), peak)
    fitted = fitted[counts[fitted] >= FEWEST]
    slope, intercept = _line(centres[fitted], np.log10(counts[fitted])) if fitted.size > 1 else (None, None)
    first, last = int(filled[0]), int(filled[-1]) + 1
    kept = edges[first : last + 1], counts[first:last]
    return NumberCounts(*kept, float(centres[peak]), slope, fitted.size, intercept)


def _line(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Slope and value at 0 of the unweighted straight line."""
    slope, intercept = np.polyfit(x, y, 1).tolist()
    return slope, intercept


def _error_bins(binned: Binned) -> Iterator[ErrorBin]:
    for k in binned.filled(FEWEST):
        median, q16, q84 = quantiles_of(binned.walk(k), (0.5, *CENTRAL_68))
        yield ErrorBin(float(EDGES[k]), float(EDGES[k + 1]), binned.of(k).size, median, q16, q84)


def _limit(walk: _Band, binned: Binned) -> LimitingMagnitude:
    near = np.concatenate([np.empty(0), *walk.near])
    faintest = walk.faintest if math.isfinite(walk.faintest) else None
    if near.size >= FEWEST_NEAR[walk.band.kind]:
        return LimitingMagnitude(near.size, float(np.median(near)), None, faintest)
    return LimitingMagnitude(near.size, None, _extrapolated(walk, binned), faintest)


def _extrapolated(walk: _Band, binned: Binned) -> float | None:
    """Where log10(mag_err), growing by 0.4 per magnitude from the faintest bins, comes to S/N = 5.

    The faintest bins are as many as hold a tenth of the objects with errors, and 10 of them.
    """
    counts = np.diff(binned.starts)
    wanted = max(FAINT_PART * counts.sum(), FEWEST)
    from_there_on = np.cumsum(counts[::-1])[::-1]
    enough = np.flatnonzero(from_there_on >= wanted)
    if enough.size == 0:
        return None
    start = EDGES[enough[-1]]
    faint = (_fainter(mags, errors, start) for mags, errors in walk.pairs())
    offsets = np.concatenate([np.log10(errors) - ERROR_SLOPE * mags for mags, errors in faint])
    wanted_error = math.log10(POGSON_ERROR / WANTED_SNR)
    return (wanted_error - float(np.median(offsets))) / ERROR_SLOPE


def _fainter(mags: FloatArray, errors: FloatArray, start: float) -> tuple[FloatArray, FloatArray]:
    """Objects with an error from a magnitude on."""
    faint = (mags >= start) & ~np.isnan(errors)
    return mags[faint], errors[faint]
