"""The compiled loop over magnitudes with their errors."""

from __future__ import annotations

import numpy as np

from services.statistics.kernels import Array, compiled, counts_as_value, quiet_gap

POGSON_ERROR = 1.0857362
"""2.5 / ln(10): the error in magnitudes of a small relative error in flux."""


@compiled
def magnitudes_with_errors(
    mag_raw: Array,
    err_raw: Array,
    flux: Array,
    mag_range: tuple[float, float],
    mag_sentinels: Array,
    err_range: tuple[float, float],
    err_sentinels: Array,
    mags: Array,
    errors: Array,
) -> int:
    """Fill the front of ``mags`` and ``errors`` with the valid magnitudes and their errors; gives how many.

    An error that is no measurement or not positive is NaN. Where ``flux`` is not empty, the errors are those of fluxes
    and become magnitudes.
    """
    n = 0
    of_flux = flux.size > 0
    mag_gap, err_gap = quiet_gap(mag_sentinels), quiet_gap(err_sentinels)
    for i in range(mag_raw.size):
        mag = np.float64(mag_raw[i])
        if not counts_as_value(mag, mag_range[0], mag_range[1], mag_sentinels, mag_gap[0], mag_gap[1]):
            continue
        error = np.nan
        if err_raw.size > 0:
            stored = np.float64(err_raw[i])
            is_measured = counts_as_value(stored, err_range[0], err_range[1], err_sentinels, err_gap[0], err_gap[1])
            if is_measured and stored > 0.0:
                if not of_flux:
                    error = stored
                elif flux[i] > 0.0:
                    error = POGSON_ERROR * stored / flux[i]
        mags[n], errors[n] = mag, error
        n += 1
    return n


@compiled
def half_magnitude_bins(
    mags: Array,
    errors: Array,
    first: float,
    per_mag: float,
    snr_window: tuple[float, float],
    counts: Array,
    bins: Array,
    near: Array,
) -> tuple[int, float]:
    """Bins of the magnitudes (-1 without an error) and ``counts`` of all; gives how many lie in the S/N window.

    Their magnitudes fill the front of ``near``; the second number is the largest magnitude with an error.
    """
    n_near, faintest = 0, -np.inf
    for i in range(mags.size):
        place = np.int64((mags[i] - first) * per_mag)  # exact: edges and steps are sums of powers of two
        counts[place] += 1
        if np.isnan(errors[i]):
            bins[i] = -1
            continue
        bins[i] = place
        faintest = max(faintest, mags[i])
        snr = POGSON_ERROR / errors[i]
        if snr_window[0] <= snr <= snr_window[1]:
            near[n_near] = mags[i]
            n_near += 1
    return n_near, faintest
