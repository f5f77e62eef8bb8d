"""Tables written in the formats people use; the same columns give the same bytes."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits
from astropy.table import Table

from services.models.statistics import FloatArray

Columns = Mapping[str, np.ndarray]
"""Column name to values of shape (n_rows,)."""

UCDS = {
    "RAJ2000": "pos.eq.ra;meta.main",
    "DEJ2000": "pos.eq.dec;meta.main",
    "ID": "meta.id;meta.main",
    "zsp": "src.redshift",
    "e_zsp": "stat.error;src.redshift",
}


def write_csv(path: Path, columns: Columns, separator: str = ",") -> Path:
    """Text table with one header line; gzipped when the name ends in .gz."""
    text = pd.DataFrame(dict(columns)).to_csv(index=False, sep=separator, lineterminator="\n").encode()
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)
    return path


def write_numbered(path: Path, columns: Columns) -> Path:
    """Columns of equal width under a header of numbered lines, as BPZ and SExtractor write them."""
    frame = pd.DataFrame(dict(columns))
    header = [f"#  {number} {name}" for number, name in enumerate(frame.columns, start=1)]
    path.write_text("\n".join([*header, frame.to_string(index=False, header=False), ""]))
    return path


def write_fits(path: Path, columns: Columns, units: Mapping[str, str], extension: str) -> Path:
    """Binary table in HDU 1, with units."""
    table = fits.table_to_hdu(Table(dict(columns), units=dict(units)))
    table.name = extension
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path, overwrite=True)
    return path


def write_votable(path: Path, columns: Columns, units: Mapping[str, str]) -> Path:
    """VOTable in its text form, with units and UCDs."""
    table = Table(dict(columns), units=dict(units))
    for name in table.colnames:
        if name in UCDS:
            table[name].meta["ucd"] = UCDS[name]
    table.write(path, format="votable", overwrite=True)
    return path


def write_parquet(path: Path, columns: Columns) -> Path:
    """Parquet with zstd; NaN in magnitudes stays NaN."""
    pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), path, compression="zstd")
    return path


def write_hdf5(path: Path, columns: Columns, group: str) -> Path:
    """HDF5 with one dataset a column in one group, as RAIL reads and writes training data."""
    with h5py.File(path, "w") as file:
        for name, values in columns.items():
            file.create_dataset(f"{group}/{name}", data=values, compression="gzip", shuffle=True)
    return path


def write_qp(path: Path, grid: FloatArray, densities: FloatArray, ancillary: Columns) -> Path:
    """HDF5 in the layout of an interpolated qp ensemble: ``densities`` is (n_rows, grid.size)."""
    with h5py.File(path, "w") as file:
        file["meta/pdf_name"] = np.array([b"interp"])
        file["meta/pdf_version"] = np.array([0])
        file["meta/xvals"] = grid[None, :]
        file.create_dataset("data/yvals", data=densities, compression="gzip", shuffle=True)
        for name, values in ancillary.items():
            file[f"ancil/{name}"] = values
    return path
