"""Small odd files, one trap each, made from nothing: ``python -m tests.data.make_odd_files FOLDER``.

The readable ones hold the same 120 simulated galaxies, so that every reader must give the same N(z).
"""

from __future__ import annotations

import argparse
import gzip
import io
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.coordinates import Angle
from astropy.io import fits
from astropy.table import Table

N_ROWS = 120
N_WIDE = 1500
BOMB_BYTES = 64 * 2**20
"""Zeros inside the small zip: a thousandth of that compressed."""

Maker = Callable[[Path], object]


def galaxies(n_rows: int = N_ROWS) -> pd.DataFrame:
    """The table most files are made of: id, ra, dec, z_spec, mag_i, always the same numbers."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "id": np.arange(1001, 1001 + n_rows),
            "ra": (150.0 + rng.uniform(-0.5, 0.5, n_rows)).round(6),
            "dec": (2.2 + rng.uniform(-0.5, 0.5, n_rows)).round(6),
            "z_spec": rng.gamma(3, 0.25, n_rows).round(4),
            "mag_i": rng.uniform(18, 24, n_rows).round(3),
        }
    )


def _text(path: Path, frame: pd.DataFrame, separator: str = ",") -> None:
    frame.to_csv(path, index=False, sep=separator, lineterminator="\n")


def _sentinels(path: Path) -> None:
    frame = galaxies()
    frame.loc[:9, "z_spec"] = [-1, -9, -9.99, -99, -99.9, -999, -9999, 9.999, 99, 9999]
    frame.loc[10, "z_spec"] = np.nan
    frame.loc[11:14, "z_spec"] = [-0.0109, 0.0003, -0.06, 13.0]
    frame.loc[0:2, "mag_i"] = [99.0, -99.0, np.inf]
    _text(path, frame)


def _radians(path: Path) -> None:
    frame = galaxies()
    frame["ra"] = np.radians(np.random.default_rng(1).uniform(0, 360, N_ROWS)).round(8)
    frame["dec"] = np.radians(np.linspace(-35, 1, N_ROWS)).round(8)
    _text(path, frame)


def _hour_angle(path: Path) -> None:
    frame = galaxies()
    frame["ra"] = Angle(frame["ra"].to_numpy(), "deg").to_string("hourangle", sep=":", precision=4, pad=True)
    frame["dec"] = Angle(frame["dec"].to_numpy(), "deg").to_string("deg", sep=":", precision=3, alwayssign=True)
    _text(path, frame)


def _across_0h(path: Path) -> None:
    frame = galaxies()
    frame["ra"] = ((frame["ra"] - 150.0 + 360.0) % 360.0).round(6)
    _text(path, frame)


def _without(*names: str) -> Maker:
    return lambda path: _text(path, galaxies().drop(columns=list(names)))


def _narrow_header(path: Path) -> None:
    rows = "\n".join(" ".join(map(str, row)) for row in galaxies().itertuples(index=False))
    path.write_text(f"# id ra dec z_spec\n{rows}\n")


def _hash_header(path: Path) -> None:
    rows = "\n".join("  ".join(map(str, row)) for row in galaxies().itertuples(index=False))
    path.write_text(f"# made from nothing\n# id ra dec z_spec mag_i\n{rows}\n")


def _numbered_header(path: Path) -> None:
    names = ["id", "z_spec", "zb", "odds"]
    frame = galaxies().assign(zb=lambda t: (t["z_spec"] + 0.01).round(4), odds=0.95)[names]
    header = "\n".join(f"#  {number} {name}" for number, name in enumerate(names, 1))
    path.write_text(f"## photo-z of a small field\n{header}\n{frame.to_string(index=False, header=False)}\n")


def _no_header(path: Path) -> None:
    galaxies().to_csv(path, index=False, header=False, sep=" ")


def _latin_1(path: Path) -> None:
    frame = galaxies().assign(observer="Señor Müller")
    path.write_bytes(frame.to_csv(index=False).encode("latin-1"))


def _utf16(path: Path) -> None:
    path.write_bytes(galaxies().to_csv(index=False).encode("utf-16"))


def _byte_order_mark(path: Path) -> None:
    path.write_bytes(galaxies().to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))


def _duplicated_names(path: Path) -> None:
    frame = galaxies()
    frame.columns = ["id", "ra", "dec", "z_spec", "z_spec"]
    _text(path, frame)


def _wide(path: Path) -> None:
    numbers = np.arange(N_ROWS * N_WIDE).reshape(N_ROWS, N_WIDE)
    extra = pd.DataFrame(numbers, columns=[f"feature_{k}" for k in range(N_WIDE)])
    _text(path, pd.concat([galaxies(), extra], axis=1).iloc[:, :N_WIDE])


def _nan_redshift(path: Path) -> None:
    _text(path, galaxies().assign(z_spec=np.nan))


def _ragged(path: Path) -> None:
    lines = galaxies().to_csv(index=False).splitlines()
    lines[50] += ",surplus"
    lines[60] = lines[60].rsplit(",", 2)[0]
    path.write_text("\n".join(lines) + "\n")


def _half(path: Path, whole: bytes) -> None:
    path.write_bytes(whole[: len(whole) // 2])


def _truncated_gzip(path: Path) -> None:
    _half(path, gzip.compress(galaxies(4000).to_csv(index=False).encode(), mtime=0))


def _fits_bytes(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    hdu = fits.table_to_hdu(Table.from_pandas(frame))
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(stream)
    return stream.getvalue()


def _truncated_fits(path: Path) -> None:
    _half(path, _fits_bytes(galaxies(4000)))


def _parquet_bytes(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), stream)
    return stream.getvalue()


def _truncated_parquet(path: Path) -> None:
    _half(path, _parquet_bytes(galaxies(4000)))


def _garbage(path: Path) -> None:
    path.write_bytes(np.random.default_rng(3).integers(0, 256, 20_000, dtype=np.uint8).tobytes())


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("table.csv", "w") as member:
        member.write(b"id,z_spec\n")
        for _ in range(BOMB_BYTES // 2**20):
            member.write(b"0" * 2**20)


def _zip_traversal(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.csv", galaxies().to_csv(index=False))


def _tar_traversal(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("table.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        data = galaxies().to_csv(index=False).encode()
        member = tarfile.TarInfo("../outside.csv")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))


def _zip_of_one(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/table.csv", galaxies().to_csv(index=False))
        archive.writestr("README.txt", "One table and a note.\n")


def _big_endian_fits(path: Path) -> None:
    frame = galaxies()
    types = {"id": ">i8", "ra": ">f8", "dec": ">f8", "z_spec": ">f4", "mag_i": ">f4"}
    records = np.zeros(N_ROWS, dtype=list(types.items()))
    for name in types:
        records[name] = frame[name]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(records)]).writeto(path, overwrite=True)


def _vector_fits(path: Path) -> None:
    table = Table.from_pandas(galaxies())
    table["pz"] = np.random.default_rng(5).uniform(0, 1, (N_ROWS, 21)).astype(np.float32)
    fits.HDUList([fits.PrimaryHDU(), fits.table_to_hdu(table)]).writeto(path, overwrite=True)


def _many_hdus(path: Path) -> None:
    image = fits.ImageHDU(np.zeros((8, 8), np.float32), name="COVERAGE")
    small = fits.table_to_hdu(Table({"key": ["a", "b"], "value": [1, 2]}))
    table = fits.table_to_hdu(Table.from_pandas(galaxies()))
    small.name, table.name = "SETTINGS", "REDSHIFTS"
    fits.HDUList([fits.PrimaryHDU(), image, small, table]).writeto(path, overwrite=True)


def _hdf5_flat(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, values in galaxies().items():
            file[str(name)] = values.to_numpy()


def _hdf5_group(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, values in galaxies().items():
            file[f"photometry/{name}"] = values.to_numpy()


def _hdf5_qp(path: Path) -> None:
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


def _hdf5_pickled(path: Path) -> None:
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


def _hdf5_external_link(path: Path) -> None:
    with h5py.File(path.with_name("link_target.h5"), "w") as target:
        target["secret"] = np.arange(N_ROWS, dtype=float)
    with h5py.File(path, "w") as file:
        file["id"] = np.arange(N_ROWS)
        file["z_spec"] = h5py.ExternalLink("link_target.h5", "/secret")


def _hdf5_external_storage(path: Path) -> None:
    raw = path.with_name("external_storage.raw")
    raw.write_bytes(np.arange(N_ROWS, dtype=np.float64).tobytes())
    with h5py.File(path, "w") as file:
        file["id"] = np.arange(N_ROWS)
        file.create_dataset("z_spec", (N_ROWS,), np.float64, external=[(raw.name, 0, N_ROWS * 8)])


def _votable(path: Path) -> None:
    Table.from_pandas(galaxies()).write(path, format="votable")


def _votable_stream(path: Path) -> None:
    path.with_name("stream_target.bin").write_bytes(np.arange(N_ROWS, dtype=">f8").tobytes())
    path.write_text(
        '<?xml version="1.0"?>\n<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>'
        '<FIELD name="z_spec" datatype="double"/><DATA><BINARY><STREAM href="file:stream_target.bin"/></BINARY></DATA>'
        "</TABLE></RESOURCE></VOTABLE>\n"
    )


def _ecsv(path: Path) -> None:
    table = Table.from_pandas(galaxies())
    table["ra"].unit = table["dec"].unit = "deg"
    table.write(path, format="ascii.ecsv")


def _npy(path: Path) -> None:
    np.save(path, galaxies().to_records(index=False))


def _npy_object(path: Path) -> None:
    np.save(path, np.array([_Tripwire(str(tripwire(path)))], dtype=object), allow_pickle=True)


def _pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(_Tripwire(str(tripwire(path)))))


def _leading_zeros(path: Path) -> None:
    frame = galaxies()
    frame["id"] = [f"{number:08d}" for number in frame["id"]]
    _text(path, frame)


def _long_ids(path: Path) -> None:
    frame = galaxies()
    frame["id"] = 1_249_537_790_362_809_000 + np.arange(1, 2 * N_ROWS, 2)
    _text(path, frame)


def _float32_noise(path: Path) -> None:
    frame = galaxies().astype({"z_spec": np.float32, "mag_i": np.float32})
    frame.loc[0, "z_spec"] = np.float32(0.38)
    path.write_bytes(_parquet_bytes(frame))


def _nullable_parquet(path: Path) -> None:
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


ODD_FILES: dict[str, tuple[str, Maker]] = {
    "plain": ("plain.csv", lambda path: _text(path, galaxies())),
    "semicolon": ("semicolon.csv", lambda path: _text(path, galaxies(), ";")),
    "tab": ("tab.tsv", lambda path: _text(path, galaxies(), "\t")),
    "hash_header": ("hash_header.txt", _hash_header),
    "numbered_header": ("numbered_header.bpz", _numbered_header),
    "no_header": ("no_header.dat", _no_header),
    "narrow_header": ("narrow_header.dat", _narrow_header),
    "byte_order_mark": ("byte_order_mark.csv", _byte_order_mark),
    "latin_1": ("latin_1.csv", _latin_1),
    "utf_16": ("utf_16.csv", _utf16),
    "sentinels": ("sentinels.csv", _sentinels),
    "radians": ("radians.csv", _radians),
    "hour_angle": ("hour_angle.csv", _hour_angle),
    "across_0h": ("across_0h.csv", _across_0h),
    "missing_position": ("missing_position.csv", _without("ra", "dec")),
    "missing_redshift": ("missing_redshift.csv", _without("z_spec")),
    "duplicated_names": ("duplicated_names.csv", _duplicated_names),
    "ragged": ("ragged.csv", _ragged),
    "wide": ("wide.csv", _wide),
    "nan_redshift": ("nan_redshift.csv", _nan_redshift),
    "one_column": ("one_column.csv", lambda path: _text(path, galaxies()[["z_spec"]])),
    "header_only": ("header_only.csv", lambda path: path.write_text("id,ra,dec,z_spec\n")),
    "empty": ("empty.csv", lambda path: path.touch()),
    "garbage": ("garbage.csv", _garbage),
    "gzip": ("table.csv.gz", lambda path: path.write_bytes(_gzipped())),
    "truncated_gzip": ("truncated.csv.gz", _truncated_gzip),
    "truncated_fits": ("truncated.fits", _truncated_fits),
    "truncated_parquet": ("truncated.parquet", _truncated_parquet),
    "zip_of_one": ("one_table.zip", _zip_of_one),
    "zip_bomb": ("bomb.zip", _zip_bomb),
    "zip_traversal": ("traversal.zip", _zip_traversal),
    "tar_traversal": ("traversal.tar.gz", _tar_traversal),
    "big_endian_fits": ("big_endian.fits", _big_endian_fits),
    "vector_fits": ("vector.fits", _vector_fits),
    "many_hdus": ("many_hdus.fits", _many_hdus),
    "hdf5_flat": ("flat.h5", _hdf5_flat),
    "hdf5_group": ("group.hdf5", _hdf5_group),
    "hdf5_qp": ("qp.hdf5", _hdf5_qp),
    "hdf5_pickled": ("pickled.h5", _hdf5_pickled),
    "hdf5_external_link": ("external_link.h5", _hdf5_external_link),
    "hdf5_external_storage": ("external_storage.h5", _hdf5_external_storage),
    "votable": ("table.vot", _votable),
    "votable_stream": ("stream.vot", _votable_stream),
    "ecsv": ("table.ecsv", _ecsv),
    "npy": ("table.npy", _npy),
    "npy_object": ("object.npy", _npy_object),
    "pickle": ("table.pkl", _pickle),
    "parquet": ("table.parquet", lambda path: path.write_bytes(_parquet_bytes(galaxies()))),
    "nullable_parquet": ("nullable.parquet", _nullable_parquet),
    "leading_zeros": ("leading_zeros.csv", _leading_zeros),
    "long_ids": ("long_ids.csv", _long_ids),
    "float32_noise": ("float32_noise.parquet", _float32_noise),
}
"""Name of the trap: file name and the function that writes it."""


def _gzipped() -> bytes:
    return gzip.compress(galaxies().to_csv(index=False).encode(), mtime=0)


def make_odd_files(folder: Path) -> dict[str, Path]:
    """Write every odd file into ``folder``; name of the trap to its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in ODD_FILES.values():
        make(folder / name)
    return {trap: folder / name for trap, (name, _) in ODD_FILES.items()}


def main() -> None:
    """Make them where the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for trap, path in make_odd_files(parser.parse_args().folder).items():
        print(f"{trap:24s} {path.name:28s} {path.stat().st_size:>9,} bytes")


if __name__ == "__main__":
    main()
