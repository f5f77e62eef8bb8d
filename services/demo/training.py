"""Training sets, and what a training leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from services.demo import files
from services.demo.photometry import BANDS
from services.demo.positions import DEEP_EAST, DEEP_SOUTH, WIDE
from services.demo.recipe import DemoFiles
from services.demo.survey import Galaxies, simulate

AB_ZERO_POINT_NJY = 31.4
NOT_DETECTED = 99.0


def _magnitude_columns(sample: Galaxies, suffix: str = "") -> dict[str, np.ndarray]:
    columns = {}
    for band in BANDS:
        columns[f"mag_{band}{suffix}"] = sample.photometry.mag[band]
        columns[f"mag_err_{band}{suffix}"] = sample.photometry.mag_err[band]
    return columns


def full_depth(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """Parquet: ids of 19 digits, positions, redshift, six magnitudes and errors."""
    sample = simulate(rng, WIDE, n_rows)
    columns = {
        "objectId": sample.object_id,
        "ra": sample.ra_deg,
        "dec": sample.dec_deg,
        "redshift": sample.redshift,
        **_magnitude_columns(sample),
    }
    return DemoFiles(files.write_parquet(folder / "training_full_depth.parquet", columns))


def photometry_group(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """HDF5 with a group ``photometry``, non-detections 99 as RAIL writes them."""
    sample = simulate(rng, DEEP_SOUTH, n_rows, faint=25.0)
    magnitudes = {
        name: np.where(np.isnan(values), np.float32(NOT_DETECTED), values)
        for name, values in _magnitude_columns(sample, "_lsst").items()
    }
    columns = {"id": sample.object_id % 10**9, "redshift": sample.redshift, **magnitudes}
    return DemoFiles(files.write_hdf5(folder / "training_deep_south.hdf5", columns, "photometry"))


def flux_table(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """Gzipped CSV with fluxes in nJy under Rubin names."""
    sample = simulate(rng, DEEP_EAST, n_rows, faint=24.5)
    columns = {
        "objectId": sample.object_id,
        "coord_ra": sample.ra_deg.round(7),
        "coord_dec": sample.dec_deg.round(7),
        "z_spec": sample.redshift.round(5),
    }
    for band in BANDS:
        mag = sample.photometry.mag[band].astype(np.float64)
        flux = 10 ** (0.4 * (AB_ZERO_POINT_NJY - mag))
        columns[f"{band}_cModelFlux"] = flux.round(3)
        columns[f"{band}_cModelFluxErr"] = (flux * sample.photometry.mag_err[band] / 1.0857).round(3)
    return DemoFiles(files.write_csv(folder / "training_fluxes.csv.gz", columns))


def small_sample(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """A few hundred rows of CSV."""
    sample = simulate(rng, DEEP_EAST, n_rows, faint=23.5)
    columns = {
        "id": np.arange(1, n_rows + 1),
        "ra": sample.ra_deg.round(6),
        "dec": sample.dec_deg.round(6),
        "z_spec": sample.redshift.round(4),
        **{f"mag_{band}": sample.photometry.mag[band].astype(np.float64).round(3) for band in BANDS},
    }
    return DemoFiles(files.write_csv(folder / "small_sample.csv", columns))


def trained_model(rng: np.random.Generator, folder: Path, n_rows: int) -> DemoFiles:
    """A model as JSON (never a pickle), the log of its training, and a note."""
    loss = 0.9 * np.exp(-np.arange(n_rows) / 12) + 0.06 + 0.004 * rng.standard_normal(n_rows)
    model, log, note = folder / "model.json", folder / "training.log", folder / "README.md"
    weights = {"bands": BANDS, "depth": 8, "n_trees": n_rows, "loss_per_round": loss.round(5).tolist()}
    model.write_text(json.dumps(weights, indent=1) + "\n")
    log.write_text("".join(f"round {k + 1:3d}  loss {value:.5f}\n" for k, value in enumerate(loss)))
    note.write_text("# Boosted trees\n\nTrained on the official training set; inputs are the six magnitudes.\n")
    return DemoFiles(model, auxiliary=(log,), description=(note,))
