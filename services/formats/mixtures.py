"""PDFs stored as mixtures of Gaussians, turned into histograms: exact masses between the points of one grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import h5py
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

N_BINS = 400
REACH_SIGMAS = 5.0
"""The grid goes so far beyond the outermost Gaussian."""
WIDEST = (-5.0, 20.0)
"""Ends beyond which no redshift is looked for; what a mixture holds there is left out."""
SLICE_ROWS = 2**18

PARAMETERS: Mapping[str, tuple[str | None, str, str]] = {
    "mixmod": ("weights", "means", "stds"),
    "norm": (None, "loc", "scale"),
}
"""Names of weights (None: one Gaussian), means and widths, by the word qp has for the kind of PDF."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Datasets of shape (rows, components) and the grid on which their PDFs are written."""

    weights: h5py.Dataset | None
    means: h5py.Dataset
    stds: h5py.Dataset
    grid: tuple[float, ...] = ()

    def histograms(self, rows: slice) -> NDArray[np.float32]:
        """Densities between the points of the grid, shape (rows, points - 1); NaN where a parameter makes no sense."""
        from scipy.special import ndtr  # only processes that read such files need it

        grid = np.array(self.grid)
        means, stds = _components(self.means, rows), _components(self.stds, rows)
        weights = np.ones_like(means) if self.weights is None else _components(self.weights, rows)
        stds = np.where(stds > 0, stds, np.nan)
        weights = weights / weights.sum(axis=1, keepdims=True)
        cumulative = np.zeros((len(means), grid.size))
        for k in range(means.shape[1]):
            cumulative += weights[:, k, None] * ndtr((grid - means[:, k, None]) / stds[:, k, None])
        found: NDArray[np.float32] = (np.diff(cumulative, axis=1) / np.diff(grid)).astype(np.float32)
        return found


def found_mixture(kind: str, data: Mapping[str, h5py.Dataset], n_rows: int) -> Mixture | None:
    """The mixture an ensemble of this kind holds, on a grid that covers all of it; None when it is none."""
    if kind not in PARAMETERS:
        return None
    given = [data.get(name) for name in PARAMETERS[kind] if name]
    found = [one for one in given if one is not None and one.dtype.kind in "fiu" and one.ndim in (1, 2)]
    if len(found) < len(given) or len({one.shape for one in found}) != 1 or found[0].shape[0] != n_rows:
        return None
    means, stds = found[-2:]
    weights = found[0] if len(found) == len(PARAMETERS[kind]) else None
    mixture = Mixture(weights, means, stds)
    ends = _ends(mixture)
    return None if ends is None else Mixture(weights, means, stds, tuple(np.linspace(*ends, N_BINS + 1).tolist()))


def _components(dataset: h5py.Dataset, rows: slice) -> FloatArray:
    values = np.asarray(dataset[rows], np.float64)
    return values.reshape(len(values), -1)


def _ends(mixture: Mixture) -> tuple[float, float] | None:
    """Range of all Gaussians, kept within what can be a redshift; None where there is none."""
    low, high = np.inf, -np.inf
    for means, stds in _walk(mixture):
        good = np.isfinite(means) & np.isfinite(stds) & (stds > 0)
        if good.any():
            low = min(low, float((means - REACH_SIGMAS * stds)[good].min()))
            high = max(high, float((means + REACH_SIGMAS * stds)[good].max()))
    low, high = max(low, WIDEST[0]), min(high, WIDEST[1])
    return (low, high) if low < high else None


def _walk(mixture: Mixture) -> Iterator[tuple[FloatArray, FloatArray]]:
    for start in range(0, mixture.means.shape[0], SLICE_ROWS):
        rows = slice(start, start + SLICE_ROWS)
        yield _components(mixture.means, rows), _components(mixture.stds, rows)
