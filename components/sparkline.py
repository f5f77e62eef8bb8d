"""N(z) as a picture the size of a word."""

from __future__ import annotations

from base64 import b64encode

import numpy as np
from dash import html

from services.models.statistics import Histogram, Overview

WIDTH_PX, HEIGHT_PX = 96, 24
N_BARS = 48
COLOUR = "#1f8f8a"
"""At least 3:1 against the light and the dark ground: a picture does not follow the theme."""

REDSHIFT_STATISTICS = ("n_z", "n_z_phot")


def redshift_counts(overview: Overview) -> Histogram | None:
    """N(z) of a product, of the truth where there is one; None when there is no redshift to count."""
    found = (overview.statistics.get(name) for name in REDSHIFT_STATISTICS)
    return next((one for one in found if isinstance(one, Histogram) and one.counts.any()), None)


def sparkline(histogram: Histogram, product_name: str) -> html.Img:
    """Image of a histogram with a sentence in words for people who do not see it."""
    low, high = _occupied(histogram)
    picture = b64encode(_svg(_bars(histogram)).encode()).decode()
    return html.Img(
        src=f"data:image/svg+xml;base64,{picture}",
        alt=f"N(z) of {product_name}: {histogram.tally.n_shown:,} objects, z from {low:.2f} to {high:.2f}",
        title=f"z from {low:.2f} to {high:.2f}",
        width=WIDTH_PX,
        height=HEIGHT_PX,
        className="sparkline",
    )


def _occupied(histogram: Histogram) -> tuple[float, float]:
    """Edges of the first and last bin that hold anything."""
    filled = np.flatnonzero(histogram.counts)
    return float(histogram.edges[filled[0]]), float(histogram.edges[filled[-1] + 1])


def _bars(histogram: Histogram) -> list[float]:
    """Heights 0..1 of at most ``N_BARS`` bars: neighbouring bins are added up."""
    filled = np.flatnonzero(histogram.counts)
    counts = histogram.counts[filled[0] : filled[-1] + 1]
    step = -(-len(counts) // N_BARS)
    summed = np.add.reduceat(counts, np.arange(0, len(counts), step))
    return [float(height) for height in summed / summed.max()]


def _svg(heights: list[float]) -> str:
    width = WIDTH_PX / len(heights)
    bars = "".join(
        f'<rect x="{place * width:.2f}" y="{HEIGHT_PX * (1 - height):.2f}" width="{max(width - 0.4, 0.4):.2f}" '
        f'height="{HEIGHT_PX * height:.2f}"/>'
        for place, height in enumerate(heights)
        if height > 0
    )
    size = f'width="{WIDTH_PX}" height="{HEIGHT_PX}" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} fill="{COLOUR}">{bars}</svg>'
