"""Makers of the odd files that are no plain text: archives, FITS, HDF5, Parquet, VOTable, ECSV, npy, pickles."""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits
from astropy.table import Table

from tests.data.galaxies import N_ROWS, galaxies

BOMB_BYTES = 64 * 2**20
"""Zeros inside the small zip: a thousandth of that compressed."""


def half(path: Path, whole: bytes) -> None:
    path.write_bytes(whole[: len(whole) // 2])


def truncated_gzip(path: Path) -> None:
    half(path, gzip.compress(galaxies(4000).to_csv(index=False).encode(), mtime=0))


def fits_bytes(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    hdu = fits.table_to_hdu(Table.from_pandas(frame))
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(stream)
    return stream.getvalue()


def truncated_fits(path: Path) -> None:
    half(path, fits_bytes(galaxies(4000)))


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), stream)
    return stream.getvalue()


def truncated_parquet(path: Path) -> None:
    half(path, parquet_bytes(galaxies(4000)))


def garbage(path: Path) -> None:
    path.write_bytes(np.random.default_rng(3).integers(0, 256, 20_000, dtype=np.uint8).tobytes())


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("table.csv", "w") as member:
        member.write(b"id,z_spec\n")
        for _ in range(BOMB_BYTES // 2**20):
            member.write(b"0" * 2**20)


def zip_traversal(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.csv", galaxies().to_csv(index=False))


def tar_traversal(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("table.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        data = galaxies().to_csv(index=False).encode()
        member = tarfile.TarInfo("../outside.csv")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))


def zip_of_one(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/table.csv", galaxies().to_csv(index=False))
        archive.writestr("README.txt", "One table and a note.\n")


def big_endian_fits(path: Path) -> None:
    frame = galaxies()
    types = {"id": ">i8", "ra": ">f8", "dec": ">f8", "z_spec": ">f4", "mag_i": ">f4"}
    records = np.zeros(N_ROWS, dtype=list(types.items()))
    for name in types:
        records[name] = frame[name]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(records)]).writeto(path, overwrite=True)


def vector_fits(path: Path) -> None:
    table = Table.from_pandas(galaxies())
    table["pz"] = np.random.default_rng(5).uniform(0, 1, (N_ROWS, 21)).astype(np.float32)
    fits.HDUList([fits.PrimaryHDU(), fits.table_to_hdu(table)]).writeto(path, overwrite=True)


def many_hdus(path: Path) -> None:
    image = fits.ImageHDU(np.zeros((8, 8), np.float32), name="COVERAGE")
    small = fits.table_to_hdu(Table({"key": ["a", "b"], "value": [1, 2]}))
    table = fits.table_to_hdu(Table.from_pandas(galaxies()))
    small.name, table.name = "SETTINGS", "REDSHIFTS"
    fits.HDUList([fits.PrimaryHDU(), image, small, table]).writeto(path, overwrite=True)


def hdf5_flat(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, values in galaxies().items():
            file[str(name)] = values.to_numpy()


def hdf5_group(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, values in galaxies().items():
            file[f"photometry/{name}"] = values.to_numpy()


def hdf5_qp(path: Path) -> None:
    grid = np.linspace(0, 3, 61)
    frame = galaxies()
    densities = np.exp(-0.5 * ((grid - frame["z_spec"].to_numpy()[:, None]) / 0.05) ** 2)
    with h5py.File(path, "w") as file:
        file["meta/pdf_name"] = np.array([b"interp"])
        file["meta/pdf_version"] = np.array([0])
        file["meta/xvals"] = grid[None, :]
        file["data/yvals"] = densities / np.trapezoid(densities, grid, axis=1)[:, None]
        file["ancil/object_id"] = frame["id"].to_numpy()
        file["ancil/redshift"] = frame["z_spec"].to_numpy()
        file["ancil/zmode"] = grid[densities.argmax(axis=1)]


class _Tripwire:
    """Unpickling this makes a folder next to the file: proof that somebody unpickled it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        import os

        return os.mkdir, (self.folder,)


def hdf5_pickled(path: Path) -> None:
    """The layout pandas gives to object columns: a variable-length uint8 array that holds a pickle."""
    payload = np.frombuffer(pickle.dumps(_Tripwire(str(tripwire(path)))), np.uint8)
    with h5py.File(path, "w") as file:
        group = file.create_group("table")
        group.attrs["pandas_type"] = "frame"
        group["block0_values"] = galaxies()[["ra", "dec", "z_spec"]].to_numpy()
        group["block0_items"] = np.array([b"ra", b"dec", b"z_spec"])
        blob = group.create_dataset("block1_values", (1,), dtype=h5py.vlen_dtype(np.uint8))
        blob[0] = payload
        blob.attrs["PSEUDOATOM"] = "object"


def hdf5_external_link(path: Path) -> None:
    with h5py.File(path.with_name("link_target.h5"), "w") as target:
        target["secret"] = np.arange(N_ROWS, dtype=float)
    with h5py.File(path, "w") as file:
        file["id"] = np.arange(N_ROWS)
        file["z_spec"] = h5py.ExternalLink("link_target.h5", "/secret")


def hdf5_external_storage(path: Path) -> None:
    raw = path.with_name("external_storage.raw")
    raw.write_bytes(np.arange(N_ROWS, dtype=np.float64).tobytes())
    with h5py.File(path, "w") as file:
        file["id"] = np.arange(N_ROWS)
        file.create_dataset("z_spec", (N_ROWS,), np.float64, external=[(raw.name, 0, N_ROWS * 8)])


def votable(path: Path) -> None:
    Table.from_pandas(galaxies()).write(path, format="votable")


def votable_stream(path: Path) -> None:
    path.with_name("stream_target.bin").write_bytes(np.arange(N_ROWS, dtype=">f8").tobytes())
    path.write_text(
        '<?xml version="1.0"?>\n<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>'
        '<FIELD name="z_spec" datatype="double"/><DATA><BINARY><STREAM href="file:stream_target.bin"/></BINARY></DATA>'
        "</TABLE></RESOURCE></VOTABLE>\n"
    )


def ecsv(path: Path) -> None:
    table = Table.from_pandas(galaxies())
    table["ra"].unit = table["dec"].unit = "deg"
    table.write(path, format="ascii.ecsv")


def npy(path: Path) -> None:
    np.save(path, galaxies().to_records(index=False))


def npy_object(path: Path) -> None:
    np.save(path, np.array([_Tripwire(str(tripwire(path)))], dtype=object), allow_pickle=True)


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps(_Tripwire(str(tripwire(path)))))


def float32_noise(path: Path) -> None:
    frame = galaxies().astype({"z_spec": np.float32, "mag_i": np.float32})
    frame.loc[0, "z_spec"] = np.float32(0.38)
    path.write_bytes(parquet_bytes(frame))


def nullable_parquet(path: Path) -> None:
    frame = galaxies()
    table = pa.table(
        {
            "id": pa.array([None, *frame["id"].tolist()[1:]], pa.int64()),
            "z_spec": pa.array([None, *frame["z_spec"].tolist()[1:]], pa.float64()),
            "flag": pa.array([None, *[4] * (N_ROWS - 1)], pa.int8()),
        }
    )
    pq.write_table(table, path, row_group_size=50)


def tripwire(path: Path) -> Path:
    """Folder that appears beside a file when its pickle is run."""
    return path.with_name(f"{path.name}.was-unpickled")


def gzipped() -> bytes:
    return gzip.compress(galaxies().to_csv(index=False).encode(), mtime=0)
