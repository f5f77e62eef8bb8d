"""The kinds of PDFs that ensembles of qp hold, and who knows what they mean."""

from __future__ import annotations

from collections.abc import Mapping

import h5py

from services.formats.mixtures import SHAPES
from services.formats.stored_pdfs import StoredPdfs, shaped

AS_STORED = frozenset({"interp", "hist", "quant"})
"""Kinds that are read as they are: vectors on a grid that the metadata hold."""


def found_pdfs(
    kind: str, meta: Mapping[str, h5py.Dataset], data: Mapping[str, h5py.Dataset], n_rows: int
) -> StoredPdfs | None:
    """The PDFs that an ensemble of this kind describes by parameters; None when nobody knows what they are."""
    if not kind:
        return None
    if kind in SHAPES:
        return shaped(SHAPES[kind], data, n_rows)
    from services.formats.qp_classes import class_pdfs  # brings qp, which takes a second

    return class_pdfs(kind, meta, data, n_rows)
