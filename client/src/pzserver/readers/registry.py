"""Which reader takes which file, by suffix."""

from __future__ import annotations

import gzip
import importlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pzserver.errors import UnreadableTable

READERS: dict[str, tuple[str, ...]] = {
    "pzserver.readers.text": (".csv", ".txt", ".dat", ".tsv", ".tab", ".asc"),
    "pzserver.readers.fits": (".fits", ".fit", ".fts"),
    "pzserver.readers.hdf5": (".hdf5", ".h5", ".hf5", ".hd5", ".hdf"),
    "pzserver.readers.parquet": (".parquet", ".parq", ".pq"),
    "pzserver.readers.votable": (".vot", ".vo", ".votable", ".xml"),
    "pzserver.readers.ecsv": (".ecsv",),
    "pzserver.readers.hats": (".zip",),
}
"""Module to suffixes; each module has ``read(path, main_file)`` and is loaded when its first file comes."""
MODULE_OF = {suffix: module for module, suffixes in READERS.items() for suffix in suffixes}


def read_table(path: Path, main_file: Mapping[str, Any]) -> Any:
    """Table of a file, as a pandas DataFrame or an astropy Table, whichever is nearer to the format.

    Parameters
    ----------
    path : Path
        The file; its suffix tells the format.
    main_file : mapping
        What the server knows of it: delimiter, has_header and columns count for text.

    Raises
    ------
    UnreadableTable
        If the format is not known, or the file is not what its name says.
    """
    if path.suffix.lower() == ".gz":
        return _read_unpacked(path, main_file)
    module = MODULE_OF.get(path.suffix.lower())
    if module is None:
        raise UnreadableTable(
            f"{path.name} has a format that is not read here. Use download_product() to get the files, "
            f"known suffixes are {' '.join(sorted(MODULE_OF))}."
        )
    return importlib.import_module(module).read(path, main_file)


def _read_unpacked(path: Path, main_file: Mapping[str, Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="pzserver-") as folder:
        unpacked = Path(folder) / path.stem
        try:
            with gzip.open(path) as source, unpacked.open("wb") as target:
                shutil.copyfileobj(source, target, 2**20)
        except (gzip.BadGzipFile, EOFError) as error:
            raise UnreadableTable(f"{path.name} is no gzip file: {error}") from error
        return read_table(unpacked, main_file)
