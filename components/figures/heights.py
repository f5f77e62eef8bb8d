"""Heights of histograms: counts, or counts divided by their sum and the width of a bin, with their errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.models.statistics import Histogram

Numbers = NDArray[np.floating] | NDArray[np.integer]


@dataclass(frozen=True, eq=False, slots=True)
class Heights:
    """What is drawn for each bin (n): height, lengths of the error bars, and the words of the axis."""

    values: Numbers
    err_low: Numbers
    err_high: Numbers
    title: str
    hover: str


def heights_of(histogram: Histogram, *, normalised: bool) -> Heights:
    """Heights of one histogram; normalised ones have the area 1, and their errors are scaled alike."""
    scale = unit_area(histogram.counts, histogram.edges) if normalised else 1.0
    values = histogram.counts * scale if normalised else histogram.counts
    return Heights(
        values,
        histogram.err_low * scale,
        histogram.err_high * scale,
        *height_words(histogram.edges, normalised=normalised),
    )


def unit_area(counts: Numbers, edges: Numbers) -> float:
    """Factor that gives counts in equal bins the area 1; 0 where there are none."""
    total = float(counts.sum())
    return 1.0 / (total * float(edges[1] - edges[0])) if total else 0.0


def height_words(edges: Numbers, *, normalised: bool) -> tuple[str, str]:
    """Title of the axis and how a height is told when the pointer is over it."""
    if normalised:
        return "normalised to area 1", "%{y:.4~g}"
    return f"objects per {edges[1] - edges[0]:g} bin", "%{y:,} objects"
