"""Roles on real public files equal the reference answers, where those files are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.columns.matching import guess_roles
from services.formats.registry import open_table
from services.models.tables import ColumnProfile
from services.statistics.canonical_writer import write_canonical
from tests.services.columns.profiles import roles

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
ANSWERS = json.loads((DATA / "reference_answers.json").read_text())["files"] if DATA.is_dir() else {}


def profiles_of(name: str, folder: Path) -> tuple[ColumnProfile, ...]:
    """Column profiles as the ingest makes them."""
    reader = open_table(DATA / name, name, scratch=folder)
    try:
        return write_canonical(reader, folder / "canonical.parquet").profiles
    finally:
        reader.close()


PRODUCT_TYPE_OF: dict[str, str] = {
    "linea_upload_example.csv": "redshift_catalog",
    "vvds_deep_veryreliable.csv": "redshift_catalog",
    "zcosmost_bright20k.csv": "redshift_catalog",
    "boss_dr10_0.csv": "training_set",
    "boss_dr10_0.fits.gz": "training_set",
    "SDSS_MGS.train": "training_set",
    "hdfn_fs99_eazy.cat": "training_set",
    "COSMOS_first100specz.fits": "training_set",
    "test_dc2_training_9816.hdf5": "training_set",
    "rubin_dm_dc2_example.pq": "other",
    "desi_redrock-test.fits": "redshift_catalog",
    "cwwsb4_i_photoz.bpz": "validation_results",
    "N8_trained_i2_photoz.bpz": "validation_results",
    "photozdc1_estimates_file.dat": "photoz_estimates",
    "2df.dat": "redshift_catalog",
    "roman_f158_cat.parquet": "other",
    "ned_query_refcode.xml": "redshift_catalog",
    "alfalfa_cat_small.txt": "redshift_catalog",
    "dc2_knn_pdf_validation.hdf5": "validation_results",
    "output_BPZ_lite.hdf5": "photoz_estimates",
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
        return f"col{answer.split()[1]}"
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


@pytest.mark.parametrize("name", sorted(set(PRODUCT_TYPE_OF) & set(ANSWERS)))
def test_roles_equal_the_reference_answers(name: str, tmp_path: Path) -> None:
    guesses = guess_roles(profiles_of(name, tmp_path), PRODUCT_TYPE_OF[name])
    found = {role.lower(): column for role, column in roles(guesses).items()}
    wanted = expected(ANSWERS[name]["roles"])
    assert wanted
    assert {role: found.get(role) for role in wanted} == wanted
    assert len({guess.column for guess in guesses}) == len(guesses)


@pytest.mark.parametrize("name", sorted({"2df.dat"} & set(ANSWERS)))
def test_nameless_radians_wait_for_a_person(name: str, tmp_path: Path) -> None:
    found = {g.role: g for g in guess_roles(profiles_of(name, tmp_path), "redshift_catalog")}
    assert found["ra"].transform == found["dec"].transform == "rad_to_deg"
    assert all(guess.needs_confirmation and guess.how == "values" for guess in found.values())


@pytest.mark.parametrize("name", sorted({"COSMOS_first100specz.fits"} & set(ANSWERS)))
def test_thirty_lephare_fluxes_with_their_errors(name: str, tmp_path: Path) -> None:
    guesses = guess_roles(profiles_of(name, tmp_path), "training_set")
    pairs = {g.column.replace("f_", "", 1) for g in guesses if g.role == "flux"}
    errors = {g.column.replace("ferr_", "", 1) for g in guesses if g.role == "flux_err"}
    assert len(pairs) == 30
    assert pairs == errors
    units = {g.band: g.unit for g in guesses if g.role == "flux"}
    assert {units[band] for band in ("u", "g", "r", "i", "z", "y", "J", "H", "K")} == {"erg / (s cm2 Hz)"}
