"""One small catalogue written in every format the portal reads, and ways to read it back whole."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.table import Table
from numpy.typing import NDArray

from services.formats.registry import OpenTable, open_table

IDS = [1650753981384753153, 1650753981384753154, 17, 18, 9007199254740993]
RA_DEG = [12.25, 359.999, 0.001, 180.5, 30.63617]
REDSHIFT = [0.161715, 0.0954366, -0.0109, 3.25, 0.7]
SURVEYS = ["VVDS", "zCOSMOS", "2dF", "BOSS", "DESI"]
NAMES = ("object_id", "ra", "redshift", "survey")


def catalogue() -> Table:
    """The sample as an astropy table."""
    return Table([IDS, RA_DEG, REDSHIFT, SURVEYS], names=NAMES)


def write_delimited(path: Path, delimiter: str) -> None:
    rows = zip(IDS, RA_DEG, REDSHIFT, SURVEYS, strict=True)
    lines = [delimiter.join(NAMES), *(delimiter.join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


def write_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        group = file.create_group("photometry")
        for name, values in zip(NAMES, (IDS, RA_DEG, REDSHIFT, np.array(SURVEYS, "S8")), strict=True):
            group[name] = values


def write_npy(path: Path) -> None:
    np.save(path, catalogue().as_array())


def write_parquet(path: Path) -> None:
    pq.write_table(pa.table([IDS, RA_DEG, REDSHIFT, SURVEYS], names=list(NAMES)), path)


def write_ascii(path: Path) -> None:
    write_delimited(path, "   ")
    path.write_text("# " + path.read_text())


WRITERS: dict[str, Callable[[Path], None]] = {
    "comma.csv": lambda path: write_delimited(path, ","),
    "semicolon.csv": lambda path: write_delimited(path, ";"),
    "tab.tsv": lambda path: write_delimited(path, "\t"),
    "pipe.txt": lambda path: write_delimited(path, "|"),
    "blanks.cat": write_ascii,
    "table.fits": lambda path: catalogue().write(path, format="fits"),
    "table.ecsv": lambda path: catalogue().write(path, format="ascii.ecsv"),
    "comma.ecsv": lambda path: catalogue().write(path, format="ascii.ecsv", delimiter=","),
    "table.hdf5": write_hdf5,
    "table.parquet": write_parquet,
    "table.npy": write_npy,
    "text.vot": lambda path: catalogue().write(path, format="votable", tabledata_format="tabledata"),
    "binary.vot": lambda path: catalogue().write(path, format="votable", tabledata_format="binary"),
    "binary2.xml": lambda path: catalogue().write(path, format="votable", tabledata_format="binary2"),
}
"""File name to the function that writes the catalogue there."""


def write_tar(path: Path, members: dict[str, bytes], mode: Literal["w", "w:gz"] = "w") -> None:
    with tarfile.open(path, mode) as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def write_zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


PACKERS: dict[str, Callable[[Path, str, bytes], object]] = {
    ".gz": lambda path, _, data: path.write_bytes(gzip.compress(data)),
    ".bz2": lambda path, _, data: path.write_bytes(bz2.compress(data)),
    ".xz": lambda path, _, data: path.write_bytes(lzma.compress(data)),
    ".zip": lambda path, name, data: write_zip(path, {f"folder/{name}": data, "folder/README.md": b"notes"}),
    ".tar": lambda path, name, data: write_tar(path, {name: data, "._hidden": b"x"}),
    ".tar.gz": lambda path, name, data: write_tar(path, {name: data}, "w:gz"),
}
"""Suffix to the function that packs (path, name inside, bytes)."""


def opened(path: Path, name: str | None = None) -> OpenTable:
    """The file as a table, under its own name."""
    return open_table(path, name or path.name, scratch=path.parent)


def read_whole(path: Path, columns: tuple[str, ...] | None = None) -> pa.Table:
    """All rows of a file."""
    with opened(path) as reader:
        return pa.Table.from_batches(reader.batches(columns))


def text_file(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def numbers(table: pa.Table, column: str) -> NDArray[np.float64]:
    """A column as float64."""
    values: NDArray[np.float64] = table[column].to_numpy(zero_copy_only=False).astype(np.float64)
    return values
