"""The kinds of PDFs that ensembles of qp hold, and who knows what they mean."""

from __future__ import annotations

from collections.abc import Mapping

import h5py

from services.formats.base import is_own_disk
from services.formats.grids import MAX_VECTOR
from services.formats.mixtures import SHAPES
from services.formats.stored_pdfs import StoredPdfs, shaped

AS_STORED = frozenset({"interp", "hist", "quant"})
"""Kinds that are read as they are: vectors on a grid that the metadata hold."""

ENCODED = frozenset({"packed_interp", "sparse"})
"""Kinds whose metadata hold a grid although their vectors are no densities on it."""
ODDITIES = (OSError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError)
"""What evaluating parameters that make no sense may raise."""


def found_pdfs(
    kind: str, meta: Mapping[str, h5py.Dataset], data: Mapping[str, h5py.Dataset], n_rows: int
) -> StoredPdfs | None:
    """The PDFs that an ensemble of this kind describes by parameters; None when nobody knows what they are."""
    try:
        found = _described(kind, meta, data, n_rows) if kind else None
        return found if found is not None and _gives_pdfs(found, n_rows) else None
    except ODDITIES as error:  # parameters nobody thought of: the columns are there all the same
        if is_own_disk(error):
            raise
        return None


def _gives_pdfs(pdfs: StoredPdfs, n_rows: int) -> bool:
    """Whether a row comes out as the grid says; all rows are computed alike."""
    rows = slice(0, min(1, n_rows))
    return 0 < pdfs.width <= MAX_VECTOR and pdfs.values(rows).shape == (rows.stop, pdfs.width)


def _described(
    kind: str, meta: Mapping[str, h5py.Dataset], data: Mapping[str, h5py.Dataset], n_rows: int
) -> StoredPdfs | None:
    if kind in SHAPES:
        return shaped(SHAPES[kind], data, n_rows)
    from services.formats.qp_classes import class_pdfs  # brings qp, which takes a second

    return class_pdfs(kind, meta, data, n_rows)
