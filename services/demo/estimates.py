"""Validation results and photo-z tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from services.demo import files
from services.demo.photometry import BANDS
from services.demo.photoz import GRID, Estimates, estimate, probability_densities
from services.demo.positions import DEEP_EAST, DEEP_SOUTH, SOUTH_0H, WIDE, Field
from services.demo.recipe import DemoFiles
from services.demo.report import write_report
from services.demo.survey import Galaxies, simulate


def _estimated(rng: np.random.Generator, field: Field, n_rows: int, faint: float) -> tuple[Galaxies, Estimates]:
    sample = simulate(rng, field, n_rows, bright=18.0, faint=faint)
    return sample, estimate(rng, sample.redshift, sample.mag_i)


def with_densities(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """HDF5 in the qp layout: a PDF for every object, truth and point estimates beside it."""
    sample, guess = _estimated(rng, DEEP_SOUTH, n_rows, 24.8)
    densities = probability_densities(rng, guess, sample.redshift)
    ancillary = {
        "object_id": sample.object_id,
        "redshift": sample.redshift,
        "zmode": GRID[densities.argmax(axis=1)],
        "z_err": guess.z_err,
        "odds": guess.odds,
        **{f"mag_{band}_lsst": sample.photometry.mag[band] for band in BANDS},
    }
    return DemoFiles(files.write_qp(folder / "validation_pdfs.hdf5", GRID, densities, ancillary))


def with_report(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """CSV with truth and estimate; a picture and an HTML report lie beside it."""
    sample, guess = _estimated(rng, SOUTH_0H, n_rows, 24.0)
    columns = {
        "id": np.arange(1, n_rows + 1),
        "z_spec": sample.redshift.round(5),
        "z_phot": guess.z_phot.round(4),
        "z_phot_err": guess.z_err.round(4),
        "odds": guess.odds.round(3),
        "mag_i": sample.photometry.mag["i"].astype(np.float64).round(3),
    }
    report = write_report(folder, sample.redshift, guess)
    return DemoFiles(files.write_csv(folder / "validation_points.csv", columns), auxiliary=report)


def official_validation(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """Parquet with truth, estimates, 68 % interval and magnitudes."""
    sample, guess = _estimated(rng, WIDE, n_rows, 25.0)
    columns = {
        "objectId": sample.object_id,
        "coord_ra": sample.ra_deg,
        "coord_dec": sample.dec_deg,
        "z_true": sample.redshift,
        **_estimate_columns(guess),
        **{f"mag_{band}": sample.photometry.mag[band] for band in BANDS},
    }
    return DemoFiles(files.write_parquet(folder / "validation_full_depth.parquet", columns))


def official_table(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """Parquet without truth: id, position, estimate, interval, odds, i magnitude."""
    sample, guess = _estimated(rng, DEEP_EAST, n_rows, 25.3)
    columns = {
        "objectId": sample.object_id,
        "coord_ra": sample.ra_deg,
        "coord_dec": sample.dec_deg,
        **_estimate_columns(guess),
        "mag_i": sample.photometry.mag["i"],
    }
    return DemoFiles(files.write_parquet(folder / "photoz_deep_east.parquet", columns))


def _estimate_columns(guess: Estimates) -> dict[str, np.ndarray]:
    return {
        "z_mode": guess.z_phot,
        "z_err68_low": np.maximum(guess.z_phot - guess.z_err, 0.0),
        "z_err68_high": guess.z_phot + guess.z_err,
        "odds": guess.odds,
    }


def numbered_table(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """Whitespace ASCII with the numbered header that BPZ writes."""
    sample, guess = _estimated(rng, DEEP_SOUTH, n_rows, 24.5)
    columns = {
        "id": np.arange(1, n_rows + 1),
        "zb": guess.z_phot.round(4),
        "zbmin": np.maximum(guess.z_phot - guess.z_err, 0.005).round(4),
        "zbmax": (guess.z_phot + guess.z_err).round(4),
        "odds": guess.odds.round(3),
        "m_0": sample.photometry.mag["i"].astype(np.float64).round(3),
    }
    return DemoFiles(files.write_numbered(folder / "photoz_deep_south.bpz", columns))
