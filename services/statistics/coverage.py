"""Coverage of a target by a training set: nearest neighbours, weights of Lima et al. (2008), a map of colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from services.errors import InvalidInput
from services.models.comparison import Curve
from services.models.coverage import CoverageMap, CoverageReport, NearestNeighbours, SomMap, WeightedRedshifts
from services.statistics.edges import map_edges
from services.statistics.photometric_samples import (
    LIMIT_MAG,
    FloatArray,
    PhotometricSample,
    feature_names,
    features,
)
from services.statistics.som import N_SIDE, nearest_cells, trained_map

REFERENCE_QUANTILE = 0.95
NEIGHBOURS = 20
"""Training objects whose reach decides a weight: errors of 22 % each, on scales far below the whole sample."""
FEWEST_OBJECTS = 50
"""Objects below which neither sample says anything about the other."""
FEWEST_SIGMA = 3
MAP_BINS = 40
DISTANCE_BINS = 60
DISTANCES_SHOWN = 3.0
"""Distances are drawn up to this many times d_ref; the last bin takes what lies beyond."""
REDSHIFT_BINS = 60
SOM_SAMPLE = 4000
"""Objects of the target that train the map: ten for each cell."""
COLOUR_TAILS = (0.005, 0.995)


def coverage_report(
    train: PhotometricSample, target: PhotometricSample, bands: Sequence[str], base: str
) -> CoverageReport:
    """Everything about two samples in the same bands.

    Features are the base magnitude and the colours of neighbouring bands, standardised by mean and standard deviation
    of the training sample.

    Raises
    ------
    InvalidInput
        If one of the samples holds too few objects.
    """
    for sample, words in ((train, "training set"), (target, "target")):
        if sample.tally.n_used < FEWEST_OBJECTS:
            raise InvalidInput(
                f"Only {sample.tally.n_used:,} rows of the {words} have what is needed: at least {FEWEST_OBJECTS} are."
            )
    raw = features(train.mags, bands, base), features(target.mags, bands, base)
    mean, spread = raw[0].mean(axis=0), raw[0].std(axis=0)
    points, wanted = ((one - mean) / np.where(spread > 0, spread, 1.0) for one in raw)
    tree = cKDTree(points)
    own = _distances(tree, points, 2)
    distances = _distances(tree, wanted, 1)
    neighbours = _neighbours(own, distances)
    return CoverageReport(
        features=feature_names(bands, base),
        limit_mag=LIMIT_MAG,
        train=train.tally,
        target=target.tally,
        neighbours=neighbours,
        map=_map(raw[1], feature_names(bands, base), distances <= neighbours.d_ref),
        redshifts=_redshifts(train, target, lima_weights(tree, points, wanted)),
        som=_som(train, target, points, wanted),
    )


def _distances(tree: cKDTree, points: FloatArray, k: int) -> FloatArray:
    """Distance of each point to its k-th nearest object."""
    found: FloatArray = np.asarray(tree.query(points, k=[k])[0]).reshape(len(points))
    return found


def _neighbours(own: FloatArray, distances: FloatArray) -> NearestNeighbours:
    d_ref = float(np.quantile(own, REFERENCE_QUANTILE))
    covered = float(np.mean(distances <= d_ref))
    edges = np.linspace(0, DISTANCES_SHOWN * (d_ref or 1.0), DISTANCE_BINS + 1)
    counts = [np.histogram(np.minimum(one, edges[-1]), edges)[0] for one in (own, distances)]
    error = math.sqrt(covered * (1 - covered) / distances.size)
    return NearestNeighbours(d_ref, covered, error, float(np.median(distances)), edges, counts[0], counts[1])


def _map(raw: FloatArray, names: Sequence[str], is_covered: NDArray[np.bool_]) -> CoverageMap:
    """In the base magnitude and the middle colour, without the tails of either."""
    colour = 1 + (raw.shape[1] - 1) // 2 if raw.shape[1] > 2 else 1
    x, y = raw[:, 0], raw[:, colour]
    ends = [[float(np.quantile(one, fraction)) for fraction in COLOUR_TAILS] for one in (x, y)]
    axes = [map_edges(low, high, MAP_BINS) for low, high in ends]
    target = np.histogram2d(y, x, (axes[1], axes[0]))[0].astype(np.int64)
    covered = np.histogram2d(y[is_covered], x[is_covered], (axes[1], axes[0]))[0].astype(np.int64)
    return CoverageMap(names[0], names[colour], axes[0], axes[1], target, covered)


def lima_weights(tree: cKDTree, points: FloatArray, target: FloatArray, k: int = NEIGHBOURS) -> FloatArray:
    """w_i = N_target(within d_k of i) / k x N_train / N_target, d_k being the distance to the k-th other object.

    Lima et al. 2008, MNRAS 390, 118. The mean is about 1 where the training set reaches the whole target.
    """
    k = min(k, len(points) - 1)
    reach = _distances(tree, points, k + 1)
    inside = cKDTree(target).query_ball_point(points, reach, return_length=True, workers=2)
    weights: FloatArray = inside / k * len(points) / len(target)
    return weights


def _redshifts(train: PhotometricSample, target: PhotometricSample, weights: FloatArray) -> WeightedRedshifts:
    known = target.z_spec[~np.isnan(target.z_spec)]
    z = np.concatenate([train.z_spec, known])
    edges = map_edges(min(0.0, float(z.min())), float(z.max()), REDSHIFT_BINS)
    total, squares = float(weights.sum()), float(np.square(weights).sum())
    return WeightedRedshifts(
        n=weights.size,
        k=min(NEIGHBOURS, weights.size - 1),
        effective_n=total**2 / squares if squares else 0.0,
        zero_fraction=float(np.mean(weights == 0)),
        edges=edges,
        plain=weighted_density(train.z_spec, np.ones(weights.size), edges),
        weighted=weighted_density(train.z_spec, weights, edges),
        target=weighted_density(known, np.ones(known.size), edges) if known.size >= FEWEST_OBJECTS else None,
    )


def weighted_density(values: FloatArray, weights: FloatArray, edges: FloatArray) -> Curve:
    """Sum of weights per bin over (their total x width), errors sqrt(sum w^2) alike; NaN in empty bins."""
    sums = np.histogram(values, edges, weights=weights)[0]
    squares = np.histogram(values, edges, weights=weights**2)[0]
    scale = np.diff(edges) * (sums.sum() or 1.0)
    errors = np.sqrt(squares) / scale
    return Curve(np.where(sums > 0, sums / scale, np.nan), errors, errors)


def _som(train: PhotometricSample, target: PhotometricSample, points: FloatArray, wanted: FloatArray) -> SomMap:
    """Trained on the target, so that its colours are resolved whether or not the training set has them."""
    cells = trained_map(wanted[:: max(1, len(wanted) // SOM_SAMPLE)])
    own, theirs = nearest_cells(points, cells), nearest_cells(wanted, cells)
    n_cells = N_SIDE * N_SIDE
    n_train, n_target = (np.bincount(one, minlength=n_cells) for one in (own, theirs))
    mean_z = _means(own, train.z_spec, n_cells)
    variance = _means(own, train.z_spec**2, n_cells) - mean_z**2
    sigma: FloatArray = np.sqrt(np.maximum(variance, 0))
    sigma[n_train < FEWEST_SIGMA] = np.nan
    has_target, is_empty = n_target > 0, n_train == 0
    known = np.repeat(sigma, n_target)
    known = known[~np.isnan(known)]
    shape = (N_SIDE, N_SIDE)
    return SomMap(
        train=n_train.reshape(shape),
        target=n_target.reshape(shape),
        sigma_z=sigma.reshape(shape),
        n_with_target=int(has_target.sum()),
        n_uncovered=int((has_target & is_empty).sum()),
        uncovered_fraction=float(n_target[is_empty].sum() / n_target.sum()),
        median_sigma_z=float(np.median(known)) if known.size else None,
        mean_offset=_offset(mean_z, _means(theirs, target.z_phot, n_cells), n_target),
    )


def _means(cells: NDArray[np.int64], values: FloatArray, n_cells: int) -> FloatArray:
    """Mean of the known values per cell, NaN where there is none."""
    known = ~np.isnan(values)
    counts = np.bincount(cells[known], minlength=n_cells)
    sums = np.bincount(cells[known], values[known], minlength=n_cells)
    return np.divide(sums, counts, out=np.full(n_cells, np.nan), where=counts > 0)


def _offset(mean_z: FloatArray, mean_phot: FloatArray, n_target: NDArray[np.int64]) -> float | None:
    both = ~np.isnan(mean_z) & ~np.isnan(mean_phot) & (n_target > 0)
    if not both.any():
        return None
    offsets = np.abs(mean_z[both] - mean_phot[both]) / (1 + mean_z[both])
    return float(np.average(offsets, weights=n_target[both]))
