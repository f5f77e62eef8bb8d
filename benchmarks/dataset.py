"""A synthetic training set of any size: 18 columns, 2 % NaN, sentinels; raw columns, canonical table, CSV, FITS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from astropy.io import fits

from services.models.roles import BandColumn, RoleMap
from services.models.tables import TableColumn, TableInfo
from services.statistics import canonical_writer
from services.statistics.canonical_writer import write_canonical

FOLDER = Path("build") / "benchmarks"
WRITER = Path(canonical_writer.__file__)
CHUNK_ROWS = 262_144
SEED = 20_260_101
BANDS = "ugrizy"
DTYPES = {
    "id": "int64",
    "ra": "float64",
    "dec": "float64",
    "redshift": "float32",
    **{f"mag_{band}": "float32" for band in BANDS},
    **{f"mag_err_{band}": "float32" for band in BANDS},
    "z_flag": "int16",
    "odds": "float32",
}
ROLES = RoleMap(
    {"id": "id", "ra": "ra", "dec": "dec", "redshift": "redshift", "z_flag": "z_flag", "odds": "odds"},
    bands=tuple(BandColumn(band, f"mag_{band}", f"mag_err_{band}", "mag") for band in BANDS),
)
SIZE_2GB_ROWS = {"csv": 11_500_000, "fits": 24_500_000}
"""Rows whose file is about 2 GB."""


def chunks(n_rows: int) -> Iterator[dict[str, np.ndarray]]:
    """The table in chunks, the same for the same number of rows."""
    rng = np.random.default_rng(SEED)
    for start in range(0, n_rows, CHUNK_ROWS):
        yield _chunk(rng, start, min(CHUNK_ROWS, n_rows - start))


def _chunk(rng: np.random.Generator, start: int, n: int) -> dict[str, np.ndarray]:
    redshift = rng.gamma(2.2, 0.38, n).clip(0, 6)
    columns = {
        "id": np.arange(start, start + n) + 2**60,
        "ra": rng.uniform(50, 70, n),
        "dec": rng.uniform(-45, -30, n),
        "redshift": redshift.round(5),
    }
    i_mag = 25.3 - rng.exponential(1.3, n)
    for offset, band in enumerate(BANDS):
        columns[f"mag_{band}"] = (i_mag + (3 - offset) * 0.4 * (1 + redshift / 3) + rng.normal(0, 0.2, n)).round(4)
        columns[f"mag_err_{band}"] = (0.005 + 10 ** (0.4 * (i_mag - 28))).round(4)
    columns |= {"z_flag": rng.integers(1, 5, n), "odds": rng.beta(8, 1, n).round(3)}
    for name in [name for name in columns if name.startswith(("mag", "redshift"))]:
        columns[name][rng.random(n) < 0.02] = np.nan
        columns[name][rng.random(n) < 0.005] = 99.0
    return {name: columns[name].astype(kind) for name, kind in DTYPES.items()}


class SyntheticReader:
    """The table as a reader, for making the canonical file."""

    def __init__(self, n_rows: int) -> None:
        self.info = TableInfo("synthetic", tuple(TableColumn(n, d) for n, d in DTYPES.items()), n_rows)
        self._n_rows = n_rows

    def batches(self, _columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows."""
        for chunk in chunks(self._n_rows):
            yield pa.RecordBatch.from_pydict(chunk)

    def close(self) -> None:
        """Nothing to release."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Files of one size, made on first use and kept."""

    n_rows: int

    @property
    def folder(self) -> Path:
        """Where the files of this size are."""
        folder = FOLDER / str(self.n_rows)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def canonical(self) -> Path:
        """The canonical table."""
        path = self.folder / "canonical.parquet"
        if not path.exists() or path.stat().st_mtime < WRITER.stat().st_mtime:  # of an older layout
            write_canonical(SyntheticReader(self.n_rows), path)
        return path

    def raw(self, name: str) -> np.ndarray:
        """One column as it lies in memory-mapped bytes: what the baselines read."""
        path = self.folder / f"{name}.npy"
        if not path.exists():
            self._write_raw()
        column: np.ndarray = np.load(path, mmap_mode="r")
        return column

    def _write_raw(self) -> None:
        names = ("redshift", "z_flag", "ra", "dec", *(f"mag_{band}" for band in BANDS))
        columns = {
            name: np.lib.format.open_memmap(self.folder / f"{name}.npy", "w+", DTYPES[name], (self.n_rows,))
            for name in names
        }
        start = 0
        for chunk in chunks(self.n_rows):
            n = chunk["id"].size
            for name, column in columns.items():
                column[start : start + n] = chunk[name]
            start += n

    def csv(self) -> Path:
        """Comma-separated text with a header; missing values are empty."""
        path = self.folder / "table.csv"
        if not path.exists():
            with path.open("wb") as out:
                for number, chunk in enumerate(chunks(self.n_rows)):
                    pl.DataFrame(chunk).fill_nan(None).write_csv(out, include_header=number == 0)
        return path

    def fits(self) -> Path:
        """A binary table."""
        path = self.folder / "table.fits"
        if not path.exists():
            self._write_fits(path)
        return path

    def _write_fits(self, path: Path) -> None:
        kinds = np.dtype([(name, np.dtype(kind).newbyteorder(">")) for name, kind in DTYPES.items()])
        empty = fits.BinTableHDU(np.zeros(1, dtype=kinds))
        empty.header["NAXIS2"] = self.n_rows
        with path.open("wb") as out:
            out.write(fits.PrimaryHDU().header.tostring().encode() + empty.header.tostring().encode())
            for chunk in chunks(self.n_rows):
                rows = np.empty(chunk["id"].size, dtype=kinds)
                for name in DTYPES:
                    rows[name] = chunk[name]
                out.write(rows.tobytes())
            out.write(b"\0" * (-self.n_rows * kinds.itemsize % 2880))
