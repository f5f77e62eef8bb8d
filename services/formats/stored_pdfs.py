"""PDFs that a file describes by parameters, written out on one grid: as masses between its points or as densities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import h5py
import numpy as np
from numpy.typing import NDArray

from services.formats.grids import MAX_VECTOR
from services.formats.pdf_bins import found_bins

FloatArray = NDArray[np.float64]
Parameters = Mapping[str, FloatArray]
"""Values of some rows by the name of their dataset, each of shape (rows, numbers)."""

WIDEST = (-5.0, 20.0)
"""Ends beyond which no redshift is looked for; what a PDF holds there is left out."""
SLICE_ROWS = 2**18
SAMPLED = 256
"""About so many rows tell how fine the bins must be."""
SAMPLED_AT_ONCE = 32
LAID_OUT = 4
"""Arrays of the size of the answer that are held while it is computed."""


@dataclass(frozen=True, slots=True)
class StoredPdfs:
    """Datasets of shape (rows, ...) and what they mean.

    ``evaluate`` answers for the points of the grid: the distribution function where ``form`` is "histogram", the
    density where it is "densities", shape (rows, points); NaN where a parameter makes no sense. ``words`` is a
    sentence for people, ``remark`` one about the grid. ``laid_out`` is how many numbers a row takes while it is
    evaluated.
    """

    datasets: Mapping[str, h5py.Dataset]
    evaluate: Callable[[Parameters, FloatArray], FloatArray]
    grid: tuple[float, ...]
    form: str
    words: str
    laid_out: int
    remark: str = ""

    @property
    def width(self) -> int:
        """Numbers of a row as it is written out."""
        return len(self.grid) - (self.form == "histogram")

    def values(self, rows: slice) -> NDArray[np.float32]:
        """Densities between the points of the grid, or at them."""
        grid = np.array(self.grid)
        found = self.evaluate(_read(self.datasets, rows), grid)
        if self.form == "histogram":
            found = np.diff(found, axis=1) / np.diff(grid)
        return found.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Shape:
    """A way to describe a PDF by parameters, turned into a histogram whose masses are differences of F.

    ``names`` are those of the datasets, all needed. ``ends`` finds where the PDFs of some rows begin and end, with NaN
    where there is none; ``cumulative`` is F on a grid. Datasets in ``alike`` have the same shape. No dataset has more
    than ``most`` numbers a row.
    """

    names: tuple[str, ...]
    ends: Callable[[Parameters], tuple[FloatArray, FloatArray]]
    cumulative: Callable[[Parameters, FloatArray], FloatArray]
    words: str
    alike: tuple[str, ...] = ()
    arrays: int = LAID_OUT
    most: int = MAX_VECTOR


def shaped(shape: Shape, data: Mapping[str, h5py.Dataset], n_rows: int) -> StoredPdfs | None:
    """The PDFs of this shape on a grid that covers all of them; None when the data are not of this shape."""
    datasets = {name: data[name] for name in shape.names if name in data}
    if len(datasets) < len(shape.names) or not all(_is_numbers(one, n_rows) for one in datasets.values()):
        return None
    if len({datasets[name].shape for name in shape.alike}) > 1:
        return None
    if not all(0 < _width(one) <= shape.most for one in datasets.values()):
        return None
    sample: list[Parameters] = []
    ends = _ends(shape, _walked(datasets, n_rows, sample))
    if ends is None:
        return None
    bins = found_bins(lambda edges: _sampled(shape, sample, edges), *ends)
    laid_out = shape.arrays * bins.edges.size + 2 * sum(_width(one) for one in datasets.values())
    grid = tuple(bins.edges.tolist())
    return StoredPdfs(datasets, shape.cumulative, grid, "histogram", shape.words, laid_out, bins.words)


def _is_numbers(dataset: h5py.Dataset, n_rows: int) -> bool:
    return dataset.dtype.kind in "fiu" and dataset.ndim in (1, 2) and dataset.shape[0] == n_rows


def _read(datasets: Mapping[str, h5py.Dataset], rows: slice) -> Parameters:
    read = {name: np.asarray(dataset[rows], np.float64) for name, dataset in datasets.items()}
    return {name: values.reshape(len(values), -1) for name, values in read.items()}


def _ends(shape: Shape, parts: Iterable[Parameters]) -> tuple[float, float] | None:
    """Range of all PDFs, kept within what can be a redshift; None where there is none."""
    lowest, highest = np.inf, -np.inf
    for part in parts:
        low, high = shape.ends(part)
        good = np.isfinite(low) & np.isfinite(high)
        if good.any():
            lowest, highest = min(lowest, float(low[good].min())), max(highest, float(high[good].max()))
    lowest, highest = max(lowest, WIDEST[0]), min(highest, WIDEST[1])
    return (lowest, highest) if lowest < highest else None


def _walked(datasets: Mapping[str, h5py.Dataset], n_rows: int, sample: list[Parameters]) -> Iterator[Parameters]:
    """All rows a slice at a time; evenly spaced ones are put into the sample."""
    width = max(_width(one) for one in datasets.values())
    step = max(1, SLICE_ROWS // max(1, width))
    stride = max(1, n_rows // SAMPLED)
    for start in range(0, n_rows, step):
        part = _read(datasets, slice(start, start + step))
        sample.append({name: values[-start % stride :: stride].copy() for name, values in part.items()})
        yield part


def _sampled(shape: Shape, sample: Iterable[Parameters], edges: FloatArray) -> FloatArray:
    """F of the sample, a few rows at a time."""
    found = [np.empty((0, edges.size))]
    for part in sample:
        for start in range(0, len(next(iter(part.values()))), SAMPLED_AT_ONCE):
            rows = slice(start, start + SAMPLED_AT_ONCE)
            found.append(shape.cumulative({name: values[rows] for name, values in part.items()}, edges))
    return np.concatenate(found)


def _width(dataset: h5py.Dataset) -> int:
    return int(np.prod(dataset.shape[1:], dtype=float))
