"""Seeded samples of a table as points in the space of magnitude and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.models.coverage import SampleTally
from services.models.roles import RoleMap
from services.statistics.canonical import CanonicalTable
from services.statistics.measured import Measured, magnitudes, measured_role
from services.statistics.metrics import valid_or_nan

FloatArray = NDArray[np.float64]

SAMPLE = 12_000
"""Rows drawn of each product: enough for percentages to 0.5 %, few enough to answer within seconds."""
SEED = 20_080
LIMIT_MAG = 29.0
"""Magnitude that stands for "not detected", and beyond which none counts: deeper than ten years of Rubin observations;
the convention of the reference values."""
NOT_OBSERVED_BELOW = -50.0
"""Sentinels below this (-99, -999) say "not observed", in the convention of BPZ; 99 says "not detected"."""
FEWEST_BANDS = 2
DEEP_QUANTILE = 0.95


@dataclass(frozen=True, eq=False, slots=True)
class PhotometricSample:
    """Rows of one table: ``mags`` (n, n_bands) with LIMIT_MAG for non-detections, redshifts NaN where there is none."""

    mags: FloatArray
    z_spec: FloatArray
    z_phot: FloatArray
    tally: SampleTally


def shared_bands(first: RoleMap, other: RoleMap) -> tuple[str, ...]:
    """Bands whose magnitudes both tables have, by wavelength."""
    known = {one.band for one in magnitudes(other)}
    return tuple(dict.fromkeys(str(one.band) for one in magnitudes(first) if one.band in known))


def drawn_sample(
    table: CanonicalTable, roles: RoleMap, bands: Sequence[str], *, needs_z: bool, size: int = SAMPLE
) -> PhotometricSample:
    """A seeded random sample of the rows; those not observed in a band, or detected in none, are dropped.

    Parameters
    ----------
    needs_z : bool
        Whether rows without a spectroscopic redshift are dropped too.
    """
    redshifts = _redshifts(roles)
    quantities = [*(_band(roles, band) for band in bands), *redshifts.values()]
    raw = _drawn(table, [(one.column, one.transform) for one in quantities], size)
    valid = [valid_or_nan(values, one) for values, one in zip(raw, quantities, strict=True)]
    mags, nothing = np.column_stack(valid[: len(bands)]), np.full(raw[0].size, np.nan)
    known = dict(zip(redshifts, valid[len(bands) :], strict=True))
    z_spec, z_phot = known.get("redshift", nothing), known.get("z_phot", nothing)
    keep = np.all([~(values < NOT_OBSERVED_BELOW) for values in raw[: len(bands)]], axis=0)
    keep &= ~np.isnan(mags).all(axis=1)
    if needs_z:
        keep &= ~np.isnan(z_spec)
    at_limit = np.minimum(np.nan_to_num(mags[keep], nan=LIMIT_MAG), LIMIT_MAG)
    tally = SampleTally(table.n_rows, raw[0].size, len(at_limit), _n_lacking(at_limit))
    return PhotometricSample(at_limit, z_spec[keep], z_phot[keep], tally)


def sampled_columns(roles: RoleMap, bands: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns that ``drawn_sample`` reads."""
    return tuple(one.column for one in (*(_band(roles, band) for band in bands), *_redshifts(roles).values()))


def detected_in(sample: PhotometricSample, band: int) -> PhotometricSample:
    """The objects of a sample that were detected in a band, by its place."""
    keep = sample.mags[:, band] < LIMIT_MAG
    mags = sample.mags[keep]
    tally = replace(sample.tally, n_used=len(mags), n_not_detected=_n_lacking(mags))
    return PhotometricSample(mags, sample.z_spec[keep], sample.z_phot[keep], tally)


def _n_lacking(mags: FloatArray) -> int:
    return int((mags >= LIMIT_MAG).any(axis=1).sum())


def _band(roles: RoleMap, band: str) -> Measured:
    return next(one for one in magnitudes(roles) if one.band == band)


def _redshifts(roles: RoleMap) -> dict[str, Measured]:
    return {role: one for role in ("redshift", "z_phot") if (one := measured_role(roles, role)) is not None}


def _drawn(table: CanonicalTable, wanted: Sequence[tuple[str, str]], size: int) -> list[NDArray[Any]]:
    """Values of the same random rows in each column, in file order."""
    n_rows = table.n_rows
    rows = np.arange(n_rows)
    if n_rows > size:
        rows = np.sort(np.random.default_rng(SEED).choice(n_rows, size, replace=False))
    parts: list[list[NDArray[Any]]] = [[] for _ in wanted]
    start = 0
    for numbers in table.columns_chunks(tuple(wanted)):
        stop = start + numbers[0].size
        here = rows[np.searchsorted(rows, start) : np.searchsorted(rows, stop)] - start
        for part, values in zip(parts, numbers, strict=True):
            part.append(values[here])
        start = stop
    return [np.concatenate(part) if part else np.empty(0) for part in parts]


def base_band(bands: Sequence[str], mags: FloatArray) -> str:
    """Band that stands for brightness: i, else the one that reaches deepest."""
    if "i" in bands:
        return "i"
    detected = np.where(mags < LIMIT_MAG, mags, np.nan)
    depths = [np.nanquantile(column, DEEP_QUANTILE) if (~np.isnan(column)).any() else -np.inf for column in detected.T]
    return bands[int(np.argmax(depths))]


def features(mags: FloatArray, bands: Sequence[str], base: str) -> FloatArray:
    """Magnitude in the base band and the colours of neighbouring bands, (n, n_bands)."""
    return np.column_stack([mags[:, list(bands).index(base)], mags[:, :-1] - mags[:, 1:]])


def feature_names(bands: Sequence[str], base: str) -> tuple[str, ...]:
    """What the features are called."""
    return (base, *(f"{bluer} - {redder}" for bluer, redder in pairwise(bands)))
