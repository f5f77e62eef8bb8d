"""Shapes of PDFs that qp stores and that are computed here, since its own way takes 7 to 13 times as long (0086)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from services.formats.stored_pdfs import FloatArray, Parameters, Shape

REACH_SIGMAS = 5.0
"""A Gaussian ends so far from its mean."""
MOST_GAUSSIANS = 300
"""Of one mixture: more take longer than anybody waits."""
_ORDERS = range(1, 6)
"""Orders of splines that FITPACK knows."""


def _mixture_ends(given: Parameters) -> tuple[FloatArray, FloatArray]:
    means, stds = given["means"], given["stds"]
    stds = np.where((stds > 0) & (given["weights"] > 0), stds, np.nan)
    return means - REACH_SIGMAS * stds, means + REACH_SIGMAS * stds


def _mixture(given: Parameters, grid: FloatArray) -> FloatArray:
    """F of sums of Gaussians. One without weight only fills its place, whatever its mean and width."""
    from scipy.special import ndtr  # only processes that read such files need it

    weights = given["weights"]
    is_filling = weights == 0
    means = np.where(is_filling, 0.0, given["means"])
    stds = np.where(is_filling, 1.0, np.where(given["stds"] > 0, given["stds"], np.nan))
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = np.where(weights >= 0, weights, np.nan) / weights.sum(axis=1, keepdims=True)
    cumulative = np.zeros((len(means), grid.size))
    for k in range(means.shape[1]):
        cumulative += weights[:, k, None] * ndtr((grid - means[:, k, None]) / stds[:, k, None])
    return cumulative


def _knot_ends(given: Parameters) -> tuple[FloatArray, FloatArray]:
    return given["splx"][:, 0], given["splx"][:, -1]


def _splines(given: Parameters, grid: FloatArray) -> FloatArray:
    """F of splines: their integrals from the first knot, nothing beyond the last one."""
    from scipy.interpolate import splantider, splev

    found = np.full((len(given["splx"]), grid.size), np.nan)
    for row, (knots, values, (order, *_)) in enumerate(zip(given["splx"], given["sply"], given["spln"], strict=True)):
        if not _is_spline(knots, values, order):
            continue
        inside = np.clip(grid, knots[int(order)], knots[-int(order) - 1])
        integral = splantider((knots, values, int(order)))
        found[row] = splev(inside, integral) - splev(knots[int(order)], integral)
    return found


def _is_spline(knots: FloatArray, values: FloatArray, order: float) -> bool:
    if order not in _ORDERS or knots.size < 2 * (int(order) + 1):
        return False
    is_rising = np.isfinite(knots).all() and (np.diff(knots) >= 0).all()
    return bool(is_rising and np.isfinite(values).all() and knots[int(order)] < knots[-int(order) - 1])


def _own_ends(given: Parameters) -> tuple[FloatArray, FloatArray]:
    return given["xvals"][:, 0], given["xvals"][:, -1]


def _own_grids(given: Parameters, grid: FloatArray) -> FloatArray:
    """F of densities that are linear between points each object has for itself, by the trapezoid rule."""
    found = np.full((len(given["xvals"]), grid.size), np.nan)
    for row, (points, values) in enumerate(zip(given["xvals"], np.maximum(given["yvals"], 0), strict=True)):
        widths = np.diff(points)
        masses = (values[1:] + values[:-1]) * widths / 2
        total = masses.sum()
        if not (np.isfinite(total) and total > 0 and (widths >= 0).all()):
            continue
        cell = np.clip(np.searchsorted(points, grid, side="right") - 1, 0, widths.size - 1)
        part = np.clip((grid - points[cell]) / np.where(widths > 0, widths, 1)[cell], 0, 1)
        start, end = values[:-1][cell], values[1:][cell]
        inside = (start + (end - start) * part / 2) * part * widths[cell]
        found[row] = (np.concatenate(([0.0], np.cumsum(masses)))[cell] + inside) / total
    return found


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "mixmod": Shape(
            ("weights", "means", "stds"),
            _mixture_ends,
            _mixture,
            "Its PDFs are mixtures of Gaussians",
            alike=("weights", "means", "stds"),
            most=MOST_GAUSSIANS,
        ),
        "spline": Shape(("splx", "sply", "spln"), _knot_ends, _splines, "Its PDFs are splines", alike=("splx", "sply")),
        "interp_irregular": Shape(
            ("xvals", "yvals"), _own_ends, _own_grids, "Its PDFs lie on a grid of each object", alike=("xvals", "yvals")
        ),
    }
)
"""By the word qp has for the kind of PDF."""
