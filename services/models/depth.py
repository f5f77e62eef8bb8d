"""How deep photometry goes, band by band: what the errors and the counts say."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import FloatArray, IntArray, Tally


@dataclass(frozen=True, slots=True)
class LimitingMagnitude:
    """5-sigma depth of one band.

    ``value`` is the median magnitude of the ``n`` objects with 4.75 <= S/N <= 5.25, None when they are fewer than 10
    (of fluxes: 5). ``extrapolated`` is then where errors that grow as 10^(0.4 m) from the faintest objects would reach
    S/N = 5; a label must say so. ``faintest`` is the largest magnitude with an error.
    """

    n: int
    value: float | None
    extrapolated: float | None
    faintest: float | None

    @property
    def is_beyond_faintest(self) -> bool:
        """Whether the depth is only known to lie beyond the faintest object: the sample was cut by brightness."""
        if self.value is not None or self.extrapolated is None or self.faintest is None:
            return False
        return self.extrapolated > self.faintest


@dataclass(frozen=True, eq=False, slots=True)
class NumberCounts:
    """Objects per half magnitude: ``edges`` float64 (n + 1), ``counts`` int64 (n), from the first to the last object.

    ``peak_mag`` is the centre of the fullest bin, roughly where the sample is complete. ``slope`` is d log10 N / dm of
    the straight line through the ``n_fitted`` bins bright of it; None with fewer than two.
    """

    edges: FloatArray
    counts: IntArray
    peak_mag: float | None
    slope: float | None
    n_fitted: int
    intercept: float | None = None
    """log10 N of that line at magnitude 0."""


@dataclass(frozen=True, slots=True)
class ErrorBin:
    """Magnitude errors of the ``n`` objects with ``low <= m < high``: median and the central 68 % (q16, q84)."""

    low: float
    high: float
    n: int
    median: float
    q16: float
    q84: float


@dataclass(frozen=True, slots=True)
class BandDepth:
    """One band. ``limit`` is None and ``errors`` is empty when no column holds its errors."""

    band: str
    column: str
    error_column: str | None
    tally: Tally
    counts: NumberCounts
    limit: LimitingMagnitude | None = None
    errors: tuple[ErrorBin, ...] = ()


@dataclass(frozen=True, slots=True)
class DepthReport(Detail):
    """All bands in the order of wavelength; the area in deg2 of the occupied pixels of ``nside``, where positions are.

    The area is an upper bound for sparse samples. Counts per deg2 are counts divided by it.
    """

    bands: tuple[BandDepth, ...]
    area_deg2: float | None = None
    nside: int | None = None
    n_left_out: int = 0
    """Bands that were not looked at because there are so many."""
