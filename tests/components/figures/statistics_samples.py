"""Small statistics made by hand, shared by the tests of the figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from services.models.healpix import HealpixMap
from services.models.sky_fields import SkyField, SkyFields
from services.models.statistics import CategoryCounts, Density, Histogram, HistogramSet, SkyDensity, Tally
from services.models.tomography import TomographicBin, Tomography


def histogram(
    counts: Any = (0, 4, 0, 9),
    *,
    label: str = "z_spec",
    column: str = "Z",
    step: float = 0.5,
    start: float = 0.0,
    **more: Any,
) -> Histogram:
    counts = np.array(counts, dtype=np.int64)
    edges = start + step * np.arange(len(counts) + 1, dtype=np.float64)
    shown = int(counts.sum())
    return Histogram(
        label=label,
        column=column,
        edges=edges,
        counts=counts,
        err_low=np.sqrt(counts).astype(np.float64),
        err_high=np.sqrt(counts) + 1.0,
        tally=more.pop("tally", Tally(n_total=shown + 7, n_shown=shown, n_missing=5, n_outside=2)),
        **more,
    )


def magnitudes() -> HistogramSet:
    items = tuple(
        histogram((0, 2, 3, 0), label=f"mag_{band}", column=f"{band}mag", start=20.0, band=band, unit="mag")
        for band in ("g", "r")
    )
    return HistogramSet("magnitudes", items)


def density(counts: Any = None, **more: Any) -> Density:
    if counts is None:
        counts = [[0, 1, 0], [0, 100, 5]]
    counts = np.array(counts, dtype=np.int64)
    shown = int(counts.sum())
    return Density(
        x_label=more.pop("x_label", "z_spec"),
        y_label=more.pop("y_label", "mag_i"),
        x_column=more.pop("x_column", "Z"),
        y_column=more.pop("y_column", "imag"),
        x_edges=np.array(more.pop("x_edges", [0.0, 0.5, 1.0, 1.5])),
        y_edges=np.array(more.pop("y_edges", [20.0, 21.0, 22.0])),
        counts=counts,
        tally=Tally(n_total=shown + 4, n_shown=shown, n_missing=4),
        **more,
    )


def sky(x_edges: Any = (359.0, 359.5, 360.0, 360.5), y_edges: Any = (-1.0, 0.0, 1.0)) -> SkyDensity:
    grid = density(
        [[3, 0, 0], [0, 0, 2]],
        x_label="RA",
        y_label="Dec",
        x_column="ra",
        y_column="dec",
        x_edges=x_edges,
        y_edges=y_edges,
        x_unit="deg",
        y_unit="deg",
    )
    return SkyDensity(grid=grid, nside=256, pixels=np.array([1, 2]), counts=np.array([3, 2]), area_deg2=0.9971)


def flags() -> CategoryCounts:
    return CategoryCounts("z_flag", "q_z", ("4", "3", ""), (70, 20, 5), 5, Tally(110, 100, 10))


def fields() -> SkyFields:
    """Two fields, the second across 0h, and one that is only counted."""
    first = density([[0, 0, 0], [0, 100, 5]], x_label="RA", y_label="Dec", x_column="RA", y_column="DEC")
    across = density([[1, 0, 0], [0, 0, 1]], x_edges=[359.25, 359.75, 360.25, 360.75], x_label="RA", y_label="Dec")
    pixels = np.array([1, 2], dtype=np.int64)
    return SkyFields("RA", "DEC", 64, 3, (SkyField(first, pixels), SkyField(across, pixels)), Tally(120, 107, 4, 9))


def healpix() -> HealpixMap:
    """Two occupied pixels, the first seen through two cells."""
    grid = density([[7, 7, 0], [0, 0, 3]], x_label="RA", y_label="Dec", x_column="RA", y_column="DEC")
    pixels, counts = np.array([11, 40]), np.array([7, 3])
    return HealpixMap(grid, 64, pixels, counts, np.array([150.0, 150.9]), np.array([2.0, 2.8]), 256, 0.5, 0.8393)


def tomography() -> Tomography:
    """Two bins that share a quarter of their area."""
    bins = (TomographicBin(-0.05, 0.5, 8, 0.31, 0.1), TomographicBin(0.5, 12.0, 8, 0.74, 0.2))
    counts = np.array([[6, 2, 0], [0, 2, 6]])
    overlap = np.array([[1.0, 0.25], [0.25, 1.0]])
    return Tomography("z", "zb", np.array([0.0, 0.5, 1.0, 1.5]), bins, counts, overlap, Tally(20, 16, 4))
