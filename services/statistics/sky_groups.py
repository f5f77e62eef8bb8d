"""Groups of HEALPix pixels that touch: the separate fields of a survey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hpgeom
import numpy as np
from numpy.typing import NDArray

from services.models.statistics import IntArray

FINEST_NSIDE = 64
"""Pixels of 0.9 deg: fields are separate when about that much sky between them is empty."""
COARSEST_NSIDE = 8
PIXEL_OBJECTS = 5
"""Objects the median pixel holds at least, so that gaps of a sparse table are not taken for gaps of a survey."""

MOST_FIELDS = 6
SHOWN_SHARE = 0.9
"""The largest fields must hold this share of all objects, or there are no fields to speak of."""
FEWEST_OBJECTS = 5
SMALLEST_SHARE = 0.002
"""A field needs this many objects and this share of all: single strays are no field."""


@dataclass(frozen=True, eq=False, slots=True)
class SkyGroups:
    """Groups by number of objects: ``pixels`` of each at ``nside``, the largest only; ``n_groups`` counts all."""

    nside: int
    n_groups: int
    pixels: tuple[IntArray, ...]


def sky_groups(nside: int, pixels: IntArray, counts: IntArray) -> SkyGroups | None:
    """Separate fields behind counts in nested pixels; None for one field, or for none that stands out.

    The finest resolution counts at which the largest fields hold nearly all objects.
    """
    while nside > COARSEST_NSIDE and (nside > FINEST_NSIDE or np.median(counts) < PIXEL_OBJECTS):
        nside, pixels, counts = _coarser(nside, pixels, counts)
    while nside >= COARSEST_NSIDE and pixels.size:
        labels = touching(nside, pixels)
        sizes: NDArray[np.float64] = np.bincount(labels, counts).astype(np.float64)
        largest = _largest(sizes)
        if sizes[largest].sum() >= SHOWN_SHARE * sizes.sum():
            groups = tuple(pixels[labels == label] for label in largest)
            return SkyGroups(nside, sizes.size, groups) if len(groups) > 1 else None
        nside, pixels, counts = _coarser(nside, pixels, counts)
    return None


def _largest(sizes: NDArray[np.floating[Any]]) -> IntArray:
    order = np.argsort(-sizes, kind="stable")[:MOST_FIELDS]
    return order[sizes[order] >= max(FEWEST_OBJECTS, SMALLEST_SHARE * sizes.sum())]


def _coarser(nside: int, pixels: IntArray, counts: IntArray) -> tuple[int, IntArray, IntArray]:
    numbers, places = np.unique(pixels >> 2, return_inverse=True)
    return nside // 2, numbers, np.bincount(places, counts).astype(np.int64)


def touching(nside: int, pixels: IntArray) -> IntArray:
    """Number of the group (from 0) of each of some nested pixels, sorted; corners touch too."""
    near = hpgeom.neighbors(nside, pixels, nest=True)
    places = np.minimum(np.searchsorted(pixels, near), pixels.size - 1)
    here = np.arange(pixels.size)
    places = np.where(pixels[places] == near, places, here[:, None])
    labels = here
    while True:
        least = np.minimum(labels, labels[places].min(axis=1))
        least = least[least]  # a label's own label is at least as small: long chains shrink by half
        if np.array_equal(least, labels):
            return np.unique(labels, return_inverse=True)[1].astype(np.int64)
        labels = least
