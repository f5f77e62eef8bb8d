"""Small odd files, one trap each, made from nothing: ``python -m tests.data.make_odd_files FOLDER``.

The readable ones hold the same 120 simulated galaxies, so that every reader must give the same N(z).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.coordinates import Angle

from tests.data import odd_binary as binary
from tests.data.galaxies import N_ROWS, galaxies

N_WIDE = 1500

Maker = Callable[[Path], object]


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


def _leading_zeros(path: Path) -> None:
    frame = galaxies()
    frame["id"] = [f"{number:08d}" for number in frame["id"]]
    _text(path, frame)


def _long_ids(path: Path) -> None:
    frame = galaxies()
    frame["id"] = 1_249_537_790_362_809_000 + np.arange(1, 2 * N_ROWS, 2)
    _text(path, frame)


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
    "garbage": ("garbage.csv", binary.garbage),
    "gzip": ("table.csv.gz", lambda path: path.write_bytes(binary.gzipped())),
    "truncated_gzip": ("truncated.csv.gz", binary.truncated_gzip),
    "truncated_fits": ("truncated.fits", binary.truncated_fits),
    "truncated_parquet": ("truncated.parquet", binary.truncated_parquet),
    "zip_of_one": ("one_table.zip", binary.zip_of_one),
    "zip_bomb": ("bomb.zip", binary.zip_bomb),
    "zip_traversal": ("traversal.zip", binary.zip_traversal),
    "tar_traversal": ("traversal.tar.gz", binary.tar_traversal),
    "big_endian_fits": ("big_endian.fits", binary.big_endian_fits),
    "vector_fits": ("vector.fits", binary.vector_fits),
    "many_hdus": ("many_hdus.fits", binary.many_hdus),
    "hdf5_flat": ("flat.h5", binary.hdf5_flat),
    "hdf5_group": ("group.hdf5", binary.hdf5_group),
    "hdf5_qp": ("qp.hdf5", binary.hdf5_qp),
    "hdf5_pickled": ("pickled.h5", binary.hdf5_pickled),
    "hdf5_external_link": ("external_link.h5", binary.hdf5_external_link),
    "hdf5_external_storage": ("external_storage.h5", binary.hdf5_external_storage),
    "votable": ("table.vot", binary.votable),
    "votable_stream": ("stream.vot", binary.votable_stream),
    "ecsv": ("table.ecsv", binary.ecsv),
    "npy": ("table.npy", binary.npy),
    "npy_object": ("object.npy", binary.npy_object),
    "pickle": ("table.pkl", binary.pickled),
    "parquet": ("table.parquet", lambda path: path.write_bytes(binary.parquet_bytes(galaxies()))),
    "nullable_parquet": ("nullable.parquet", binary.nullable_parquet),
    "leading_zeros": ("leading_zeros.csv", _leading_zeros),
    "long_ids": ("long_ids.csv", _long_ids),
    "float32_noise": ("float32_noise.parquet", binary.float32_noise),
}
"""Name of the trap: file name and the function that writes it."""


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
