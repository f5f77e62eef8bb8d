"""Roles on real public files equal the reference answers, where those files are at hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import parse_single_table

from services.columns.matching import guess_roles
from services.models.roles import RoleGuess
from services.models.tables import ColumnProfile
from tests.services.columns.profiles import measured, roles

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
ANSWERS = json.loads((DATA / "reference_answers.json").read_text())["files"] if DATA.is_dir() else {}
Columns = Iterator[ColumnProfile]


def csv_columns(path: Path) -> Columns:
    return frame_columns(pd.read_csv(path))


def frame_columns(frame: pd.DataFrame) -> Columns:
    return (measured(str(name), frame[name].to_numpy()) for name in frame)


def boss_columns(path: Path) -> Columns:
    names = [part.split(":")[1] for part in path.read_text().splitlines()[0].lstrip("#").split(";")]
    return frame_columns(pd.read_csv(path, comment="#", names=names))


def ascii_columns(path: Path, names: list[str]) -> Columns:
    return frame_columns(pd.read_csv(path, comment="#", sep=r"\s+", names=names))


def eazy_columns(path: Path) -> Columns:
    return ascii_columns(path, path.read_text().splitlines()[0].lstrip("#").split())


def bpz_columns(path: Path) -> Columns:
    lines = [line.split() for line in path.read_text().splitlines() if line.startswith("#")]
    return ascii_columns(path, [line[2] for line in lines if len(line) == 3 and line[1].isdigit()])


def mgs_columns(path: Path) -> Columns:
    return ascii_columns(path, ANSWERS[path.name]["columns"])


def tab_columns(path: Path) -> Columns:
    names = path.read_text().splitlines()[0].lstrip("#").split()
    return frame_columns(pd.read_csv(path, sep=r"\s+", skiprows=1, names=names))


def nameless_columns(path: Path) -> Columns:
    return ascii_columns(path, ["c1", "c2", "c3"])


def hdu_columns(hdu: fits.BinTableHDU, prefix: str = "") -> Columns:
    for column in hdu.columns:
        yield measured(prefix + column.name, np.asarray(hdu.data[column.name]), column.unit)


def fits_columns(path: Path) -> Columns:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream, fits.open(stream) as hdus:
        yield from list(hdu_columns(hdus[1]))


def redrock_columns(path: Path) -> Columns:
    with fits.open(path) as hdus:
        yield from list(hdu_columns(hdus["REDSHIFTS"]))
        yield from [c for c in hdu_columns(hdus["FIBERMAP"], "FIBERMAP.") if c.name != "FIBERMAP.TARGETID"]


def photometry_columns(path: Path) -> Columns:
    with h5py.File(path) as file:
        group = file["photometry"]
        yield from [measured(name, group[name][:]) for name in group]


def qp_columns(path: Path) -> Columns:
    with h5py.File(path) as file:
        yield from [measured(name, file["ancil"][name][:]) for name in file["ancil"]]
        yield measured("yvals", file["data/yvals"][:])


def parquet_columns(path: Path) -> Columns:
    table = pq.read_table(path)
    for field in table.schema:
        unit = (field.metadata or {}).get(b"unit", b"").decode() or None
        yield measured(field.name, table[field.name].to_numpy(), unit)


def ned_columns(path: Path) -> Columns:
    table = parse_single_table(path, verify="ignore")
    for field in table.fields:
        values = table.array[field.ID]
        plain = values.astype(float).filled(np.nan) if values.dtype.kind in "fiu" else values.filled("").astype(str)
        yield measured(field.name, plain, str(field.unit) if field.unit else None, field.ucd)


LOADERS: dict[str, tuple[str, Callable[[Path], Columns]]] = {
    "linea_upload_example.csv": ("redshift_catalog", csv_columns),
    "vvds_deep_veryreliable.csv": ("redshift_catalog", csv_columns),
    "zcosmost_bright20k.csv": ("redshift_catalog", csv_columns),
    "boss_dr10_0.csv": ("training_set", boss_columns),
    "boss_dr10_0.fits.gz": ("training_set", fits_columns),
    "SDSS_MGS.train": ("training_set", mgs_columns),
    "hdfn_fs99_eazy.cat": ("training_set", eazy_columns),
    "COSMOS_first100specz.fits": ("training_set", fits_columns),
    "test_dc2_training_9816.hdf5": ("training_set", photometry_columns),
    "rubin_dm_dc2_example.pq": ("other", parquet_columns),
    "desi_redrock-test.fits": ("redshift_catalog", redrock_columns),
    "cwwsb4_i_photoz.bpz": ("validation_results", bpz_columns),
    "N8_trained_i2_photoz.bpz": ("validation_results", bpz_columns),
    "photozdc1_estimates_file.dat": ("photoz_estimates", tab_columns),
    "2df.dat": ("redshift_catalog", nameless_columns),
    "roman_f158_cat.parquet": ("other", parquet_columns),
    "ned_query_refcode.xml": ("redshift_catalog", ned_columns),
    "alfalfa_cat_small.txt": ("redshift_catalog", csv_columns),
    "dc2_knn_pdf_validation.hdf5": ("validation_results", qp_columns),
    "output_BPZ_lite.hdf5": ("photoz_estimates", qp_columns),
}
PLAIN_ROLES = {
    "id": "id",
    "name": "name",
    "ra": "ra",
    "dec": "dec",
    "redshift": "redshift",
    "redshift_err": "redshift_err",
    "z_flag": "z_flag",
    "z_phot": "z_phot",
    "z_low": "z_low",
    "z_high": "z_high",
    "odds": "odds",
    "z_quality": "odds",
    "ref_mag": "ref_mag",
    "selection_mag": "ref_mag",
    "velocity": "velocity",
    "z_mode": "z_phot",
    "pdf": "pdf",
    "z_err": "z_phot_err",
}
"""Word of the reference answers to role of the portal."""

BAND_ROLES = {"mags": "mag", "magerrs": "mag_err", "fluxes": "flux", "flux_errs": "flux_err"}


def plain_column(answer: str) -> str:
    """Column name of an answer: without remarks and without the place inside the file."""
    if answer.startswith("column "):
        return f"c{answer.split()[1]}"
    name = answer.split(" (or ")[0].split(" (0 ")[0].split(" (km")[0]
    return name.split("/")[-1]


def expected(answer: dict[str, Any]) -> dict[str, str | None]:
    wanted: dict[str, str | None] = {}
    for word, value in answer.items():
        if word in PLAIN_ROLES:
            wanted[PLAIN_ROLES[word]] = plain_column(value) if value else None
        elif word in BAND_ROLES and isinstance(value, dict):
            wanted |= {f"{BAND_ROLES[word]} {band}".lower(): column for band, column in value.items()}
    return wanted


@pytest.mark.parametrize("name", sorted(set(LOADERS) & set(ANSWERS)))
def test_roles_equal_the_reference_answers(name: str) -> None:
    product_type, load = LOADERS[name]
    guesses = guess_roles(list(load(DATA / name)), product_type)
    found = {role.lower(): column for role, column in roles(guesses).items()}
    wanted = expected(ANSWERS[name]["roles"])
    assert wanted
    assert {role: found.get(role) for role in wanted} == wanted
    assert len({guess.column for guess in guesses}) == len(guesses)


def guesses_of(name: str) -> dict[str, RoleGuess]:
    product_type, load = LOADERS[name]
    return {g.role: g for g in guess_roles(list(load(DATA / name)), product_type)}


@pytest.mark.parametrize("name", sorted({"2df.dat"} & set(ANSWERS)))
def test_nameless_radians_wait_for_a_person(name: str) -> None:
    found = guesses_of(name)
    assert found["ra"].transform == found["dec"].transform == "rad_to_deg"
    assert all(guess.needs_confirmation and guess.how == "values" for guess in found.values())


@pytest.mark.parametrize("name", sorted({"COSMOS_first100specz.fits"} & set(ANSWERS)))
def test_thirty_lephare_fluxes_with_their_errors(name: str) -> None:
    guesses = guess_roles(list(fits_columns(DATA / name)), "training_set")
    pairs = {g.column.replace("f_", "", 1) for g in guesses if g.role == "flux"}
    errors = {g.column.replace("ferr_", "", 1) for g in guesses if g.role == "flux_err"}
    assert len(pairs) == 30
    assert pairs == errors
    units = {g.band: g.unit for g in guesses if g.role == "flux"}
    assert {units[band] for band in ("u", "g", "r", "i", "z", "y", "J", "H", "K")} == {"erg / (s cm2 Hz)"}
