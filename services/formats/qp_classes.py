"""PDFs that the classes of qp evaluate: they get arrays, never a file, and are imported when a file needs them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import h5py
import numpy as np

from services.formats.grids import MAX_VECTOR
from services.formats.stored_pdfs import FloatArray, Parameters, Shape, StoredPdfs, shaped

TAIL = 3e-7
"""Share of a distribution left out beyond either end: that of a Gaussian beyond 5 sigma."""
BASIS_BYTES = 256 * 2**20
"""Larger sets of basis functions are not laid out."""
_SCIPY_ARRAYS = 12
"""Arrays of the size of the answer that scipy holds while it computes a distribution function."""


@contextmanager
def _quietly() -> Iterator[None]:
    """Parameters that make no sense give NaN, which is counted later on; nobody reads what qp says about them."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def distribution_shape(kind: str, data: Mapping[str, h5py.Dataset]) -> Shape | None:
    """One of the distributions of scipy.stats, as qp wraps them; None where qp has none of that name.

    Those whose distribution function or its inverse is found by search are left out: a row would take milliseconds.
    """
    import qp
    from scipy import stats

    made = qp.instance().get(kind)
    if made is None or not issubclass(made, qp.core.factory.Pdf_gen_wrap):
        return None
    if made._cdf is stats.rv_continuous._cdf or made._ppf is stats.rv_continuous._ppf:
        return None
    origin = getattr(stats, kind)
    family = made(name=kind, a=origin.a, b=origin.b)  # qp itself forgets where a distribution begins and ends
    own = tuple((family.shapes or "").replace(",", " ").split())
    names = tuple(name for name in (*own, "loc", "scale") if name in data)
    if len(names) < len(data) or any(name not in data for name in own):
        return None
    words = f'Its PDFs are distributions of the kind "{kind}"'
    return Shape(names, partial(_tails, family), partial(_distributions, family), words, names, _SCIPY_ARRAYS, most=1)


def _distributions(family: Any, given: Parameters, grid: FloatArray) -> FloatArray:
    with _quietly():
        return np.asarray(family(**given).cdf(grid), np.float64)


def _tails(family: Any, given: Parameters) -> tuple[FloatArray, FloatArray]:
    with _quietly():
        low, high = np.asarray(family(**given).ppf([TAIL, 1 - TAIL]), np.float64).T
    return low, high


def packed_pdfs(meta: Mapping[str, Any], data: Mapping[str, h5py.Dataset], n_rows: int) -> StoredPdfs | None:
    """Densities packed into bytes (``packed_interp``)."""
    grid, packed, peaks = _numbers(meta, "xvals"), data.get("ypacked"), data.get("ymax")
    if packed is None or peaks is None or packed.shape != (n_rows, grid.size) or grid.size < 2:
        return None
    if peaks.shape not in ((n_rows,), (n_rows, 1)):
        return None
    kind, floor = _numbers(meta, "packing_type"), _numbers(meta, "log_floor")
    options: dict[str, float] = {"packing_type": int(kind[0])} if kind.size else {}
    if floor.size:
        options["log_floor"] = float(floor[0])
    datasets, words = {"ypacked": packed, "ymax": peaks}, "Its PDFs are densities packed into bytes"
    return StoredPdfs(datasets, partial(_unpacked, options), tuple(grid.tolist()), "densities", words, 8 * grid.size)


def _unpacked(options: Mapping[str, float], given: Parameters, grid: FloatArray) -> FloatArray:
    import qp

    with _quietly():
        made = qp.packed_interp_gen(grid, given["ypacked"], given["ymax"], **options)
    return np.asarray(made.yvals, np.float64)


def sparse_pdfs(meta: Mapping[str, Any], data: Mapping[str, h5py.Dataset], n_rows: int) -> StoredPdfs | None:
    """Densities as sums of a few functions out of many (``sparse``)."""
    indices = data.get("sparse_indices")
    given = {name: _numbers(meta, name) for name in ("xvals", "mu", "sig", "dims")}
    grid, dims = given["xvals"], given["dims"]
    if indices is None or indices.shape[:1] != (n_rows,) or grid.size < 2 or dims.size < 3:
        return None
    if not ((dims > 0) & (dims == np.floor(dims))).all():
        return None
    if min(given["mu"].size, given["sig"].size) < 2 or not 0 < 8 * grid.size * float(np.prod(dims[:3])) <= BASIS_BYTES:
        return None
    described = {**given, "dims": dims.astype(np.int64)}
    width, words = int(np.prod(indices.shape[1:], dtype=float)), "Its PDFs are sums of a few of many functions"
    evaluate = partial(_summed, cache(partial(_basis, described)))
    return StoredPdfs(
        {"sparse_indices": indices}, evaluate, tuple(grid.tolist()), "densities", words, 4 * grid.size + 6 * width
    )


def _basis(described: Mapping[str, Any]) -> FloatArray:
    """All functions, shape (functions, points)."""
    from qp.parameterizations.sparse_interp.sparse_rep import create_basis

    with _quietly():
        return np.ascontiguousarray(create_basis(described).T)


def _summed(basis: Callable[[], FloatArray], given: Parameters, grid: FloatArray) -> FloatArray:
    from qp.parameterizations.sparse_interp.sparse_rep import decode_sparse_indices

    places, weights = decode_sparse_indices(given["sparse_indices"].astype(np.int64))
    functions, found = basis(), np.zeros((len(places), grid.size))
    is_known = ((places >= 0) & (places < len(functions))).all(axis=1)
    for place, weight in zip(np.where(is_known[:, None], places, 0).T, weights.T, strict=True):
        found += functions[place] * weight[:, None]
    with _quietly():
        found /= np.where(is_known, np.trapezoid(found, grid, axis=1), np.nan)[:, None]
    return found


def _numbers(meta: Mapping[str, Any], name: str) -> FloatArray:
    """Numbers of the table of metadata, empty when there are none of that name."""
    dataset = meta.get(name)
    if dataset is None or dataset.dtype.kind not in "fiu" or dataset.size > MAX_VECTOR:
        return np.empty(0)
    return np.asarray(dataset[()], np.float64).reshape(-1)


def class_pdfs(
    kind: str, meta: Mapping[str, h5py.Dataset], data: Mapping[str, h5py.Dataset], n_rows: int
) -> StoredPdfs | None:
    """What qp's classes can evaluate; None for all else."""
    if kind == "packed_interp":
        return packed_pdfs(meta, data, n_rows)
    if kind == "sparse":
        return sparse_pdfs(meta, data, n_rows)
    shape = distribution_shape(kind, data)
    return None if shape is None else shaped(shape, data, n_rows)
