"""HDF5: the first table of a file, be it one compound dataset or a group of columns of one length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pzserver.errors import UnreadableTable

if TYPE_CHECKING:
    import pandas as pd

Columns = dict[str, Any]
DEEPEST = 6


def read(path: Path, _main_file: Mapping[str, Any]) -> pd.DataFrame:
    """DataFrame of the first table; links to other files are not followed."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            columns = next(_tables(file, _members(file), 0), None)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise UnreadableTable(f"{path.name} is no HDF5 file that could be read: {error}") from error
    if columns is None:
        raise UnreadableTable(f"{path.name} holds no table with named columns.")
    return _frame(columns)


def _members(group: Any) -> dict[str, Any]:
    """Datasets and groups that lie in this file itself."""
    import h5py

    own = [name for name in group if isinstance(group.get(name, getlink=True), h5py.HardLink)]
    return {name: group[name] for name in own}


def _tables(group: Any, members: Mapping[str, Any], depth: int) -> Iterator[Columns]:
    """Tables below a group, nearest first."""
    import h5py

    datasets = {n: m for n, m in members.items() if isinstance(m, h5py.Dataset) and m.shape and not m.external}
    for dataset in datasets.values():
        if dataset.dtype.names and dataset.ndim == 1:
            rows = dataset[()]
            yield {name: rows[name] for name in dataset.dtype.names}
    if "pandas_type" not in group.attrs and len({dataset.shape[0] for dataset in datasets.values()}) == 1:
        yield {name: dataset[()] for name, dataset in datasets.items()}
    for member in members.values():
        if isinstance(member, h5py.Group) and depth < DEEPEST and not _is_index(member):
            yield from _tables(member, _members(member), depth + 1)


def _is_index(group: Any) -> bool:
    """PyTables keeps its indexes in groups of this name."""
    return str(group.name).rsplit("/", 1)[-1].startswith("_i_")


def _frame(columns: Columns) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: _series(values) for name, values in columns.items()})


def _series(values: Any) -> Any:
    """One column in the byte order of this machine, bytes as text, arrays of arrays as lists of arrays."""
    if values.ndim > 1:
        return list(values)
    if values.dtype.kind == "S":
        return [item.decode("utf-8", "replace") for item in values.tolist()]
    if values.dtype.kind == "O":
        return [item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in values]
    return values.astype(values.dtype.newbyteorder("="), copy=False)
