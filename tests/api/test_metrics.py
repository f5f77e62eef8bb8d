"""Metrics of a validation product over HTTP: PDFs on the grid of their file, bins by redshifts and magnitude."""

from __future__ import annotations

import io
from typing import Any

import h5py
import numpy as np
import pytest
import requests

from tests.support.ingests import ingested
from tests.support.live import Live

N = 500
GRID = np.linspace(0, 3, 151)


@pytest.fixture(scope="module")
def sample() -> dict[str, np.ndarray]:
    """Redshifts, estimates and Gaussian PDFs about them."""
    random = np.random.default_rng(4)
    z = random.uniform(0.2, 2.0, N)
    centre = z + random.normal(0, 0.1, N)
    pdfs = np.exp(-0.5 * ((GRID - centre[:, None]) / 0.1) ** 2)
    return {"z_spec": z, "zmode": centre, "mag_i": random.normal(22, 1, N), "yvals": pdfs}


@pytest.fixture(scope="module")
def answer(live: Live, sample: dict[str, np.ndarray]) -> Any:
    """Asks for the metrics of a product that was made as qp writes ensembles."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file["meta/pdf_name"] = np.array([b"interp"])
        file["meta/xvals"] = GRID[None]
        file["data/yvals"] = sample["yvals"]
        for name in ("z_spec", "zmode", "mag_i"):
            file[f"ancil/{name}"] = sample[name]
    owner = live.people["owner1"]
    product = ingested(live.container, owner, content.getvalue(), "ensemble.hdf5", "validation_results")
    session = requests.Session()
    session.headers["Authorization"] = f"Token {live.container.tokens.create(owner, 'metrics').key}"

    def ask(**parameters: Any) -> Any:
        found = session.get(f"{live.url}/api/products/{product.id}/metrics/", params=parameters, timeout=60)
        return found.json() | {"status": found.status_code}

    return ask


def test_pdfs_are_judged_on_the_grid_of_the_file(answer: Any, sample: dict[str, np.ndarray]) -> None:
    found = answer()
    pdfs = sample["yvals"] / np.trapezoid(sample["yvals"], GRID, axis=1)[:, None]
    cdfs = np.concatenate([np.zeros((N, 1)), np.cumsum((pdfs[:, 1:] + pdfs[:, :-1]) / 2 * np.diff(GRID), axis=1)], 1)
    z = sample["z_spec"]
    pits = np.sort([np.interp(x, GRID, cdf) for x, cdf in zip(z, cdfs, strict=True)])
    heights = [np.interp(x, GRID, pdf) for x, pdf in zip(z, pdfs, strict=True)]
    steps = np.arange(N + 1) / N
    assert set(found["pdf"]) == {"cde_loss", "crps", "pit_ks", "pit_mean"}
    assert found["pdf"]["pit_mean"] == pytest.approx(pits.mean())
    assert found["pdf"]["pit_ks"] == pytest.approx(max((steps[1:] - pits).max(), (pits - steps[:-1]).max()))
    assert found["pdf"]["cde_loss"] == pytest.approx(np.trapezoid(pdfs**2, GRID, axis=1).mean() - 2 * np.mean(heights))
    assert found["pdf"]["crps"] == pytest.approx(0.1 / np.sqrt(np.pi), rel=0.05)
    assert answer(cut="z_spec < 0.5")["pdf"]["pit_mean"] != found["pdf"]["pit_mean"]
    assert answer(cut="z_spec > 5")["pdf"] is None


def test_bins_are_by_both_redshifts_and_magnitude(answer: Any, sample: dict[str, np.ndarray]) -> None:
    found = answer(z_width=0.4, mag_width=1)
    assert (found["z_phot"], found["z_spec"], found["magnitude"]) == ("zmode", "z_spec", "mag_i")
    by = {"bins": "z_spec", "bins_by_z_phot": "zmode", "bins_by_magnitude": "mag_i"}
    for key, column in by.items():
        width = 1 if column == "mag_i" else 0.4
        for one in found[key]:
            assert one["high"] - one["low"] == pytest.approx(width)
            inside = (sample[column] >= one["low"]) & (sample[column] < one["high"])
            assert one["n"] == inside.sum() >= 30
            assert one["errors"]["bias"] > 0
        assert found[key]
    assert answer(z_width=0)["status"] == 400
