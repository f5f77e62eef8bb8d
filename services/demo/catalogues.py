"""Spec-z catalogues and object catalogues, each in the columns, units and format of another community."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from services.demo import files
from services.demo.photometry import BANDS
from services.demo.positions import DEEP_EAST, DEEP_SOUTH, EQUATOR_0H, SOUTH_0H, WIDE, Field
from services.demo.recipe import DemoFiles
from services.demo.spectroscopy import measured_redshift, unified_flag, vimos_flag, warning_flag
from services.demo.survey import Galaxies, simulate

STAR_FRACTION = 0.012
FAILED_REDSHIFT = -99.0


def _with_stars(rng: np.random.Generator, galaxies: Galaxies) -> np.ndarray:
    """Redshifts in which some targets turned out to be stars (radial velocities of some 100 km/s)."""
    redshift = galaxies.redshift.copy()
    is_star = rng.uniform(0, 1, redshift.size) < STAR_FRACTION
    redshift[is_star] = 3e-4 * rng.standard_normal(int(is_star.sum()))
    return redshift


def equatorial_compilation(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """CSV of several surveys on a unified flag scale; failures have redshift -99; the field crosses RA 0h."""
    sample = simulate(rng, EQUATOR_0H, n_rows, faint=22.6)
    redshift, error = measured_redshift(rng, _with_stars(rng, sample), 2e-4)
    flag = unified_flag(rng, n_rows)
    failed = (flag == 1) & (rng.uniform(0, 1, n_rows) < 0.3)
    columns = {
        "object_id": np.char.zfill(np.arange(1, n_rows + 1).astype(str), 7),
        "ra": sample.ra_deg.round(6),
        "dec": sample.dec_deg.round(6),
        "z": np.where(failed, FAILED_REDSHIFT, redshift.round(5)),
        "z_err": np.where(failed, FAILED_REDSHIFT, error.round(6)),
        "z_flag": flag,
        "survey": rng.choice(["OzDES", "2dFGRS", "GAMA", "WiggleZ"], n_rows, p=[0.4, 0.25, 0.25, 0.1]),
    }
    return DemoFiles(files.write_csv(folder / "equatorial_compilation.csv", columns))


def southern_survey(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """FITS in the columns of redrock, warning bits as flags; the field crosses RA 0h."""
    sample = simulate(rng, SOUTH_0H, n_rows, faint=22.0)
    redshift, error = measured_redshift(rng, _with_stars(rng, sample), 5e-5)
    columns = {
        "TARGETID": 39_627_000_000_000_000 + sample.object_id % 10**12,
        "TARGET_RA": sample.ra_deg,
        "TARGET_DEC": sample.dec_deg,
        "Z": redshift,
        "ZERR": error,
        "ZWARN": warning_flag(rng, n_rows),
        "SPECTYPE": np.where(redshift < 0.002, "STAR", "GALAXY"),
        "MAG_R": sample.photometry.mag["r"],
        "MAG_Z": sample.photometry.mag["z"],
    }
    units = {"TARGET_RA": "deg", "TARGET_DEC": "deg", "MAG_R": "mag", "MAG_Z": "mag"}
    return DemoFiles(files.write_fits(folder / "southern_survey.fits", columns, units, "REDSHIFTS"))


def deep_spectroscopy(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """VOTable with UCDs and VIMOS flags."""
    sample = simulate(rng, DEEP_EAST, n_rows, bright=19.0, faint=24.0)
    redshift, error = measured_redshift(rng, _with_stars(rng, sample), 7e-4)
    columns = {
        "ID": 510_000_000 + np.arange(1, n_rows + 1),
        "RAJ2000": sample.ra_deg.round(6),
        "DEJ2000": sample.dec_deg.round(6),
        "zsp": redshift.round(4),
        "e_zsp": error.round(5),
        "q_zsp": vimos_flag(rng, n_rows),
        "imag": sample.photometry.mag["i"].astype(np.float64).round(3),
    }
    units = {"RAJ2000": "deg", "DEJ2000": "deg", "imag": "mag"}
    return DemoFiles(files.write_votable(folder / "deep_spectroscopy.vot", columns, units))


def reference_compilation(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """Parquet over three fields, secure redshifts only."""
    fields = (EQUATOR_0H, DEEP_EAST, DEEP_SOUTH)
    parts = [simulate(rng, field, n_rows // len(fields), faint=23.0) for field in fields]
    redshift = np.concatenate([part.redshift for part in parts])
    measured, error = measured_redshift(rng, redshift, 2e-4)
    columns = {
        "id": np.concatenate([part.object_id for part in parts]),
        "ra": np.concatenate([part.ra_deg for part in parts]),
        "dec": np.concatenate([part.dec_deg for part in parts]),
        "redshift": measured,
        "redshift_err": error,
        "z_flag": rng.choice(np.array([4, 3]), redshift.size, p=[0.7, 0.3]),
        "survey": np.repeat(np.array(["equatorial", "deep east", "deep south"]), n_rows // len(fields)),
    }
    return DemoFiles(files.write_parquet(folder / "reference_compilation.parquet", columns))


def object_catalogue(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """FITS with positions, six magnitudes and their errors, no redshift."""
    sample = simulate(rng, DEEP_SOUTH, n_rows)
    columns: dict[str, np.ndarray] = {
        "objectId": sample.object_id,
        "coord_ra": sample.ra_deg,
        "coord_dec": sample.dec_deg,
        "extendedness": np.ones(n_rows, np.int16),
    }
    for band in BANDS:
        columns[f"{band}_cModelMag"] = sample.photometry.mag[band]
        columns[f"{band}_cModelMagErr"] = sample.photometry.mag_err[band]
    units = {name: "mag" for name in columns if "Mag" in name} | {"coord_ra": "deg", "coord_dec": "deg"}
    return DemoFiles(files.write_fits(folder / "objects_deep_south.fits", columns, units, "OBJECTS"))


def field_list(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """Semicolon-separated list of the simulated fields and pointings around them, with a Markdown note."""
    fields = (EQUATOR_0H, SOUTH_0H, DEEP_EAST, DEEP_SOUTH, WIDE)
    names = np.array(["equator 0h", "south 0h", "deep east", "deep south", "wide"])
    chosen = rng.integers(0, len(fields), n_rows)
    centres = np.array([_dithered(rng, fields[k]) for k in chosen])
    columns = {
        "pointing": np.arange(1, n_rows + 1),
        "field": names[chosen],
        "ra": centres[:, 0].round(5),
        "dec": centres[:, 1].round(5),
        "seeing_arcsec": rng.lognormal(-0.4, 0.15, n_rows).round(3),
        "depth_i_mag": (24.0 + 0.2 * rng.standard_normal(n_rows)).round(3),
    }
    note = folder / "README.md"
    note.write_text("# Pointings\n\nOne row is one visit. Depths are 5-sigma, AB, for points.\n")
    return DemoFiles(files.write_csv(folder / "pointings.csv", columns, separator=";"), description=(note,))


def _dithered(rng: np.random.Generator, field: Field) -> tuple[float, float]:
    return (field.ra_deg + 0.5 * rng.standard_normal()) % 360.0, field.dec_deg + 0.5 * rng.standard_normal()
