"""The ways catalogues are laid out in HDF5, each found by its own function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import h5py
import numpy as np

from services.formats.arrays import dtype_name
from services.formats.column_runs import run_widths
from services.formats.grids import GRID_NAMES, vector_width
from services.formats.hdf5_tree import Node
from services.formats.pickled_names import pickled_texts
from services.formats.qp_forms import AS_STORED, ENCODED, found_pdfs
from services.formats.stored_pdfs import StoredPdfs
from services.models.tables import TableColumn

MAX_VECTOR = 20_000
QP_GRIDS = (("xvals", "densities"), ("bins", "histogram"), ("quants", "quantiles"))
"""Names of the grids of qp, and what they are the grids of."""
MAX_KIND = 40
_ENSEMBLE = "qp ensemble (meta, data, ancil)"
_META_SUFFIX = "__table_column_meta__"
_BLOCK = "values_block_"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the values of one column lie: a dataset, and in it a field, a column or a row of a matrix.

    PDFs that the file only describes are computed from ``pdfs``.
    """

    column: TableColumn
    dataset: h5py.Dataset
    field: str | None = None
    place: int | None = None
    pdfs: StoredPdfs | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A table found in the file."""

    place: str
    sources: tuple[Source, ...]
    n_rows: int
    grid: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()
    needs_confirmation: bool = False
    pdf_form: str = "densities"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(source.column.name for source in self.sources)


def find_layouts(root: Node) -> list[Layout]:
    """All tables of a file."""
    ensemble = qp_layout(root)
    if ensemble:
        return [ensemble]
    found: list[Layout | None] = []
    for node in root.walk():
        if is_pandas_fixed(node):
            found.append(pandas_fixed(node))
            continue
        found += [compound_table(node, name) for name in node.datasets]
        found.append(flat_group(node, is_only=_count(root) == 1))
    return [layout for layout in found if layout and layout.n_rows and layout.sources]


def _count(root: Node) -> int:
    return sum(len(node.datasets) for node in root.walk())


def attribute(dataset: h5py.Dataset, *names: str) -> str | None:
    """First of some text attributes that is there."""
    for name in names:
        try:
            value = dataset.attrs.get(name)
        except (OSError, TypeError, ValueError, KeyError):  # an attribute of a type h5py cannot show
            continue
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and value:
            return value
    return None


def _source(name: str, dataset: h5py.Dataset) -> Source | None:
    """A dataset as one column: numbers or text, shape (n,) or (n, width)."""
    width = int(np.prod(dataset.shape[1:], dtype=float)) if dataset.ndim > 1 else 1
    if dataset.dtype.names or not 0 < width <= MAX_VECTOR:
        return None
    dtype = "string" if dataset.dtype.kind == "O" and width == 1 else _dtype(dataset.dtype, width)
    if dtype is None:
        return None
    unit, description = attribute(dataset, "unit", "units"), attribute(dataset, "description")
    return Source(TableColumn(name, dtype, unit, attribute(dataset, "ucd"), description), dataset)


def _dtype(dtype: np.dtype, width: int = 1) -> str | None:
    base = h5py.check_enum_dtype(dtype)
    if base is not None and set(base) == {"FALSE", "TRUE"}:
        return "bool" if width == 1 else None
    return dtype_name(dtype, width)


def _first_length(dataset: h5py.Dataset) -> int:
    return int(dataset.shape[0]) if dataset.shape else 0


def flat_group(node: Node, is_only: bool) -> Layout | None:
    """A group whose datasets are the columns: most lists of one value a row have the same length."""
    datasets = {name: data for name, data in node.datasets.items() if data.shape and not data.dtype.names}
    lists = Counter(_first_length(data) for data in datasets.values() if data.ndim == 1)
    if not lists:
        return None
    n_rows, count = lists.most_common(1)[0]
    if (count < 2 and not is_only) or n_rows == 0:
        return None
    made = {name: _source(name, data) for name, data in datasets.items() if _first_length(data) == n_rows}
    sources = tuple(source for source in made.values() if source)
    left = sorted(set(node.datasets) - {source.column.name for source in sources} - GRID_NAMES)
    warnings = (f"Left out, as they are no columns of {n_rows} rows: {', '.join(left[:8])}.",) if left else ()
    grid = next((values for name in GRID_NAMES if (values := _grid(node.datasets.get(name), sources))), ())
    return Layout(f"group {node.path}" if node.path else "", sources, n_rows, grid, warnings)


def _grid(dataset: h5py.Dataset | None, sources: Sequence[Source], excess: int = 0) -> tuple[float, ...]:
    """Values of a redshift grid when some vector column has as many values a row, but for the excess."""
    if dataset is None or dataset.dtype.kind not in "fiu" or not 1 < dataset.size <= MAX_VECTOR:
        return ()
    columns = [source.column for source in sources]
    if dataset.size - excess not in {vector_width(column) for column in columns} | run_widths(columns):
        return ()
    return tuple(float(value) for value in np.asarray(dataset[()]).reshape(-1))


def qp_layout(root: Node) -> Layout | None:
    """An ensemble as qp writes it: ``data`` (parameters of the PDFs), ``meta`` (the grid), ``ancil`` (a table)."""
    meta, data, ancil = (root.groups.get(name) for name in ("meta", "data", "ancil"))
    if meta is None or data is None or "pdf_name" not in meta.datasets:
        return None
    lengths = Counter(_first_length(item) for item in data.datasets.values() if item.ndim)
    if not lengths:
        return None
    n_rows = lengths.most_common(1)[0][0]
    parts = [*(ancil.datasets.items() if ancil else ()), *data.datasets.items()]
    made = [_source(name, item) for name, item in parts if item.ndim and _first_length(item) == n_rows]
    sources, kind = tuple(source for source in made if source), _kind(meta)
    pdfs = None if kind in AS_STORED else found_pdfs(kind, meta.datasets, data.datasets, n_rows)
    if pdfs is not None:
        return _written_out(sources, n_rows, pdfs)
    grids = () if kind in ENCODED else QP_GRIDS
    found = ((_grid(meta.datasets.get(name), sources, form == "histogram"), form) for name, form in grids)
    grid, form = next((pair for pair in found if pair[0]), ((), "densities"))
    named = f" of kind {kind}" if kind else ""
    warnings = () if grid else (f"Its PDFs{named} have no plots: the portal cannot tell what they are.",)
    return Layout(_ENSEMBLE, sources, n_rows, grid, warnings, pdf_form=form)


def _kind(meta: Node) -> str:
    """What qp calls the kind of PDF."""
    try:
        found = _decoded(np.asarray(meta.datasets["pdf_name"][()]).reshape(-1)[0])
    except (OSError, IndexError, TypeError):
        return ""
    return found if found.isidentifier() and len(found) <= MAX_KIND else ""


def _written_out(sources: tuple[Source, ...], n_rows: int, pdfs: StoredPdfs) -> Layout:
    """The table of an ensemble whose PDFs are computed, with these as one more column."""
    column = TableColumn("pdf", f"vector<float32>[{pdfs.width}]")
    places = "in" if pdfs.form == "histogram" else "at"
    unit = "bins" if pdfs.form == "histogram" else "points"
    words = f"{pdfs.words}: column pdf holds them {places} {pdfs.width} {unit} of redshift.{pdfs.remark}"
    made = Source(column, next(iter(pdfs.datasets.values())), pdfs=pdfs)
    return Layout(_ENSEMBLE, (*sources, made), n_rows, pdfs.grid, (words,), pdf_form=pdfs.form)


def compound_table(node: Node, name: str) -> Layout | None:
    """A dataset of records: PyTables tables, tables written by astropy, numpy structured arrays."""
    dataset = node.datasets[name]
    if not dataset.dtype.names or dataset.ndim != 1 or name.endswith(_META_SUFFIX):
        return None
    sources: list[Source] = []
    skipped = []
    for field_name in dataset.dtype.names:
        made = _field_sources(dataset, field_name)
        sources += made
        skipped += [] if made else [field_name]
    warnings: tuple[str, ...] = ()
    if skipped:
        warnings = (f"Fields without plain numbers or text were left out: {', '.join(skipped[:8])}.",)
    is_nameless = any(source.place is not None and source.column.name.startswith(_BLOCK) for source in sources)
    if is_nameless:
        warnings += ("Its column names are pickled, so they were not read: please say under Columns what they are.",)
    path = f"{node.path}/{name}".lstrip("/")
    return Layout(f"dataset {path}", tuple(sources), _first_length(dataset), (), warnings, is_nameless)


def _field_sources(dataset: h5py.Dataset, name: str) -> list[Source]:
    base, shape = dataset.dtype[name].subdtype or (dataset.dtype[name], ())
    width = int(np.prod(shape, dtype=float)) if shape else 1
    if name.startswith(_BLOCK) and len(shape) == 1:
        dtype = _dtype(base)
        columns = [TableColumn(title, dtype) for title in _block_titles(dataset, name, width)] if dtype else []
        return [Source(column, dataset, name, place) for place, column in enumerate(columns)]
    is_text = base.kind == "O" and h5py.check_string_dtype(base) is not None and width == 1
    found = "string" if is_text else None if base.kind in "OV" or width > MAX_VECTOR else _dtype(base, width)
    return [Source(TableColumn(name, found), dataset, name)] if found else []


def _block_titles(dataset: h5py.Dataset, block: str, width: int) -> tuple[str, ...]:
    """Names of the columns of a block of a pandas frame, which pandas keeps in a pickle; numbered when they cannot be
    had without running it."""
    try:
        pickled = dataset.attrs.get(f"{block}_kind")
    except (OSError, TypeError, ValueError, KeyError):
        pickled = None
    titles = pickled_texts(bytes(pickled)) if isinstance(pickled, bytes) else None
    is_fit = titles is not None and len(titles) == width
    return titles if titles and is_fit else tuple(f"{block}_{place + 1}" for place in range(width))


def is_pandas_fixed(node: Node) -> bool:
    """Whether a group is a data frame as pandas writes it in its fixed format."""
    return "axis0" in node.datasets and any(name.startswith("block0_") for name in _names(node))


def _names(node: Node) -> list[str]:
    return [*node.datasets, *(text.split(" (")[0].rsplit("/", 1)[-1] for text in node.foreign)]


def pandas_fixed(node: Node) -> Layout | None:
    """A pandas data frame in its fixed format: matrices of one type each, with the names of their columns."""
    order = [_decoded(name) for name in node.datasets["axis0"][()].reshape(-1)]
    sources: dict[str, Source] = {}
    for name, values in node.datasets.items():
        items = node.datasets.get(name.replace("_values", "_items"))
        if not name.endswith("_values") or items is None or values.ndim != 2 or items.size != values.shape[1]:
            continue
        dtype = _dtype(values.dtype)
        titles = [_decoded(item) for item in items[()].reshape(-1)]
        sources |= {
            title: Source(TableColumn(title, dtype), values, None, k) for k, title in enumerate(titles) if dtype
        }
    kept = tuple(sources[name] for name in order if name in sources)
    if len(kept) < len(order):
        return None  # a block is pickled
    lengths = {_first_length(source.dataset) for source in kept}
    return Layout(f"group {node.path}", kept, lengths.pop()) if len(lengths) == 1 else None


def _decoded(item: object) -> str:
    return item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
