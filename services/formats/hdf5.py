"""HDF5 tables: flat datasets, groups, records, qp ensembles, pandas frames without pickles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.errors import UnreadableTable
from services.formats.arrays import rows_per_batch, to_arrow
from services.formats.base import ClosingReader, not_a_table, unreadable
from services.formats.column_names import catalogue_score, listed, unique_names
from services.formats.hdf5_layouts import Layout, Source, find_layouts, is_pandas_fixed
from services.formats.hdf5_tree import Node, read_tree, sketch
from services.models.tables import TableInfo

_ALIKE_TABLES = 3
"""So many tables of the same columns are the parts of something else, not one catalogue and its kin."""

_UNKNOWN_BYTES = 64


def open_hdf5(path: Path, name: str) -> Hdf5Reader:
    """A reader for the table of an HDF5 file that looks most like a catalogue."""
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise unreadable(name, "the HDF5 structure is damaged or cut off.") from error
    try:
        root = read_tree(file)
        layouts = find_layouts(root)
        return Hdf5Reader(file, name, _chosen(name, root, layouts), layouts, _left_alone(root))
    except BaseException:
        file.close()
        raise


def _chosen(name: str, root: Node, layouts: list[Layout]) -> Layout:
    if not layouts:
        raise not_a_table(name, _why_no_table(root))
    best = max(layouts, key=lambda layout: (catalogue_score(layout.names), layout.n_rows, len(layout.sources)))
    alike = [layout.place for layout in layouts if layout.names == best.names]
    if len(alike) >= _ALIKE_TABLES:
        raise not_a_table(
            name, f"there is no single table but {len(alike)} alike: {listed(alike)}. Inside: {sketch(root)}."
        )
    return best


def _left_alone(root: Node) -> tuple[str, ...]:
    """A warning that names what the fence kept out, empty when there was nothing."""
    foreign = [text for node in root.walk() for text in node.foreign]
    return (f"Not read: {listed(foreign)}.",) if foreign else ()


def _why_no_table(root: Node) -> str:
    inside = f"Inside: {sketch(root)}."
    if any(is_pandas_fixed(node) for node in root.walk()) or "pickled" in inside:
        return f"the table holds pickled Python objects, which are code and are never run here. {inside}"
    if any("other files" in text or "a link" in text for node in root.walk() for text in node.foreign):
        return f"its data lie outside of the file, and links are not followed. {inside}"
    return f"there is no flat table (columns of equal length) in the HDF5 file. {inside}"


class Hdf5Reader(ClosingReader):
    """Rows of one table of an HDF5 file, read in slices."""

    def __init__(
        self, file: h5py.File, name: str, layout: Layout, found: list[Layout], left_alone: tuple[str, ...]
    ) -> None:
        super().__init__(name)
        self._file = file
        names, renamed = unique_names(layout.names)
        self._sources = {
            given: replace(source, column=replace(source.column, name=given))
            for given, source in zip(names, layout.sources, strict=True)
        }
        others = [other.place or "the root" for other in found if other is not layout]
        more = (
            (f"The file holds more tables ({listed(others)}); {layout.place or 'the root'} was read.",)
            if others
            else ()
        )
        self.info = TableInfo(
            format="hdf5",
            columns=tuple(source.column for source in self._sources.values()),
            n_rows=layout.n_rows,
            place=layout.place,
            warnings=(*layout.warnings, *renamed, *more, *left_alone),
            needs_confirmation=layout.needs_confirmation,
            grid=layout.grid,
            pdf_form=layout.pdf_form,
        )

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order, see ``TableReader``."""
        wanted = [self._sources[name] for name in (columns or tuple(self._sources))]
        step = rows_per_batch(sum(_row_bytes(source) for source in wanted))
        n_rows = self.info.n_rows or 0
        for start in range(0, n_rows, step):
            yield self._batch(wanted, slice(start, min(start + step, n_rows)))

    def _batch(self, wanted: list[Source], rows: slice) -> pa.RecordBatch:
        read: dict[str, NDArray[Any]] = {}
        for source in wanted:
            if source.pdfs is None and source.dataset.name not in read:
                read[source.dataset.name] = _read(source.dataset, rows, self.name)
        arrays = [self._array(source, read, rows) for source in wanted]
        return pa.RecordBatch.from_arrays(arrays, names=[source.column.name for source in wanted])

    def _array(self, source: Source, read: dict[str, NDArray[Any]], rows: slice) -> pa.Array:
        if source.pdfs is None:
            return _values(source, read[source.dataset.name])
        try:
            return to_arrow(source.pdfs.values(rows), source.column.dtype)
        except OSError as error:
            raise _unpackable(source.dataset, rows, self.name) from error

    def close(self) -> None:
        """Release the file."""
        self._file.close()


def _row_bytes(source: Source) -> int:
    dataset = source.dataset
    if source.pdfs is not None:
        return 8 * source.pdfs.laid_out
    size = _UNKNOWN_BYTES if dataset.dtype.kind == "O" else dataset.dtype.itemsize
    return int(size * np.prod(dataset.shape[1:], dtype=float))


def _read(dataset: h5py.Dataset, rows: slice, name: str) -> NDArray[Any]:
    try:
        return np.asarray(dataset[rows])
    except (OSError, RuntimeError, ValueError, MemoryError) as error:
        raise _unpackable(dataset, rows, name) from error


def _unpackable(dataset: h5py.Dataset, rows: slice, name: str) -> UnreadableTable:
    where = f"dataset {dataset.name.lstrip('/')}, rows {rows.start + 1} to {rows.stop}"
    return unreadable(name, f"{where}: the stored bytes cannot be unpacked.")


def _values(source: Source, raw: NDArray[Any]) -> pa.Array:
    values = raw if source.field is None else raw[source.field]
    if source.place is not None:
        values = values[:, source.place]
    if values.dtype.kind == "O":
        return pa.array([_text(item) for item in values.reshape(-1)], type=pa.string())
    return to_arrow(values, source.column.dtype)


def _text(item: object) -> str | None:
    if isinstance(item, bytes):
        return item.decode("utf-8", "replace")
    return item if isinstance(item, str) else None
